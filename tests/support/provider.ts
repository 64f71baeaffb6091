import type { PaymentGateway } from '../../src/payments/gateway';
import { ProviderUnavailable } from '../../src/payments/gateway';

type Operation = 'authorize' | 'capture' | 'void' | 'find' | 'refund';

/** A call that stands still at the provider's door until it is let in. */
export interface PausedCall {
  /** Resolves when the call is there. */
  reached: Promise<void>;
  letIn(): void;
}

/** A line to a provider that tests can cut: what gets through is done by the provider as ever. */
export interface ProviderLine {
  gateway: PaymentGateway;
  /** From now on no such request arrives; or it arrives, and the answer gets lost. */
  lose(what: 'requests' | 'answers', ...operations: Operation[]): void;
  repair(): void;
  /** Makes the next such request wait. */
  pause(operation: Operation): PausedCall;
}

export function lineTo(provider: PaymentGateway): ProviderLine {
  const lost = new Map<Operation, 'requests' | 'answers'>();
  const gates = new Map<Operation, { arrive: () => void; opened: Promise<void> }>();

  async function call<T>(operation: Operation, ask: () => Promise<T>): Promise<T> {
    const gate = gates.get(operation);
    gates.delete(operation);
    gate?.arrive();
    await gate?.opened;
    if (lost.get(operation) === 'requests') throw new ProviderUnavailable('The line is cut.');
    const answer = await ask();
    if (lost.get(operation) === 'answers') throw new ProviderUnavailable('The line was cut.');
    return answer;
  }

  return {
    gateway: {
      provider: provider.provider,
      authorize: (charge) => call('authorize', () => provider.authorize(charge)),
      capture: (id) => call('capture', () => provider.capture(id)),
      void: (id) => call('void', () => provider.void(id)),
      find: (paymentId) => call('find', () => provider.find(paymentId)),
      refund: (refundId, id, money) => call('refund', () => provider.refund(refundId, id, money)),
      retrieve: (id) => call('find', () => provider.retrieve(id)),
      listCaptured: (since) => provider.listCaptured(since),
    },
    lose: (what, ...operations) => {
      for (const operation of operations) lost.set(operation, what);
    },
    repair: () => {
      lost.clear();
    },
    pause: (operation) => {
      const { promise: reached, resolve: arrive } = signal();
      const { promise: opened, resolve: letIn } = signal();
      gates.set(operation, { arrive, opened });
      return { reached, letIn };
    },
  };
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
