// npm start: the API and a worker side by side, from the build, as in production. When one ends, so does the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

process.env.WORKFLOW_BUNDLE ||= 'dist/workflow-bundle.js';

const processes = ['api', 'worker'].map((name) =>
  spawn(process.execPath, ['--enable-source-maps', `dist/src/${name}/main.js`], {
    stdio: 'inherit',
  }),
);

/** A Ctrl-C reaches the whole group by itself; a second signal of a kind does no harm. */
function stopAll() {
  for (const child of processes) child.kill('SIGTERM');
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopAll);

const endings = await Promise.all(
  processes.map(async (child) => {
    const [code] = await once(child, 'exit');
    stopAll();
    return code;
  }),
);
process.exitCode = endings.every((code) => code === 0) ? 0 : 1;
