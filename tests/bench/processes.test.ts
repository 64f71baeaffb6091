import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { watchProcesses } from '../../bench/measure/processes';

/** Starts a child that works for 200 ms of CPU time and ends, each time a line comes. */
const PARENT = `
  const { spawnSync } = require('node:child_process');
  const child = 'while (process.cpuUsage().user < 200_000);';
  process.stdin.on('data', () => {
    spawnSync(process.execPath, ['--eval', child]);
    console.log('done');
  });
  console.log('ready');
`;

const isLinux = process.platform === 'linux' ? test : test.skip;

isLinux(
  'CPU time of children that have ended belongs to the process that started them',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flight-bookings-bench-'));
    const parent = spawn(process.execPath, ['--eval', PARENT]);
    try {
      const lines = createInterface({ input: parent.stdout });
      await once(lines, 'line');
      writeFileSync(path.join(folder, 'parent.pid'), String(parent.pid));
      const watch = watchProcesses(folder, { part: ['parent'], gone: ['never'] });
      parent.stdin.write('work\n');
      await once(lines, 'line');
      const usage = watch?.finish();
      expect(usage?.parts.part?.cpuMs).toBeGreaterThanOrEqual(200);
      expect(usage?.parts.part?.peakResidentBytes).toBeGreaterThan(2 ** 20);
      expect(usage?.parts.gone).toBeNull();
    } finally {
      parent.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  },
);
