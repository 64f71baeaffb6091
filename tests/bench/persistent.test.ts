import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Customer } from '../../bench/drive/customer';
import { createUntilDecided } from '../../bench/drive/persistent';

test('a create without an outcome is sent again with the same key, and only that one', async () => {
  const keys: unknown[] = [];
  const statuses = [503, 202, 409];
  const server = createServer((req, res) => {
    keys.push(req.headers['idempotency-key']);
    res.writeHead(statuses[keys.length - 1] ?? 500, { 'retry-after': '0' });
    res.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tokens = { secret: 'a secret of at least 32 characters', issuer: 'test', audience: 'test' };
  const apiUrls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  const customer = await Customer.arrive({ apiUrls, tokens }, 'someone', 1);
  try {
    const { answer, earlier } = await createUntilDecided(customer, 'a flight');
    expect([answer.status, earlier]).toEqual([409, 2]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  } finally {
    customer.leave();
    server.close();
  }
});
