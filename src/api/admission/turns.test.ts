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
  const failing = take('a').catch((failure: unknown) => failure);
  const others = [take('b'), take('c')];
  await end('a', new Error('broken'));
  expect(await failing).toEqual(new Error('broken'));
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('b');
  await end('c');
  await Promise.all(others);
});

test('whoever has waited long enough is let in past the limit, and takes nobody’s turn', async () => {
  const { turns, begun, take, end } = atWork();
  for (const name of ['a', 'b', 'c']) void take(name);
  void take('impatient', { withinMs: 20 });
  await wait(40);
  expect([begun.join(), turns.waiting]).toEqual(['a,b,impatient', 1]);
  await end('a');
  expect(turns.waiting).toBe(1);
  await end('impatient');
  expect([begun.join(), turns.waiting]).toEqual(['a,b,impatient,c', 0]);
});

test('turns that come just as the wait for them ends are neither lost nor taken twice', async () => {
  const { turns, take, end, begun } = atWork();
  const names = Array.from({ length: 50 }, (_, index) => `w${index}`);
  const all = [take('a'), take('b'), ...names.map((name) => take(name, { withinMs: 20 }))];
  await wait(19);
  await end('a');
  await wait(40);
  for (let index = 1; index < begun.length; index += 1) await end(begun[index] ?? '');
  await Promise.all(all);
  expect([...begun].sort()).toEqual(['a', 'b', ...names].sort());
  expect(turns.waiting).toBe(0);
  // All slots are free again, and no more.
  const later = ['x', 'y', 'z'].map((name) => take(name));
  expect([begun.slice(-2).join(), turns.waiting]).toEqual(['x,y', 1]);
  for (const name of ['x', 'y', 'z']) await end(name);
  await Promise.all(later);
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
