import type { coresdk } from '@temporalio/proto';
import { joinPassedOver } from './signal-runs';

/** Signals that a workflow passes over cost a task nothing, however many come at once. */

type Job = coresdk.workflow_activation.IWorkflowActivationJob;

const signals = (count: number, signalName: string): Job[] =>
  Array.from({ length: count }, () => ({ signalWorkflow: { signalName, input: [] } }));

const timer: Job = { fireTimer: { seq: 1 } };

test('of many signals that no workflow knows, one is left of each run', () => {
  const unknown = [...signals(500, 'somethingUnknown'), ...signals(500, 'somethingElse')];
  expect(joinPassedOver([...unknown, timer, ...signals(500, 'somethingUnknown')])).toEqual([
    expect.objectContaining({ signalWorkflow: expect.anything() as object }),
    timer,
    expect.objectContaining({ signalWorkflow: expect.anything() as object }),
  ]);
});

test('signals that are known stay, each of them', () => {
  const known = signals(500, 'paymentReceived');
  expect(joinPassedOver([...known])).toEqual(known);
});

test('a few are left as they are', () => {
  const few = signals(5, 'somethingUnknown');
  expect(joinPassedOver([...few])).toEqual(few);
});
