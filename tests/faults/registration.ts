import type { Arena } from './arena';
import type { Receiver } from './history/format';
import type { HistoryWriter } from './history/write';

/** A receiver, and what the system calls it. */
export type Registered = Receiver & { endpointId: string };

/** Every customer registers their receivers of webhooks. */
export async function registerReceivers(
  history: HistoryWriter,
  { outside, links, probing, customers }: Arena,
): Promise<Registered[]> {
  const registered: Registered[] = [];
  for (const { name, client: number, isHealthy } of outside.receivers) {
    const client = [probing, ...customers].find((one) => one.client === number);
    const url = `http://127.0.0.1:${links.portOf(`workers→${name}`)}/hooks`;
    const reply = await client?.send<{ id: string; secret: string }>({
      kind: 'register_receiver',
      method: 'POST',
      path: '/api/v1/webhook-endpoints',
      key: `receiver-${name}`,
      body: { url },
    });
    if (reply?.status !== 201) throw new Error(`The receiver ${name} was not registered`);
    const { id: endpointId, secret } = reply.body;
    const registeredAt = history.now();
    registered.push({
      name,
      client: number,
      secrets: [secret],
      isHealthy,
      registeredAt,
      endpointId,
    });
  }
  return registered;
}
