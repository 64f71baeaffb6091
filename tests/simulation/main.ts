import { parseArgs } from 'node:util';
import { playLives } from './play-lives';

/**
 * `npm run test:simulation -- --lives N --seed N`: more lives than `npm test` plays, and without
 * what Jest makes each of them cost.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lives: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [lives, seed] = [values.lives, values.seed].map(Number) as [number, number];
  if (!Number.isInteger(lives) || lives < 1 || !Number.isInteger(seed))
    throw new Error('--lives and --seed are whole numbers, the first one above 0');
  // Nobody reads the stack of a failure that is played, and to write it down takes a tenth of the time.
  Error.stackTraceLimit = 0;
  const { ends, replays, livesPerMinute } = await playLives({ lives, seed });
  const ended = Object.entries(ends).map(([status, count]) => `${status} ${count}`);
  console.log(
    `${lives} lives of seed ${seed}, ${livesPerMinute} a minute of CPU: none broke a promise`,
  );
  console.log(`${ended.join(', ')}; ${replays} replays`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
