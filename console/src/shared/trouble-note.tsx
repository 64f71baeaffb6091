import type { JSX } from 'preact';
import type { Trouble } from './api';

/** What a person can do about a problem, by what the API says of trying again. */
const ADVICE: Record<Trouble['retry'], string> = {
  same_key: 'Try again: nothing is done twice.',
  new_key: 'Choose or enter something else, then try again.',
  no: '',
};

/** What to do about problems of which more is known than whether to try again. */
const SPECIAL_ADVICE: Partial<Record<Trouble['code'], string>> = {
  unauthenticated: 'Sign in again: the token has expired, or is not of this system.',
  forbidden: 'Sign in with a token that has the scope for this.',
  seats_unavailable: 'Choose other seats or another flight.',
  payment_declined: 'Nothing was taken. Pay with another card.',
  quote_expired: 'Ask for a new price.',
  quote_changed: 'Look at the new amount, then decide again.',
  too_many_holds: 'Pay for or cancel another booking first.',
};

/** Says why something could not be done, and what one can do. Screen readers read it at once. */
export function TroubleNote({
  trouble,
  again,
}: {
  trouble: Trouble | null;
  again?: (() => void) | undefined;
}): JSX.Element | null {
  if (trouble === null) return null;
  const advice = SPECIAL_ADVICE[trouble.code] ?? ADVICE[trouble.retry];
  return (
    <div class="note trouble" role="alert">
      <strong>{trouble.title}</strong>
      <p>{trouble.detail}</p>
      {trouble.errors !== undefined && trouble.errors.length > 0 && (
        <ul>
          {trouble.errors.map(({ pointer, detail }) => (
            <li key={pointer}>
              <code>{pointer}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {advice !== '' && <p>{advice}</p>}
      {again !== undefined && trouble.retry === 'same_key' && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
