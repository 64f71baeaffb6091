import type { Lab } from '../lab/lab';
import { floor } from './floor';
import { ours } from './ours';
import type { System, SystemName } from './system';

const OPENERS: Record<SystemName, (lab: Lab) => System | Promise<System>> = { ours, floor };

/** Plans the systems of these names; nothing of them runs yet. */
export async function openSystems(lab: Lab, names: readonly SystemName[]): Promise<System[]> {
  const systems: System[] = [];
  for (const name of names) systems.push(await OPENERS[name](lab));
  return systems;
}
