import type { BookingStatus } from '../../domain/booking-status';

/** How a workflow ended, as far as it matters here; `gone` when Temporal keeps nothing of it. */
type Run = 'running' | 'completed' | 'ended' | 'gone';

/** A workflow as Temporal has it: its status, and the booking status on its page. */
interface Page {
  execution: string;
  bookingStatus: string | null;
}

/**
 * A booking's standing in the database, and on the pages of its two workflows; null where there is
 * none.
 */
export interface Standing {
  status: BookingStatus;
  isInDatabase: boolean;
  workflow: Page | null;
  cancellation: Page | null;
}

/**
 * Returns what looks like a contradiction between the database and Temporal's pages but is none,
 * each in a sentence that says why. Empty when they agree.
 *
 * A closed workflow's page can't change any more: it keeps the booking's status at its end for
 * ever.
 */
export function explainStanding(standing: Standing): string[] {
  return [...aboutWorkflow(standing), ...aboutCancellation(standing)];
}

function aboutWorkflow({ status, isInDatabase, workflow, cancellation }: Standing): string[] {
  const run = runOf(workflow);
  const says = workflow?.bookingStatus ?? null;
  if (!isInDatabase) return aboutUnknown(run, workflow?.execution);
  switch (run) {
    case 'gone':
      return status === 'pending'
        ? []
        : ['Temporal no longer keeps its workflow: only the database has its status.'];
    case 'running':
      return says === status || status === 'pending'
        ? []
        : [`Its page is about to change: it still shows ${says ?? 'no status'}.`];
    case 'completed':
      return status === 'cancelled' && says === 'booked' && cancellation !== null
        ? [
            'Its workflow ended when it was booked. The page of a closed workflow does not change: it still shows booked. The cancellation’s page is newer, and agrees with the database.',
          ]
        : [];
    case 'ended':
      return [
        `Its workflow was ended from outside (${workflow?.execution ?? ''}): its page still shows ${says ?? 'no status'}, and only the database has its status.`,
      ];
    default:
      return run satisfies never;
  }
}

function aboutUnknown(run: Run, execution = ''): string[] {
  switch (run) {
    case 'running':
      return ['No worker has started it yet: it is only in Temporal, and owns no seat.'];
    case 'completed':
    case 'ended':
      return [
        `Its workflow ended (${execution}) before the booking was in the database: it owns no seat.`,
      ];
    case 'gone':
      return [];
    default:
      return run satisfies never;
  }
}

function aboutCancellation({ status, cancellation }: Standing): string[] {
  if (cancellation === null) return [];
  const run = runOf(cancellation);
  const isCancelled = status === 'cancelled';
  switch (run) {
    case 'running':
      return isCancelled
        ? ['The workflow of its cancellation is about to end.']
        : ['Its cancellation has begun, and has changed nothing yet.'];
    case 'completed':
      return isCancelled ? [] : ['A cancellation was requested and refused: nothing changed.'];
    case 'ended':
      return isCancelled
        ? [
            `The workflow of its cancellation was ended from outside (${cancellation.execution}), after the booking was cancelled: a separate workflow handles its refund.`,
          ]
        : [
            `The workflow of its cancellation ended (${cancellation.execution}) before it changed anything: it can be cancelled again.`,
          ];
    case 'gone':
      return [];
    default:
      return run satisfies never;
  }
}

function runOf(page: Page | null): Run {
  if (page === null) return 'gone';
  if (page.execution === 'RUNNING') return 'running';
  return page.execution === 'COMPLETED' ? 'completed' : 'ended';
}
