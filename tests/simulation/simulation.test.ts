import './virtual-time';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { KEPT_LIVES } from './kept-lives';
import { playLives } from './play-lives';
import { simulate } from './simulate';

/** Some ten seconds of CPU: `npm run test:simulation` plays more, or others. `SIMULATIONS` are fewer. */
const LIVES = Number(process.env.SIMULATIONS ?? 800);
const SEED = 1;

test('whatever comes in whatever order, a booking keeps its promises', async () => {
  const { ends } = await playLives({ lives: LIVES, seed: SEED });
  // Had the models refused everything, no promise would have been at stake.
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(['booked', 'cancelled']));
});

test.each(Object.entries(KEPT_LIVES))('kept: %s', async (_, life) => {
  expect((await simulate(bookingWorkflow, life)).findings).toEqual([]);
});
