import type { Plan } from './plan';

/**
 * Lives that once broke a promise, or showed that the model or the judge was wrong, as fast-check
 * has shrunk them.
 */
export const KEPT_LIVES = {
  'a worker dies while a local activity is all that is under way': {
    ...{ seed: 783645179, faults: 0, crashes: 0.05, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'change', card: 'good', at: 'sale', afterMs: 0 },
      { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 592 },
      { kind: 'pay', card: 'asks_bank', isRightAmount: true, at: 'request', afterMs: 19 },
    ],
  },
  'a run is terminated with a change under way': {
    ...{ seed: 1, faults: 0, crashes: 0, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'change', card: 'good', at: 'sale', afterMs: 0 },
      { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 0 },
      { kind: 'terminate', at: 'sale', afterMs: 8 },
      {
        kind: 'report',
        provider: 'sandbox',
        payment: 0,
        isRightAmount: false,
        at: 'deadline',
        afterMs: 0,
      },
    ],
  },
  'a run is terminated while a customer is with their bank, and restored at once': {
    ...{ seed: 2, faults: 0, crashes: 0, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 0 },
      { kind: 'change', card: 'asks_bank_in_vain', at: 'sale', afterMs: 0 },
      { kind: 'terminate', isRestoredAtOnce: true, at: 'sale', afterMs: 5_000 },
    ],
  },
  'a name is corrected by a worker that dies, beside a cancellation': {
    ...{ seed: 1240596768, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 198 },
      {
        kind: 'report',
        provider: 'sandbox',
        payment: 0,
        isRightAmount: false,
        at: 'request',
        afterMs: 191,
      },
      { kind: 'pay', card: 'good', isRightAmount: false, at: 'sale', afterMs: 0 },
      { kind: 'correct_name', at: 'sale', afterMs: 1 },
      {
        kind: 'report',
        provider: 'acme',
        payment: 0,
        isRightAmount: true,
        at: 'request',
        afterMs: 500,
      },
    ],
  },
  'a provider is asked again about a report while another one pays for the booking': {
    ...{ seed: 240078466, faults: 0, crashes: 0.05, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      {
        kind: 'report',
        provider: 'sandbox',
        payment: 0,
        isRightAmount: false,
        at: 'request',
        afterMs: 20,
      },
      { kind: 'temporal_cancel', at: 'deadline', afterMs: 0 },
      {
        kind: 'report',
        provider: 'acme',
        payment: 0,
        isRightAmount: true,
        at: 'request',
        afterMs: 109,
      },
      { kind: 'change', card: 'none', at: 'request', afterMs: 2_477 },
    ],
  },
  'money of another service comes in time, as a name is corrected past the deadline': {
    ...{ seed: 121, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'correct_name', at: 'deadline', afterMs: -1_100 },
      {
        kind: 'report',
        provider: 'acme',
        payment: 0,
        isRightAmount: true,
        at: 'deadline',
        afterMs: -280,
      },
    ],
  },
  'a worker dies at a cancellation, before it is recorded that the new times were accepted': {
    ...{ seed: 15, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 100 },
      {
        kind: 'disrupt',
        flight: 'A',
        isCancelled: false,
        isSignificant: true,
        acceptedBy: 'nobody',
        at: 'sale',
        afterMs: 0,
      },
      { kind: 'accept', by: 'owner', at: 'sale', afterMs: 600_000 },
      { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 600_600 },
    ],
  },
  'Temporal’s clock is put forward and back while seats are held': {
    ...{ seed: 1, faults: 0, crashes: 0, isRefused: 'no', isLong: false, flights: 1 },
    ...{ timersEarlyMs: 500, sent: [] },
  },
  'Temporal’s clock is put forward and back while the airline waits for a response': {
    ...{ seed: 1, faults: 0, crashes: 0, isRefused: 'no', isLong: false, flights: 1 },
    timersEarlyMs: 500,
    sent: [
      {
        kind: 'disrupt',
        flight: 'A',
        isCancelled: true,
        isSignificant: false,
        acceptedBy: 'owner',
        at: 'request',
        afterMs: 0,
      },
      {
        kind: 'report',
        provider: 'sandbox',
        payment: 0,
        isRightAmount: true,
        at: 'request',
        afterMs: 0,
      },
    ],
  },
  'an operator has the provider asked again as the payment is being recorded': {
    ...{ seed: 4, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
    sent: [
      { kind: 'retry', at: 'request', afterMs: 966 },
      { kind: 'pay', card: 'rejected', isRightAmount: true, at: 'request', afterMs: 477 },
    ],
  },
  'a change is lost with the worker and Temporal’s server as the airline’s offer is about to be closed':
    {
      ...{ seed: 2, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
      losesMessages: true,
      sent: [
        { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 0 },
        {
          kind: 'disrupt',
          flight: 'A',
          isCancelled: false,
          isSignificant: true,
          acceptedBy: 'nobody',
          at: 'sale',
          afterMs: 0,
        },
        { kind: 'change', card: 'good', at: 'response', afterMs: -300 },
      ],
    },
  'a cancellation of a sale is lost with the worker and Temporal’s server, and nobody asks again': {
    ...{ seed: 1, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
    losesMessages: true,
    sent: [
      { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 0 },
      { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 0 },
    ],
  },
} satisfies Record<string, Plan>;
