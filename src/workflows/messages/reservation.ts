import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { awaitReservation, type ReservationResult } from '../../temporal/contracts';
import type { BookingDesk } from '../booking-desk';

/** Answers whoever waits for the seats. */
export function answerReservation(desk: BookingDesk): void {
  const answer = async () => {
    await condition(() => desk.reservation !== undefined);
    return desk.reservation as ReservationResult;
  };
  setHandler(awaitReservation, () => CancellationScope.nonCancellable(answer), {
    description: 'Waits until seats are held or refused, and answers which. Takes nothing.',
  });
}
