import type { JSX } from 'preact';
import type { Schemas } from '../shared/api';

/** What the customer's bank wants first, as 3-D Secure does. The page goes on by itself after it. */
export function NextAction({
  action,
}: {
  action: NonNullable<Schemas['Payment']['nextAction']>;
}): JSX.Element {
  if (action.type === 'use_sdk' || !/^https?:/.test(action.url))
    return (
      <p class="note" role="status">
        The bank wants to be asked by the provider’s own form, which this page doesn’t have.
      </p>
    );
  if (isNowhere(action.url))
    return (
      <p class="note" role="status">
        The bank asks its customer to confirm. Customers of the sandbox answer by themselves, in
        some seconds.
      </p>
    );
  return (
    <p class="note" role="status">
      Your bank asks you to confirm the payment.{' '}
      <a class="button primary" href={action.url} target="_blank" rel="noopener noreferrer">
        Confirm at your bank
      </a>
    </p>
  );
}

/** The sandbox names a bank under `.example`, where nothing ever is (RFC 2606). */
const isNowhere = (url: string): boolean => new URL(url).hostname.endsWith('.example');
