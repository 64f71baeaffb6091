const { TestEnvironment: NodeEnvironment } = require('jest-environment-node');

/**
 * Runs suites in the realm of their process, not in a new one each: what Node loads once for the
 * process (see `runtime.js`) then has the same `Error`, `Date` and `Object` as they have.
 * Environment variables that a suite sets end with it.
 */
module.exports = class extends NodeEnvironment {
  constructor(config, context) {
    super(config, context);
    this.sandbox = this.global;
    this.global = globalThis;
    this.variables = { ...process.env };
    this.exit = process.exit;
  }

  async teardown() {
    for (const name of Object.keys(process.env))
      if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    // Jest has put a warning around it.
    process.exit = this.exit;
    await super.teardown();
  }
};
