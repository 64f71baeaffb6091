// node sdk-download-child.mjs dev|time-skipping VERSION FOLDER: has the Temporal SDK download a
// server into the folder.
import testing from '@temporalio/testing';

const [kind, version, downloadDir] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', version, downloadDir } };

try {
  const { TestWorkflowEnvironment } = testing;
  const environment =
    kind === 'dev'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
} catch (error) {
  // The causes come first in the SDK's message, the reason last.
  console.error(String(error.message).replace(/^.*\): /s, ''));
  process.exit(1);
}
