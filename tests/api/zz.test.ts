import { TestWorkflowEnvironment } from '@temporalio/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
test('x', async () => {
  const env = await TestWorkflowEnvironment.createLocal({server: { executable: {type:'existing-path', path: process.env.TEMPORAL_CLI_PATH!}, extraArgs: ['--log-level','never','--dynamic-config-value','history.transferProcessorUpdateAckInterval="1s"', '--dynamic-config-value','history.visibilityProcessorUpdateAckInterval="1s"'] }});
  const h = await env.client.workflow.start('nope', {taskQueue:'q', workflowId:'w'});
  await h.terminate();
  await env.client.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId: 'w' } });
  const t = Date.now();
  for (let i = 0; i < 60; i++) {
    const r = await h.describe().then((x) => x.status.name, (e) => e.name + e.message);
    if (r !== 'TERMINATED') {console.log(Date.now() - t, r);
     break;}
    await sleep(500);
  }
  await env.teardown();
}, 90000);
