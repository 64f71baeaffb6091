import { createTestDatabase } from './database';

test('two test databases are strangers to each other', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await one.knex('carriers').insert({ code: 'ZZ', name: 'Test Air' });
  expect(await one.knex('carriers').select('code')).toEqual([{ code: 'ZZ' }]);
  expect(await other.knex('carriers').select('code')).toEqual([]);
  await Promise.all([one.drop(), other.drop()]);
});
