import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { ConcurrencyLimit } from './concurrency-limit';
import { Turns } from './turns';

const AT_ONCE = 2;

/** Turns, and work that ends when it is told to. */
function atWork() {
  const turns = new Turns(new ConcurrencyLimit({ objectiveMs: 0, least: AT_ONCE }));
  const begun: string[] = [];
  const ends = new Map<string, (how: Error | undefined) => void>();
  const take = (name: string, { identity = name, withinMs = 10_000 } = {}) =>
    turns.take({ identity, withinMs }, () => {
      begun.push(name);
      return new Promise<{ name: string }>((resolve, reject) => {
        ends.set(name, (failure) => {
          if (failure === undefined) resolve({ name });
          else reject(failure);
        });
      });
    });
  const end = async (name: string, failure?: Error) => {
    ends.get(name)?.(failure);
    await nextTurn();
  };
  return { turns, begun, take, end };
}

test('as many as the limit are at work at once; the others follow in their order', async () => {
  const { turns, begun, take, end } = atWork();
  const results = ['a', 'b', 'c', 'd'].map((name) => take(name));
  expect([begun.join(), turns.waiting]).toEqual(['a,b', 2]);
  await end('b');
  expect([begun.join(), turns.waiting]).toEqual(['a,b,c', 1]);
  await end('a');
  await end('c');
  await end('d');
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'].map((name) => ({ name })));
  expect([begun.join(), turns.waiting]).toEqual(['a,b,c,d', 0]);
});

test('work that fails lets the next one in, and its failure is its own', async () => {
  const { begun, take, end } = atWork();
  const [first] = ['a', 'b', 'c'].map((name) => take(name));
  const failed = expect(first).rejects.toThrow('broken');
  await end('a', new Error('broken'));
  await failed;
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('whoever waits too long gives up with nothing begun, and takes nobody’s turn', async () => {
  const { turns, begun, take, end } = atWork();
  void take('a');
  void take('b');
  const late = take('c', { withinMs: 20 });
  const next = take('d');
  expect(await late).toBeUndefined();
  expect(turns.waiting).toBe(1);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'd']);
  await end('d');
  expect(await next).toEqual({ name: 'd' });
});

test('a turn that comes just as the wait is over is either used or passed on', async () => {
  const { turns, take, end, begun } = atWork();
  void take('a');
  void take('b');
  const waiting = Array.from({ length: 50 }, (_, index) => take(`w${index}`, { withinMs: 20 }));
  await wait(19);
  await end('a');
  await wait(40);
  for (const name of begun) await end(name);
  const results = await Promise.all(waiting);
  const used = results.filter((result) => result !== undefined).length;
  expect(begun).toHaveLength(2 + used);
  // All slots are free again.
  const [x, y] = [take('x'), take('y')];
  expect(begun.slice(-2)).toEqual(['x', 'y']);
  await end('x');
  await end('y');
  await Promise.all([x, y]);
  expect(turns.waiting).toBe(0);
});

test('work of one identity shares a turn', async () => {
  const { begun, take, end } = atWork();
  void take('a');
  void take('b');
  void take('a again', { identity: 'a' });
  void take('c');
  expect(begun).toEqual(['a', 'b', 'a again']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'a again']);
  await end('a again');
  expect(begun).toEqual(['a', 'b', 'a again', 'c']);
});
