import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Makes messages and stack traces of failures part of what is encrypted; their types, which the API and workflows go by, stay in clear. Workers load it
 * into the workflows' sandbox, too.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
