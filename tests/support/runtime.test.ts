import type * as PromClient from 'prom-client';

/** What a package keeps to itself, as who asks for it apart from others gets it. */
function loadApart(): typeof PromClient {
  let loaded: typeof PromClient | undefined;
  jest.isolateModules(() => {
    loaded = jest.requireActual<typeof PromClient>('prom-client');
  });
  if (loaded === undefined) throw new Error('Bug: nothing was loaded');
  return loaded;
}

test('of a package that is compiled once, each file has its own state, in its own context', () => {
  const [one, other] = [loadApart(), loadApart()];
  new one.Counter({ name: 'planted', help: 'Of one of them.' });
  expect(one.register.getSingleMetric('planted')).toBeDefined();
  expect(other.register.getSingleMetric('planted')).toBeUndefined();
  expect(one.register).toBeInstanceOf(Object);
});
