import path from 'node:path';

const ONE_UP = path.dirname(__dirname);

/** The folder of package.json: above `src`, and above `dist` for what was built into it. */
export const PACKAGE_ROOT = path.basename(ONE_UP) === 'dist' ? path.dirname(ONE_UP) : ONE_UP;
