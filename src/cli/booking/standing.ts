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
        : ['Temporal no longer keeps its workflow: the database alone says how it stands.'];
    case 'running':
      return says === status || status === 'pending'
        ? []
        : [`Its workflow is about to end: the page still says ${says ?? 'nothing'}.`];
    case 'completed':
      return status === 'cancelled' && says === 'booked' && cancellation !== null
        ? [
            'Its workflow ended when it was booked, and a closed page can’t change: it says booked for ever. The cancellation’s page is the later one, and the database has it so.',
          ]
        : [];
    case 'ended':
      return [
        `Its workflow did not end by itself (${workflow?.execution ?? ''}): its page stays at ${says ?? 'nothing'}, and the database alone says how it stands.`,
      ];
    default:
      return run satisfies never;
  }
}

function aboutUnknown(run: Run, execution = ''): string[] {
  switch (run) {
    case 'running':
      return ['No worker has got to it yet: it is in Temporal alone, and owns no seat.'];
    case 'completed':
    case 'ended':
      return [
        `Its workflow ended (${execution}) before it came into the database: it owns no seat.`,
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
      return isCancelled ? [] : ['A cancellation was asked for and refused: nothing changed.'];
    case 'ended':
      return isCancelled
        ? [
            `The workflow of its cancellation did not end by itself (${cancellation.execution}), after it had cancelled: its refund is looked after by a workflow of its own.`,
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
