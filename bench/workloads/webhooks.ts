import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Errand } from '../drive/crowd';
import type { Customer } from '../drive/customer';
import { buySeat } from '../drive/purchase';
import { withOurs, type Bench } from './bench';
import { CLIENTS, cpuRatio, measureKinds, tablesOfKinds } from './kinds';
import type { Findings } from './workload';

/** Purchases by customers who hear of them by a webhook, and by others, in turn. */
export async function webhooks(bench: Bench): Promise<Findings> {
  const receiver = await openReceiver();
  try {
    return await withOurs(
      bench,
      { env: () => ({ WEBHOOK_ALLOW_PRIVATE: 'true' }) },
      async (stack) => {
        const { figures, faults } = await measureKinds(bench, stack, [
          { name: 'nobody' },
          { name: 'an endpoint', errand: buyAndHear(receiver.url) },
        ]);
        const [nobody, endpoint] = figures;
        if (receiver.received() === 0) faults.push('No event was received');
        return {
          workload: 'webhooks',
          notes: [
            `${CLIENTS} clients in a closed loop bought a seat each, with or without an endpoint that ` +
              `hears of it. ${receiver.received()} events were received.`,
          ],
          tables: tablesOfKinds('told', figures),
          bars: [
            {
              what: 'CPU per booking, with an endpoint ÷ without',
              value: cpuRatio(endpoint, nobody),
              limit: { atMost: 1.05 },
            },
          ],
          faults,
        };
      },
    );
  } finally {
    receiver.server.close();
  }
}

/** Buys a seat; a customer's first purchase begins with an endpoint of theirs. */
function buyAndHear(url: string): Errand {
  const known = new WeakSet<Customer>();
  return async (customer, shop, tally) => {
    if (!known.has(customer)) {
      const { status } = await customer.post('/api/v1/webhook-endpoints', randomUUID(), { url });
      if (status !== 201) throw new Error(`An endpoint was not created: ${status}`);
      known.add(customer);
    }
    await buySeat(customer, shop, tally);
  };
}

/** Accepts every event at once. */
async function openReceiver(): Promise<{ url: string; received: () => number; server: Server }> {
  let received = 0;
  const server = createServer((req, res) => {
    received += 1;
    req.resume().once('end', () => res.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, received: () => received, server };
}
