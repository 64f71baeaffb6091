import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certified } from './certificates';

/** One call, as it came through the door. */
export interface Call {
  method: string;
  authorization: string | undefined;
  /** Whom the client's certificate names. */
  client: string | undefined;
}

/**
 * A door with TLS before a server that speaks plain gRPC: it lets in whom the authority has
 * certified, and notes who calls what. What it `refuses` never reaches the server.
 */
export async function openTlsDoor(target: string, server: Certified, authority: string) {
  const calls: Call[] = [];
  const self = { refuses: (_method: string) => false as boolean };
  const inside = http2.connect(`http://${target}`);
  const door = http2.createSecureServer({
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ca: readFileSync(authority),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const guests = new Set<http2.ServerHttp2Session>();
  door.on('session', (guest) => {
    guests.add(guest);
    guest.once('close', () => guests.delete(guest));
  });
  door.on('stream', (outer, headers) => {
    const { subject } = (outer.session?.socket as TLSSocket).getPeerCertificate();
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    calls.push({
      method,
      authorization: headers.authorization,
      client: [subject.CN].flat()[0],
    });
    if (self.refuses(method)) {
      outer.respond(UNAVAILABLE, { endStream: true });
      return;
    }
    pass(outer, inside.request({ ...headers, ':scheme': 'http', ':authority': target }));
  });
  door.listen(0, 'localhost');
  await once(door, 'listening');
  return Object.assign(self, {
    address: `localhost:${String((door.address() as AddressInfo).port)}`,
    calls,
    async close(): Promise<void> {
      for (const guest of guests) guest.destroy();
      inside.destroy();
      await new Promise((resolve) => door.close(resolve));
    },
  });
}

/** What gRPC says of a server that can't answer at the moment. */
const UNAVAILABLE = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-status': '14',
  'grpc-message': 'no usable database connection found',
};

/** Hands a call on, and its answer back with the trailers, in which gRPC says how it went. */
function pass(outer: http2.ServerHttp2Stream, inner: http2.ClientHttp2Stream): void {
  let trailers: http2.IncomingHttpHeaders = {};
  inner.on('response', (headers, flags) => {
    const isAll = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    outer.respond(headers, isAll ? { endStream: true } : { waitForTrailers: true });
  });
  inner.on('trailers', (received: http2.IncomingHttpHeaders) => (trailers = received));
  outer.on('wantTrailers', () => {
    outer.sendTrailers(trailers);
  });
  outer.pipe(inner).pipe(outer);
  // Whoever gives up a call gives it up on both sides.
  outer.on('close', () => inner.close(http2.constants.NGHTTP2_CANCEL));
  inner.on('error', () => outer.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  outer.on('error', () => inner.close(http2.constants.NGHTTP2_CANCEL));
}
