// npm start: the API and a worker side by side, from the build, as in production. When one ends, so
// does the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

process.env.WORKFLOW_BUNDLE ||= 'dist/workflow-bundle.js';

// One port can't show the metrics of both: the worker's are ten further on.
const { METRICS_PORT } = process.env;
const workerMetrics = METRICS_PORT ? { METRICS_PORT: String(Number(METRICS_PORT) + 10) } : {};

// The worker's heap is bounded with the workflows that it caches: see src/worker/main.ts.
const FLAGS = {
  api: ['--enable-source-maps'],
  worker: ['--enable-source-maps', '--max-old-space-size=448'],
};

const children = ['api', 'worker'].map((name) =>
  spawn(process.execPath, [...FLAGS[name], `dist/src/${name}/main.js`], {
    stdio: 'inherit',
    env: { ...process.env, ...(name === 'worker' ? workerMetrics : {}) },
    // In groups of their own: a Ctrl-C reaches them through us, once. A second signal would cut
    // their draining short.
    detached: true,
  }),
);

let stopping = false;

function stopAll() {
  if (stopping) return;
  stopping = true;
  for (const child of children) child.kill('SIGTERM');
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopAll);

const codes = await Promise.all(
  children.map(async (child) => {
    const [code] = await once(child, 'exit');
    stopAll();
    return code;
  }),
);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
