import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS, transfer } from '../support/shop';

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterAll(() => store.close());

test('refused cancellation blocks', async () => {
  const ada = await store.customer();
  const { body: booking } = await ada.create(await store.flight());
  await store.env.client.workflow.execute('cancellationWorkflow', {
    workflowId: `cancellation-${booking.id}`,
    taskQueue: 'bookings',
    args: [{ bookingId: booking.id, requestedBy: 'op', asOperator: true }],
  }).then(console.log, (e) => console.log(String(e), String(e.cause)));
  await ada.pay(booking);
  const answer = await ada.cancel(booking);
  console.log(answer.status, answer.text);
  const again = await ada.cancel(booking);
  console.log(again.status, again.text);
});

test('refused cancellation blocks, by departure', async () => {
  const ada = await store.customer();
  const { body: booking } = await ada.create(await store.flight());
  await ada.pay(booking);
  await store.env.client.workflow.getHandle(booking.workflowId).result();
  const rival = await store.db.transaction();
  await rival('bookings').where({ id: booking.id }).forUpdate().select('id');
  const cancelling = ada.cancel(booking);
  await store.untilSomeoneWaits();
  await rival('flights').where({ id: booking.flight.id }).update({ departure_at: new Date(Date.now() - 60_000) });
  await rival.commit();
  console.log((await cancelling).status, (await cancelling).text);
  await store.reschedule(booking.flight, 600);
  const answer = await ada.cancel(booking);
  console.log(answer.status, answer.text);
});

test('Cancel lost while a handler is seen through', async () => {
  const ada = await store.customer();
  const { body: booking } = await ada.create(await store.flight());
  const handle = store.env.client.workflow.getHandle(booking.workflowId);
  const capture = store.provider.pause('capture');
  const paying = ada.pay(booking);
  await capture.reached;
  await handle.signal('paymentReceived', transfer());
  const rival = await store.db.transaction();
  capture.letIn();
  await paying;
  await handle.cancel().catch((e) => console.log(String(e)));
  await rival.rollback();
  console.log(await handle.result());
});
