import path from 'node:path';

const TWO_UP = path.resolve(__dirname, '../..');

/** The folder of package.json: above `src`, and above `dist` for what was built into it. */
export const PACKAGE_ROOT = path.basename(TWO_UP) === 'dist' ? path.dirname(TWO_UP) : TWO_UP;
