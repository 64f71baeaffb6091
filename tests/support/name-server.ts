import { createSocket } from 'node:dgram';
import { decode, encode, type Answer } from 'dns-packet';

/** Addresses of a host, for each time that it is asked for; the last ones stay. */
type Turns = Record<string, string[][]>;

/** A name server of a test: what it says of a host may change from one question to the next. */
export async function openNameServer(turns: Turns) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const turnOf = new Map<string, number>();
  socket.on('message', (message, { address, port }) => {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    if (question === undefined) return;
    const { name, type } = question;
    asked.push(`${type} ${name}`);
    const key = `${type} ${name}`;
    const turn = turnOf.get(key) ?? 0;
    turnOf.set(key, turn + 1);
    const addresses = turns[name] ?? [];
    const now = addresses[Math.min(turn, addresses.length - 1)] ?? [];
    const answers = now
      .filter((one) => one.includes(':') === (type === 'AAAA'))
      .map((data): Answer => ({ type: type as 'A', name, ttl: 0, data }));
    socket.send(encode({ type: 'response', id: id ?? 0, questions, answers }), port, address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise<void>((resolve) => socket.close(resolve)),
  };
}
