import path from 'node:path';
import { PACKAGE_ROOT } from '../../package-root';

/** Where the console's page is built to. */
export const CONSOLE_FOLDER = path.join(PACKAGE_ROOT, 'dist/console');
