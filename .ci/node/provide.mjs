// node .ci/node/provide.mjs: gets each Node that CI runs on, and prints the folder that they are in
// (`node-26/bin/node` and so on).
import { providePackages } from '../provide-packages.mjs';

console.log(providePackages(import.meta.dirname, 'node-versions'));
