/**
 * The module that keeps signals of reserved names from workflows: for those who bundle them, which
 * take it along.
 */
export const RESERVED_NAMES_PATH = require.resolve('./reserved-names');
