import { heartbeat, sleep } from '@temporalio/activity';
import type { Db } from '../../db/connection';
import { findIncompleteDays } from '../../db/flights/days';
import { addCarriersAndAirports } from '../../db/flights/schedule';
import type { ArchivedSeats, DayOnSale } from '../../temporal/contracts/flight-schedule';
import { datesFrom, todayAtOrigins } from './horizon';
import { layOutDay } from './lay-out';
import { clearOldQuotes } from './old-quotes';
import { archiveOldSeats } from './unsold-seats';
import { readWeek, type Week } from './week';

export interface FlightScheduleDependencies {
  db: Db;
  /** How many days are on sale, counted from today at the origins. */
  scheduleDays: number;
  /** Whether the flights that are there to be tried out go on sale, too. */
  hasScenarios: boolean;
  /** What flies in a week: that of `data/` unless said otherwise. */
  week?: Week | undefined;
}

/** The longest pause between two batches, in milliseconds. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * The activities of the flight schedule: those that extend it only add, and nothing to a complete
 * day; what is archived is archived once. So each is safe to repeat.
 */
export function flightScheduleActivities({
  db,
  scheduleDays,
  hasScenarios,
  week,
}: FlightScheduleDependencies) {
  let known = week;
  /** Reading takes a fifth of a second, in which the worker does nothing else: once is enough. */
  const weekOnce = () => (known ??= readWeek());

  return {
    /** Returns the days from today on that should be on sale and are not, or not completely. */
    async findMissingDays(): Promise<string[]> {
      const dates = datesFrom(todayAtOrigins(weekOnce(), new Date()), scheduleDays);
      return findIncompleteDays(db, dates);
    },

    /**
     * Puts the flights of these days on sale. It pauses for as long as each batch took, so that
     * it never takes more than half of one connection from those who sell.
     *
     * Heartbeats after each batch. Ends between two batches when it is cancelled or its worker
     * stops: another attempt goes on from there.
     */
    async layOutDays(dates: string[]): Promise<DayOnSale[]> {
      const week = weekOnce();
      const today = todayAtOrigins(week, new Date());
      await addCarriersAndAirports(db, week.carriers, week.places);
      const days: DayOnSale[] = [];
      for (const date of dates) {
        const afterBatch = (elapsedMs: number) => pauseAfter(elapsedMs, date);
        const added = await layOutDay({ db, week, date, today, hasScenarios, afterBatch });
        days.push({ date, ...added });
      }
      return days;
    },

    /**
     * Archives the unsold seats of flights that left a week ago or earlier. Pauses, heartbeats and
     * ends like the extension.
     */
    async archiveUnsoldSeats(): Promise<ArchivedSeats> {
      return archiveOldSeats({ db, now: new Date(), afterBatch: pauseAfter });
    },

    /** Deletes quotes of changes that were not used. Pauses, heartbeats and ends likewise. */
    async deleteOldQuotes(): Promise<number> {
      return clearOldQuotes({ db, now: new Date(), afterBatch: pauseAfter });
    },
  };
}

async function pauseAfter(elapsedMs: number, what?: string): Promise<void> {
  heartbeat(what);
  await sleep(Math.min(elapsedMs, LONGEST_PAUSE_MS));
}

export type FlightScheduleActivities = ReturnType<typeof flightScheduleActivities>;
