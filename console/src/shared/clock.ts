import { useEffect, useState } from 'preact/hooks';

/** How far this machine's clock is behind the server's, in milliseconds; learnt from its answers. */
let behindMs = 0;

/** Learns what time it is for the server, so that a countdown is right on a clock that isn't. */
export function learnTime(serverTime: string): void {
  behindMs = Date.parse(serverTime) - Date.now();
}

/** The server's time, in milliseconds since 1970. */
export const serverNow = (): number => Date.now() + behindMs;

/** Returns the whole seconds until an instant, counting down; never below zero. */
export function useSecondsUntil(instant: string): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(instant) - serverNow()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = window.setInterval(() => setSeconds(left()), 250);
    return () => window.clearInterval(timer);
  }, [instant]);
  return seconds;
}
