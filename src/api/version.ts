import packageJson from '../../package.json';

export const NAME = packageJson.name;
export const VERSION = packageJson.version;
