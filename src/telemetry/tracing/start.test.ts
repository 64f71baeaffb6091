import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Tells which packages of OpenTelemetry a process has loaded that starts tracing, or doesn't. */
const PROGRAM = `
  const { startTracing } = require('./start');
  startTracing({ isOn: process.argv[1] === 'on', serviceName: 'test' }, console);
  const packages = Object.keys(require.cache).flatMap((file) => /opentelemetry[/]([\\w-]+)/.exec(file)?.[1] ?? []);
  console.log([...new Set(packages)].join());
`;

function loaded(traces: 'on' | 'off'): string {
  const args = ['--require', require.resolve('tsx/cjs'), '--eval', PROGRAM, traces];
  return execFileSync(process.execPath, args, { cwd: path.resolve(__dirname), encoding: 'utf8' });
}

test('a process that sends no traces loads nothing for them', () => {
  expect(loaded('on')).toContain('sdk-trace-node');
  expect(loaded('off').trim()).toBe('');
});
