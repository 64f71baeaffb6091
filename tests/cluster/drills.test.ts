import { runCommand } from '../../scripts/stack/commands';
import type { DrillReport } from '../../scripts/drills/drill';

/**
 * Three disasters, each with some 20 customers, on servers that are started once: minutes, and more of
 * them on a busy machine.
 */
const DRILLS_MS = 900_000;

test(
  'the runbook brings back a restored database, a restored Temporal and a lost one: each customer has what they were told',
  async () => {
    const { exitCode, stdout, stderr } = await runCommand(
      'npm',
      ['run', '--silent', 'drill', '--', '--json'],
      {
        timeoutMs: DRILLS_MS,
        env: { ...process.env, NODE_ENV: undefined, JEST_WORKER_ID: undefined },
      },
    );
    // What was done, step by step, if it failed.
    if (exitCode !== 0) throw new Error(`${stderr}\n${stdout}`);
    const reports = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as DrillReport[];
    expect(reports.map(({ drill }) => drill)).toEqual([
      'database-restored',
      'temporal-restored',
      'temporal-lost',
    ]);
    for (const { customers, findings } of reports) {
      expect(Object.keys(customers).length).toBeGreaterThanOrEqual(6);
      expect(findings).toEqual([]);
    }
  },
  DRILLS_MS + 20_000,
);
