const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites that start a whole system wait long for it, and few of them are large files: by their size they would come last, and be waited for. */
const LONG = /\/tests\/(e2e|telemetry)\//;

/** Where no earlier run tells how long suites take, as on a fresh clone: the longest first. */
module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path, duration }) => duration === undefined && LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((suite) => !isLong(suite))];
  }
};
