import { parseArgs } from 'node:util';
import { connect } from '../src/db/connection';
import { journalOfBooking, totalsOfDay } from '../src/db/ledger/ledger-view';
import { runAsCommand } from './stack/command';
import { databaseUrl } from './stack/database-url';

/**
 * npm run ledger [-- --day 2026-11-23 | --booking ABC234] [--json]: what was posted on a day, by account (today, unless named; UTC), or for a booking, line by
 * line. Amounts are in the currency's minor unit.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      day: { type: 'string' },
      booking: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const day = values.day ?? new Date().toISOString().slice(0, 10);
  if (!isDay(day)) throw new Error(`--day takes a date such as 2026-11-23, not ${day}`);
  const db = connect(databaseUrl(), {
    applicationName: 'flight-bookings-ledger',
    maxConnections: 1,
  });
  try {
    const rows =
      values.booking === undefined
        ? await totalsOfDay(db, day)
        : await journalOfBooking(db, values.booking);
    if (values.json) console.log(JSON.stringify(rows));
    else if (rows.length > 0) console.table(rows);
    else
      console.log(`Nothing was posted ${values.booking === undefined ? `on ${day}` : 'for it'}.`);
  } finally {
    await db.destroy();
  }
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

runAsCommand(main);
