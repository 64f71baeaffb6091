import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The way to a server: a port of its own, which can be shut for a while, or stand still. */
export class Door {
  /** Each with what it is connected to. */
  private readonly ways = new Map<Socket, Socket>();
  private server: Server | undefined;
  private port = 0;

  /** @param target - `host:port`. */
  constructor(private readonly target: string) {}

  /** Lets connections through. Returns the address of the door, the same every time. */
  async open(): Promise<string> {
    const { hostname: host, port } = new URL(`http://${this.target}`);
    const server = createServer((socket) => {
      const onward = connect({ host, port: Number(port) });
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.ways.set(one, other);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.ways.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    this.server = server;
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
    this.port = (server.address() as AddressInfo).port;
    return `127.0.0.1:${this.port}`;
  }

  /** Breaks all connections, and refuses new ones. */
  async shut(): Promise<void> {
    const closed = this.server && once(this.server.close(), 'close');
    for (const socket of this.ways.keys()) socket.destroy();
    await closed;
  }

  /** Nothing gets through, and nobody is told. Returns what lets all of it through. */
  hold(): () => void {
    const held = [...this.ways];
    for (const [socket, other] of held) socket.unpipe(other).pause();
    return () => {
      for (const [socket, other] of held) socket.pipe(other);
    };
  }
}
