import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import winston from 'winston';
import { createLogger } from './logger';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-logs-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Logs one line, with a silent console, and waits until it is written. */
async function logOneLine(dir: string | null, format: 'json' | 'pretty' = 'json') {
  const logger = createLogger('api', { level: 'info', dir, format });
  const { transports } = logger;
  for (const transport of transports)
    if (transport instanceof winston.transports.Console) transport.silent = true;
  logger.info('hello');
  const finished = once(logger, 'finish');
  logger.end();
  await finished;
  return transports.map(({ constructor }) => constructor);
}

test.each(['json', 'pretty'] as const)(
  'with %s on the console, the file of the service has JSON',
  async (format) => {
    const dir = path.join(folder, 'logs');
    await logOneLine(dir, format);
    const line = JSON.parse(readFileSync(path.join(dir, 'api.log'), 'utf8')) as object;
    expect(line).toMatchObject({ level: 'info', message: 'hello', service: 'api' });
  },
);

test('without files it is on the console alone', async () => {
  expect(await logOneLine(null)).toEqual([winston.transports.Console]);
  expect(existsSync(path.join(folder, 'logs'))).toBe(false);
});
