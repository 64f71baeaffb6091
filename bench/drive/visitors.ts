import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Customer, type Shop } from './customer';

/** More than requests that are under way at once, so that none waits for a connection here. */
const MAX_SOCKETS = 8_192;

/** So that each stays below the limit of requests a minute, and of open holds. */
const USES_OF_VISITOR = 50;

/**
 * Customers of an open loop: whoever has finished may come again. They share connections, as they
 * do behind a proxy.
 */
export class Visitors {
  private readonly idle: Customer[] = [];
  private readonly uses = new WeakMap<Customer, number>();
  private readonly name = `bench-${randomUUID().slice(0, 8)}`;
  private readonly sockets = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  private arrived = 0;

  constructor(private readonly shop: Pick<Shop, 'apiUrls' | 'tokens'>) {}

  /** Returns someone who does nothing at the moment. */
  async next(): Promise<Customer> {
    return this.idle.pop() ?? (await this.newcomer());
  }

  /** Returns someone who has never been here. */
  async newcomer(): Promise<Customer> {
    this.arrived += 1;
    const { arrived } = this;
    return Customer.arrive(this.shop, `${this.name}-${arrived}`, arrived, this.sockets);
  }

  /** Whoever has finished and holds nothing unpaid may come again. */
  comeAgain(customer: Customer): void {
    const uses = (this.uses.get(customer) ?? 0) + 1;
    if (uses >= USES_OF_VISITOR) return;
    this.uses.set(customer, uses);
    this.idle.push(customer);
  }

  leave(): void {
    this.sockets.destroy();
  }
}
