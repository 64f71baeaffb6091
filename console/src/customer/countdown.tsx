import type { JSX } from 'preact';
import { useSecondsUntil } from '../shared/clock';

/** When a screen reader says how much time is left, in seconds before the end. */
const SAID_AT = [600, 300, 60, 30];

/** Minutes and seconds until an instant: `14:59`. */
export function Countdown({ until, label }: { until: string; label: string }): JSX.Element {
  const left = useSecondsUntil(until);
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return (
    <p class={left < 60 ? 'countdown soon' : 'countdown'}>
      <span>{label}</span> <b role="timer">{text}</b>
      <span class="hidden" role="status">
        {SAID_AT.includes(left) ? `${label} ${text}` : ''}
      </span>
    </p>
  );
}
