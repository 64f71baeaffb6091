import type { NextFunction, Request, Response } from 'express';
import { giveWay } from './give-way';

/** Requests that go on when they are let in, and end when they are told to. */
function atTheDoor() {
  const reservations = { waiting: 0 };
  const handler = giveWay(reservations);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const come = (...names: string[]) => {
    for (const name of names) {
      const res = { end: () => res, once: () => res };
      const next: NextFunction = () => {
        begun.push(name);
        ends.set(name, () => res.end());
      };
      void handler({} as Request, res as unknown as Response, next);
    }
  };
  const end = (name: string) => ends.get(name)?.();
  return { reservations, begun, come, end };
}

test('while no reservation waits, all requests go on at once', () => {
  const { begun, come } = atTheDoor();
  come('a', 'b', 'c');
  expect(begun.join()).toBe('a,b,c');
});

test('while reservations wait, requests go on one at a time, in their order', () => {
  const { reservations, begun, come, end } = atTheDoor();
  reservations.waiting = 5;
  come('a', 'b', 'c');
  expect(begun.join()).toBe('a');
  end('a');
  expect(begun.join()).toBe('a,b');
  end('b');
  expect(begun.join()).toBe('a,b,c');
});

test('those that were under way before reservations began to wait are not interrupted', () => {
  const { reservations, begun, come, end } = atTheDoor();
  come('a', 'b');
  reservations.waiting = 1;
  come('c');
  end('a');
  expect(begun.join()).toBe('a,b');
  end('b');
  expect(begun.join()).toBe('a,b,c');
});

test('once no reservation waits any more, all that have waited go on', () => {
  const { reservations, begun, come, end } = atTheDoor();
  reservations.waiting = 1;
  come('a', 'b', 'c');
  reservations.waiting = 0;
  end('a');
  expect(begun.join()).toBe('a,b,c');
});

test('a request that ends twice makes room once', () => {
  const { reservations, begun, come, end } = atTheDoor();
  reservations.waiting = 1;
  come('a', 'b', 'c');
  end('a');
  end('a');
  expect(begun.join()).toBe('a,b');
});
