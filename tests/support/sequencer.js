const { readFileSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * What takes long, the longest first. Those that start a whole system are the longest, whether
 * their files are large or not; those that start Temporal wait for what happens there; the last
 * ones run a compiler, a linter, or audits of every kind of damage.
 */
const LONG = [
  /startDevStack|openLocalShop|openWatchedStack/,
  /openStorefront|openShop|shopOfSuite|devServerEnvironment|timeSkippingEnvironment/,
  /typescript-eslint|from 'typescript'|from 'eslint'|createProgram|\baudit\(/,
];

function rankOf({ path }) {
  const text = readFileSync(path, 'utf8');
  const rank = LONG.findIndex((marks) => marks.test(text));
  return rank === -1 ? LONG.length : rank;
}

/** Where no earlier run tells how long suites take, as on a fresh clone: the longest first. */
module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    // Without a duration they stand in the order of their size.
    const fresh = sorted.filter(({ duration }) => duration === undefined);
    const ranks = new Map(fresh.map((suite) => [suite, rankOf(suite)]));
    fresh.sort((one, other) => ranks.get(one) - ranks.get(other));
    return [...fresh, ...sorted.filter(({ duration }) => duration !== undefined)];
  }
};
