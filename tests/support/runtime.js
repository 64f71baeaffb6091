const { AsyncLocalStorage } = require('node:async_hooks');
const path = require('node:path');
const { promiseHooks } = require('node:v8');
const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const IN_PACKAGE = `${path.sep}node_modules${path.sep}`;

/** Of each module of a package that this process has run, what was compiled, by its path. */
const compiled = new Map();

/** The storages that a test file has used. */
const storages = new Set();

for (const name of ['run', 'enterWith']) {
  const method = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function use(...args) {
    storages.add(this);
    return method.apply(this, args);
  };
}

/** What ends the hooks of promises that a test file has set. */
const hooks = new Set();

const { createHook } = promiseHooks;
promiseHooks.createHook = (...args) => {
  const stop = createHook(...args);
  hooks.add(stop);
  return stop;
};

/**
 * Jest's own runtime, with two differences for all test files of a process:
 *
 * - A module of a package is read and compiled once. Each file still runs it anew, in its own
 *   context: only text is shared. An API and its workers need 2,000 such modules, which took a whole
 *   file of tests half of its time to load.
 * - A storage that a file has used is switched off after it. Node looks at each of them for every
 *   promise of the process, and 200 of them make promises 80 times as slow. So is a hook: Temporal's
 *   SDK sets one where it runs workflows beside the tests, which takes a stack for every promise of a
 *   workflow.
 */
module.exports = class extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor, transformCache } = this;
    const transform = transformCache.transform.bind(transformCache);
    const compile = executor.compile.bind(executor);

    transformCache.transform = (file, options) =>
      compiled.has(file) ? '' : transform(file, options);
    executor.compile = (source, file) => {
      if (!file.includes(IN_PACKAGE)) return compile(source, file);
      const context = executor.environment.getVmContext();
      if (context === null) return null;
      if (!compiled.has(file)) compiled.set(file, scriptOf(source, file, executor));
      return compiled.get(file).runInContext(context);
    };
  }

  teardown() {
    super.teardown();
    for (const storage of storages) storage.disable();
    storages.clear();
    for (const stop of hooks) stop();
    hooks.clear();
  }
};

/** A script whose result is the module's function, as jest calls it. */
function scriptOf(source, file, { injectedModuleParameters: parameters }) {
  return new vm.Script(`(function (${parameters.join()}) {${source}\n})`, {
    filename: file,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}
