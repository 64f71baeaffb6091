import { CancellationScope, condition } from '@temporalio/workflow';
import { awaitReservation, type ReservationResult } from '../../temporal/contracts';
import type { BookingDesk } from '../booking-desk';
import { receiveUpdate } from './receive';

/** Answers whoever waits for the seats. */
export function answerReservation(desk: BookingDesk): void {
  const answer = async () => {
    await condition(() => desk.reservation !== undefined);
    return desk.reservation as ReservationResult;
  };
  receiveUpdate(awaitReservation, {
    takes: 0,
    description: 'Waits until seats are held or refused, and answers which. Takes nothing.',
    handle: () => CancellationScope.nonCancellable(answer),
  });
}
