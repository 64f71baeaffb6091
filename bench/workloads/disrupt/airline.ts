import { randomUUID } from 'node:crypto';
import { mintToken } from '../../../src/cli/mint';
import type { Shop } from '../../drive/customer';

/** An operator of the airline, who takes flights off sale. */
export class Airline {
  private constructor(
    private readonly apiUrl: string,
    private readonly token: string,
  ) {}

  static async open({ apiUrls, tokens }: Pick<Shop, 'apiUrls' | 'tokens'>): Promise<Airline> {
    const claims = { sub: 'bench-operator', scope: 'operator', expiresIn: '2h' } as const;
    return new Airline(apiUrls[0] ?? '', await mintToken(tokens, claims));
  }

  /**
   * Cancels a flight. Returns once the API has accepted it; its bookings are told afterwards.
   *
   * @throws Error when it is refused.
   */
  async cancelFlight(flightId: string): Promise<void> {
    const response = await fetch(`${this.apiUrl}/api/v1/flights/${flightId}/schedule-changes`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        authorization: `Bearer ${this.token}`,
      },
      body: JSON.stringify({ kind: 'cancelled', reason: 'Snow.' }),
    });
    if (response.status === 202) return;
    throw new Error(`Cancelling a flight got ${response.status}: ${await response.text()}`);
  }
}
