import { problemDocument, PROBLEMS, type ProblemCode } from '../../src/api/problem';
import { openApi, openStorefront } from '../support/api';
import { STARTING_MS } from '../support/shop';
import { MAX_OPEN_HOLDS, PROBLEM_CASES, type Stage } from './problem-cases';

/**
 * Every problem of the catalog, as the running API says it and the client hands it on: with its
 * status and with what may be tried again. A new code doesn't compile until it has a case.
 */

let stage: Stage;

beforeAll(async () => {
  stage = {
    store: await openStorefront({ maxOpenHoldsPerCustomer: MAX_OPEN_HOLDS }),
    halfAway: await openApi(),
  };
}, STARTING_MS);
afterAll(async () => {
  await stage.halfAway.close();
  await stage.store.close();
});

const codes = Object.keys(PROBLEMS) as ProblemCode[];

test.each(codes)('%s', async (code) => {
  const { status, title, type, retry } = problemDocument(code, '', { instance: '', requestId: '' });
  const refused = await PROBLEM_CASES[code](stage);
  expect(refused).toMatchObject({ status, error: { code, status, title, type, retry } });
  expect(refused).not.toHaveProperty('data');
});

test('there is a case for each code, and for nothing else', () => {
  expect(Object.keys(PROBLEM_CASES).sort()).toEqual([...codes].sort());
});
