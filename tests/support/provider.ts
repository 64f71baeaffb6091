import type { Authorization, Charge, PaymentGateway } from '../../src/payments/gateway';
import { ProviderUnavailable } from '../../src/payments/gateway';

/** What customers' banks do with a charge that the provider would let through. */
type Bank = 'lets_through' | 'asks_the_customer' | 'declines';

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
  /**
   * From now on banks do so, also with a charge that was begun before: a customer who was asked has
   * acted then, or has failed to.
   */
  setBank(bank: Bank): void;
  /** A customer confirms a payment by {@link ASKING_CARD} with their bank. */
  confirm(paymentId: string): void;
}

/** A card that works. Its bank asks its customer each time, until they have confirmed. */
export const ASKING_CARD = 'pm_card_asking';

/** Nothing is refunded otherwise: whatever was refunded before is explained. */
export const ALL_EXPLAINED = { refundIds: [], amountByHand: Number.MAX_SAFE_INTEGER };

/** Where a bank asks its customers. */
export const NEXT_ACTION = { type: 'redirect', url: 'https://bank.example/confirm' } as const;

export function lineTo(provider: PaymentGateway): ProviderLine {
  const lost = new Map<Operation, 'requests' | 'answers'>();
  const gates = new Map<Operation, { arrive: () => void; opened: Promise<void> }>();

  let bank: Bank = 'lets_through';

  const confirmed = new Set<string>();

  /** The payments whose customer was asked last, and has not confirmed. */
  const asked = new Set<string>();

  function bankOf({ paymentId, paymentMethod }: Charge): Bank {
    if (paymentMethod !== ASKING_CARD) return bank;
    return confirmed.has(paymentId) ? 'lets_through' : 'asks_the_customer';
  }

  async function authorize(charge: Charge): Promise<Authorization> {
    const isAsking = charge.paymentMethod === ASKING_CARD;
    const paymentMethod = isAsking ? 'pm_card_visa' : charge.paymentMethod;
    const answer = await provider.authorize({ ...charge, paymentMethod });
    const what = bankOf(charge);
    if (what === 'asks_the_customer') asked.add(charge.paymentId);
    else asked.delete(charge.paymentId);
    if (answer.status !== 'authorized' || what === 'lets_through') return answer;
    if (what === 'declines') return { status: 'declined', declineCode: 'authentication_failed' };
    const { providerPaymentId } = answer;
    return { status: 'requires_action', providerPaymentId, nextAction: NEXT_ACTION };
  }

  async function find(...payment: Parameters<PaymentGateway['find']>) {
    const found = await provider.find(...payment);
    const isAsked = found?.status === 'authorized' && asked.has(payment[0]);
    return isAsked ? { ...found, status: 'requires_action' as const } : found;
  }

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
      authorize: (charge) => call('authorize', () => authorize(charge)),
      capture: (id) => call('capture', () => provider.capture(id)),
      void: (id) => call('void', () => provider.void(id)),
      find: (...payment) => call('find', () => find(...payment)),
      refund: (...refund) => call('refund', () => provider.refund(...refund)),
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
    setBank: (next) => {
      bank = next;
    },
    confirm: (paymentId) => {
      confirmed.add(paymentId);
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
