export { waitUntil } from '../../src/cli/wait';
