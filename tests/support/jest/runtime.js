const { createRequire, isBuiltin } = require('node:module');
const vm = require('node:vm');
const { transformFileSync } = require('@swc/core');
const { default: JestRuntime } = require('jest-runtime');

/** What jest makes anew for each suite, under this name. */
const OF_JEST = new Set(['@jest/globals', '@jest/expect', 'expect']);

const isPackage = (name) => !/^[./]/.test(name) && !isBuiltin(name) && !OF_JEST.has(name);

/** Temporal's SDK loads our converters by their path. */
require.extensions['.ts'] = (module, filename) => {
  const options = { jsc: { parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
  module._compile(transformFileSync(filename, options).code, filename);
};

/**
 * Loads packages once for a process, not once for each suite: Temporal's SDK and its kin take a
 * second or two of the processor each time. Our own modules are every suite's own.
 */
module.exports = class extends JestRuntime {
  constructor(...args) {
    super(...args);
    // In the realm of the process: see `environment.js`.
    this.executor.compile = (source, filename) =>
      vm.compileFunction(source, this.executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
  }

  requireModuleOrMock(from, name) {
    return isPackage(name) ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
  }
};
