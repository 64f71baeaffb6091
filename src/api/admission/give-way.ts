import type { RequestHandler } from 'express';
import type { Turns } from './turns';
import { whenEnded } from './when-ended';

/**
 * Returns a handler that has requests give way to reservations: while any of these wait for their
 * turn, the requests that come through it go on one at a time, in their order. At other times all
 * go on at once.
 *
 * Who has chosen a flight comes before who still looks. One is always under way, so nobody waits
 * for ever; how many wait is bounded by their kind's limit.
 */
export function giveWay(reservations: Pick<Turns, 'waiting'>): RequestHandler {
  const queue: (() => void)[] = [];
  let underWay = 0;

  const letIn = () => {
    while (underWay === 0 || reservations.waiting === 0) {
      const next = queue.shift();
      if (next === undefined) return;
      underWay += 1;
      next();
    }
  };
  return (_req, res, next) => {
    queue.push(() => {
      whenEnded(res, { isOverOnClose: false }, () => {
        underWay -= 1;
        letIn();
      });
      next();
    });
    letIn();
  };
}
