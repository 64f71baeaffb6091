// Loaded first into the processes of ours that the local stack runs as TypeScript.
'use strict';
const { isMainThread } = require('node:worker_threads');

// Threads get the same --require as the process; they run JavaScript that is built already.
if (isMainThread) {
  require('tsx/cjs');

  // The channel to the supervisor closes however that ends, kill -9 included. Nobody would stop us then.
  process.once('disconnect', () => {
    // Nor does anybody read what we print.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), 15_000).unref();
  });
  process.channel?.unref();
}
