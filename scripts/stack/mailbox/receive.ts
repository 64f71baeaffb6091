import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/**
 * A mail server on this machine that takes every mail, whoever it is for, and hands it on nowhere.
 */
export async function receiveMails(port: number, keep: (raw: Buffer) => void): Promise<SMTPServer> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    // Milliseconds that clients have to end, once it is closed.
    closeTimeout: 100,
    onData: (stream, _session, done) => {
      buffer(stream).then((raw) => {
        keep(raw);
        done();
      }, done);
    },
  });
  // A client that goes away in the middle of a mail is no reason to end.
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return server;
}
