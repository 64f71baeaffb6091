import { Turns } from './turns';

test('bookings are told at most so often a second, whoever asks', async () => {
  const turns = new Turns({ pagesAtOnce: 2, perSecond: 100, perSecondInACrowd: 50 });
  const from = performance.now();
  await Promise.all(Array.from({ length: 11 }, () => turns.nextBooking()));
  // Ten gaps of 10 ms; a timer may end a millisecond early.
  expect(performance.now() - from).toBeGreaterThanOrEqual(99);
});

test('a page is not told while as many are as may be, and its turn comes when one has ended', async () => {
  const turns = new Turns({ pagesAtOnce: 1, perSecond: 100, perSecondInACrowd: 50 });
  let end: () => void = () => undefined;
  const first = turns.takePage(
    () => new Promise<string>((resolve) => (end = () => resolve('told'))),
  );
  expect(await turns.takePage(() => Promise.resolve('told'))).toBeUndefined();
  end();
  expect(await first).toBe('told');
  expect(await turns.takePage(() => Promise.resolve('told'))).toBe('told');
});

test('they are told half as often while another page waits', async () => {
  const turns = new Turns({ pagesAtOnce: 1, perSecond: 100, perSecondInACrowd: 50 });
  await turns.takePage(async () => {
    expect(await turns.takePage(() => Promise.resolve('told'))).toBeUndefined();
    const from = performance.now();
    await Promise.all(Array.from({ length: 11 }, () => turns.nextBooking()));
    expect(performance.now() - from).toBeGreaterThanOrEqual(199);
  });
});

test('a page that fails gives its turn back', async () => {
  const turns = new Turns({ pagesAtOnce: 1, perSecond: 100, perSecondInACrowd: 50 });
  await expect(turns.takePage(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await turns.takePage(() => Promise.resolve('told'))).toBe('told');
});

test('pages that wait ask one after another, however many they are', () => {
  const turns = new Turns({ pagesAtOnce: 1, perSecond: 100, perSecondInACrowd: 50 });
  const asks = Array.from({ length: 50 }, () => performance.now() + turns.asksAgainInMs());
  expect(asks[0]! - performance.now()).toBeGreaterThan(2_000);
  // Whole milliseconds.
  for (const [index, at] of asks.slice(1).entries()) expect(at - asks[index]!).toBeGreaterThan(990);
});
