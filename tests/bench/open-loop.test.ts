import { once } from 'node:events';
import { OpenLoop } from '../../bench/drive/open-loop';
import { isSuccess, Replies } from '../../bench/drive/replies';
import { Times } from '../../bench/drive/times';

const answer = (status: number, more: { retryAfterSeconds?: number; body?: unknown } = {}) => ({
  status,
  body: null,
  retryAfterSeconds: undefined,
  ...more,
});

test('work begins on its schedule, although none of it ends', async () => {
  const loop = new OpenLoop();
  const end = new AbortController();
  const ended = once(end.signal, 'abort');
  await loop.run(1_000, { seconds: 0.5 }, async () => {
    await ended;
  });
  // A Poisson process: 500 are expected, with a standard deviation of 22.
  expect(loop.begun).toBeGreaterThan(380);
  expect(loop.begun).toBeLessThan(620);
  end.abort();
  await loop.settle();
});

test('an open loop that is told to stop begins nothing more', async () => {
  const loop = new OpenLoop();
  const until = new AbortController();
  await loop.run(1_000, { seconds: 60, until: until.signal }, async () => {
    if (loop.begun === 10) until.abort();
    await Promise.resolve();
  });
  expect(loop.begun).toBe(10);
});

test('what work throws is thrown when everything has ended', async () => {
  const loop = new OpenLoop();
  await loop.run(200, { seconds: 0.2 }, () => Promise.reject(new Error('a bug')));
  await expect(loop.settle()).rejects.toThrow('a bug');
});

test('only a 503 that says when to try again is a refusal', async () => {
  const replies = new Replies();
  const note = (given: Parameters<typeof answer>) =>
    replies.note(performance.now(), () => Promise.resolve(answer(...given)));
  await note([201]);
  await note([503, { retryAfterSeconds: 2 }]);
  await note([503, { body: { code: 'service_unavailable' } }]);
  await note([202]);
  await replies.note(performance.now(), () =>
    Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
  );
  expect([replies.served.latency.count, replies.refused.latency.count]).toEqual([1, 1]);
  expect(Object.fromEntries(replies.others)).toEqual({
    '503 service_unavailable': 1,
    '202': 1,
    'no response: ECONNRESET': 1,
  });
  expect(isSuccess(answer(202))).toBe(false);
});

test('a time counts from when the request was due, not from when it was sent', async () => {
  const replies = new Replies();
  await replies.note(performance.now() - 500, () => Promise.resolve(answer(201)));
  expect(replies.served.latency.p50Ms).toBeGreaterThanOrEqual(500);
});

test('times of several rounds make one p99', () => {
  const [all, one] = [new Times(), new Times()];
  for (let ms = 1; ms <= 99; ms += 1) all.note(ms);
  one.note(500);
  all.add(one);
  expect(all.latency).toMatchObject({ count: 100, maxMs: 500 });
  expect(all.latency.p50Ms).toBeCloseTo(50, 0);
  expect(all.latency.p99Ms).toBeLessThan(100);
});
