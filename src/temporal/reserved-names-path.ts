/**
 * The module that keeps signals of reserved names from workflows; a bundle of workflows includes
 * it.
 */
export const RESERVED_NAMES_PATH = require.resolve('./reserved-names');
