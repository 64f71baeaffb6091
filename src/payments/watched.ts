import { ProviderRejected, ProviderUnavailable, type PaymentGateway } from './gateway';

/** A finished request to a payment provider. */
export interface ProviderRequest {
  provider: string;
  /** The gateway's function. */
  operation: Exclude<keyof PaymentGateway, 'provider' | 'listCaptured'>;
  /** A declined card is `answered`; `failed` is an error that no provider caused. */
  outcome: 'answered' | 'unavailable' | 'rejected' | 'failed';
  seconds: number;
}

/**
 * Returns the same gateway, which reports each request when it has ended. Listing is not reported:
 * its time is mostly that of its caller, between two payments.
 */
export function watched(
  gateway: PaymentGateway,
  report: (request: ProviderRequest) => void,
): PaymentGateway {
  const { provider } = gateway;
  async function timed<T>(
    operation: ProviderRequest['operation'],
    ask: () => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    let outcome: ProviderRequest['outcome'] = 'answered';
    try {
      return await ask();
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      report({ provider, operation, outcome, seconds: (performance.now() - startedAt) / 1000 });
    }
  }
  return {
    provider,
    authorize: (...args) => timed('authorize', () => gateway.authorize(...args)),
    capture: (...args) => timed('capture', () => gateway.capture(...args)),
    void: (...args) => timed('void', () => gateway.void(...args)),
    refund: (...args) => timed('refund', () => gateway.refund(...args)),
    find: (...args) => timed('find', () => gateway.find(...args)),
    retrieve: (...args) => timed('retrieve', () => gateway.retrieve(...args)),
    listCaptured: (since) => gateway.listCaptured(since),
  };
}

function outcomeOf(error: unknown): ProviderRequest['outcome'] {
  if (error instanceof ProviderUnavailable) return 'unavailable';
  if (error instanceof ProviderRejected) return 'rejected';
  return 'failed';
}
