import type { ProviderEvent } from '../../temporal/contracts/provider-event';
import type { Db } from '../connection';

/** Whether a provider's event has been handled before. */
export async function isProviderEventKnown(
  db: Db,
  { provider, eventId }: ProviderEvent,
): Promise<boolean> {
  const known = await db('provider_events').where({ provider, event_id: eventId }).first();
  return known !== undefined;
}

/** Records that a provider's event has been handled. Safe to repeat. */
export async function recordProviderEvent(
  db: Db,
  { provider, eventId, type }: ProviderEvent,
): Promise<void> {
  await db('provider_events')
    .insert({ provider, event_id: eventId, type })
    .onConflict(['provider', 'event_id'])
    .ignore();
}
