import { parseOptions } from '../../bench/options';

const optionsOf = (...given: string[]) => parseOptions(['node', 'bench', ...given]);

test('without options all systems are measured, on both of Temporal’s servers', () => {
  const options = optionsOf();
  expect(options.servers).toEqual(['full', 'dev']);
  expect(options.only).toContain('plain');
  expect(options.workloads).toEqual(['book', 'clients', 'claims']);
  expect(options).toMatchObject({ rounds: 5, claimRounds: 3, compare: false });
});

test('a pair can be measured alone', () => {
  const options = optionsOf('--only', 'ours,floor', '--clients', '4,16', '--rounds', '7');
  expect(options).toMatchObject({
    only: ['ours', 'floor'],
    clients: [4, 16],
    rounds: 7,
    servers: ['full'],
    workloads: ['book'],
  });
});

test('workloads are chosen by their names, or all of them', () => {
  expect(optionsOf('--workloads', 'rush,holds').workloads).toEqual(['rush', 'holds']);
  expect(optionsOf('--workloads', 'all').workloads).toHaveLength(14);
});

test('a quick run is compared with the last published ratios', () => {
  expect(optionsOf('--quick')).toMatchObject({ only: ['ours', 'floor'], compare: true });
});

test('the report names the command that it came from', () => {
  expect(optionsOf('--rounds', '6', '--publish').command).toBe(
    'npm run bench -- --rounds 6 --publish',
  );
});
