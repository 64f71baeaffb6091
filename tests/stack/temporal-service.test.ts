import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { resolveProgram } from '../../scripts/stack/binaries';
import { freePort } from '../../scripts/stack/ports';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { SEARCH_ATTRIBUTES } from '../../scripts/stack/search-attributes';
import type { Service } from '../../scripts/stack/service';
import { readSettings } from '../../scripts/stack/settings';
import { Supervised } from '../../scripts/stack/supervised';
import { temporalService } from '../../scripts/stack/temporal-service';
import { FlightNumbersAttribute } from '../../src/temporal/contracts/search-attributes';

/** The data folder of an earlier release, whose Temporal knows fewer search attributes. */

const folder = mkdtempSync(path.join(tmpdir(), 'flight-bookings-earlier-'));
let address: string;
let service: Service;

beforeAll(async () => {
  const port = await freePort();
  address = `127.0.0.1:${port}`;
  const settings = readSettings({ DATA_DIR: folder, TEMPORAL_PORT: String(port) });
  const cli = await resolveProgram(TEMPORAL_CLI);
  mkdirSync(settings.logDir);
  service = temporalService(cli, address, await freePort(), settings);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a server of an earlier release learns the search attributes that this one has more', async () => {
  const { name } = FlightNumbersAttribute;
  const earlier = new Supervised(without(name), folder, () => undefined);
  await earlier.start();
  expect(await searchAttributes()).not.toContain(name);
  await earlier.stop(new AbortController().signal);

  const present = new Supervised(service, folder, () => undefined);
  try {
    await present.start();
    expect(await searchAttributes()).toEqual(
      expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
    );
    const connection = await Connection.connect({ address });
    const { workflow } = new Client({ connection });
    const started = workflow.start('nobodyTakesThis', {
      taskQueue: 'none',
      workflowId: 'booking',
      typedSearchAttributes: [{ key: FlightNumbersAttribute, value: ['UA1', 'UA2'] }],
    });
    expect(await started).toMatchObject({ workflowId: 'booking' });
    await connection.close();
  } finally {
    await present.stop(new AbortController().signal);
  }
});

/** The service as a release had it that did not know of a search attribute. */
function without(name: string): Service {
  return {
    ...service,
    prepare: async () => {
      const invocation = await service.prepare();
      const { args } = invocation;
      const at = args.findIndex((arg) => arg.startsWith(`${name}=`));
      return { ...invocation, args: args.filter((_, index) => index !== at && index !== at - 1) };
    },
    untilServing: async () => {
      const known = await searchAttributes().catch((): string[] => []);
      return Object.keys(SEARCH_ATTRIBUTES).every((one) => one === name || known.includes(one));
    },
  };
}

async function searchAttributes(): Promise<string[]> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    return Object.keys(customAttributes);
  } finally {
    await connection.close();
  }
}
