import { parseOptions } from '../../bench/options';

const optionsOf = (...given: string[]) => parseOptions(['node', 'bench', ...given]);

test('without options everything is measured, on both of Temporal’s servers', () => {
  const options = optionsOf();
  expect(options.servers).toEqual(['full', 'dev']);
  expect(options.only).toContain('plain');
  expect(options).toMatchObject({ rounds: 5, clients: [16], claimRounds: 3, compare: false });
});

test('a pair can be measured alone', () => {
  const options = optionsOf('--only', 'ours,floor', '--clients', '4,16', '--rounds', '7');
  expect(options).toMatchObject({
    ...{ only: ['ours', 'floor'], clients: [4, 16], rounds: 7 },
    ...{ servers: ['full'], claimRounds: 0 },
  });
});

test('a quick run is compared with the last published ratios', () => {
  expect(optionsOf('--quick')).toMatchObject({ only: ['ours', 'floor'], compare: true });
});

test('the report names the command that it came from', () => {
  expect(optionsOf('--rounds', '6', '--publish').command).toBe(
    'npm run bench -- --rounds 6 --publish',
  );
});
