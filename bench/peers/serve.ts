import express from 'express';

/** What every peer sells a seat for. */
export const PRICE = { amount: 20_000, currency: 'USD' } as const;

export interface CreateRequest {
  flightId: string;
  passengers: { givenName: string; familyName: string }[];
}

export interface PayRequest {
  bookingId: string;
  amount: number;
  currency: string;
  paymentMethod: string;
}

/** The two requests of the driver, as a peer carries them out. */
export interface Peer {
  create(request: CreateRequest): Promise<{ id: string }>;
  pay(request: PayRequest): Promise<{ status: 'captured' }>;
  close(): Promise<void>;
}

/** Serves the same two routes as our API, on the port that the environment names. */
export function serve(peer: Peer): void {
  const app = express();
  app.use(express.json());
  app.get('/readyz', (_req, res) => {
    res.json({ status: 'ok' });
  });
  app.post('/api/v1/bookings', async (req, res) => {
    const { id } = await peer.create(req.body as CreateRequest);
    res.status(201).json({ id, price: PRICE, status: 'pending' });
  });
  app.post('/api/v1/bookings/payments', async (req, res) => {
    const request = req.body as PayRequest;
    const { status } = await peer.pay(request);
    res.status(201).json({ bookingId: request.bookingId, status });
  });
  const server = app.listen(Number(setting('PORT')), '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    void peer.close().finally(() => process.exit(0));
  });
}

/** Reads a setting that the benchmark gave this process. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the benchmark starts this.`);
  return value;
}
