import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { answerOf, newIntent, Refused, troubleOf, type Intent, type Trouble } from './api';

/** What was asked for: the latest answer, and why there is none, or no newer one. */
export interface Asked<T> {
  value: T | undefined;
  trouble: Trouble | null;
  isWaiting: boolean;
  /** Asks once more; what is there stays until the answer comes. */
  again: () => void;
}

/**
 * Asks when the view appears, and whenever `about` is another text. An answer to an earlier
 * question is dropped.
 *
 * `everyMs` asks again and again, for what changes by itself.
 */
export function useAsked<T>(about: string, ask: () => Promise<T>, everyMs?: number): Asked<T> {
  const [state, setState] = useState<{ about: string; value?: T; trouble: Trouble | null }>();
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    let isOver = false;
    let timer: number | undefined;
    const askOnce = async () => {
      try {
        const value = await latest.current();
        if (!isOver) setState({ about, value, trouble: null });
      } catch (error) {
        if (!isOver)
          setState((before) => ({
            ...(before?.about === about ? before : { about }),
            trouble: troubleOf(error),
          }));
      }
      if (!isOver && everyMs !== undefined)
        timer = window.setTimeout(() => void askOnce(), everyMs);
    };
    void askOnce();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [about, round, everyMs]);

  const again = useCallback(() => setRound((before) => before + 1), []);
  const current = state?.about === about ? state : undefined;
  return {
    value: current?.value,
    trouble: current?.trouble ?? null,
    isWaiting: current === undefined,
    again,
  };
}

/** Something that a person started: whether it is under way, and why it failed. */
export interface Task {
  isBusy: boolean;
  trouble: Trouble | null;
  /** Starts it, unless it is under way. */
  run(work: () => Promise<void>): void;
  clear: () => void;
}

export function useTask(): Task {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const isRunning = useRef(false);
  const run = useCallback((work: () => Promise<void>) => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    setTrouble(null);
    work()
      .catch((error: unknown) => setTrouble(troubleOf(error)))
      .finally(() => {
        isRunning.current = false;
        setBusy(false);
      });
  }, []);
  return { isBusy, trouble, run, clear: useCallback(() => setTrouble(null), []) };
}

/**
 * Sends what a person wants under one idempotency key: the same one for the same wish, so that
 * nothing is done twice however often the button is pressed, and a new one after a refusal that
 * needs one.
 */
export function useIntent(): {
  /** @throws Refused when it was refused. */
  send<T>(
    wish: unknown,
    request: (intent: Intent) => Promise<{ data?: T; error?: unknown }>,
  ): Promise<T>;
} {
  const kept = useRef<{ wish: string; intent: Intent } | null>(null);
  return {
    async send(wish, request) {
      const text = JSON.stringify(wish);
      if (kept.current?.wish !== text) kept.current = { wish: text, intent: newIntent() };
      try {
        return await answerOf(request(kept.current.intent));
      } catch (error) {
        if (error instanceof Refused && error.trouble.retry !== 'same_key') kept.current = null;
        throw error;
      }
    },
  };
}
