import { freePort } from '../../scripts/stack/ports';
import type { Lab } from '../lab/lab';
import { FLOOR_WORKFLOW, floorWorkflowId } from '../peers/floor/messages';
import { registerHandlers, restateServer } from '../peers/restate/server';
import { textbookWorkflowId } from '../peers/textbook/messages';
import { beside } from './beside';
import { filled } from './filled';
import { ours } from './ours';
import { peer } from './peer';
import type { PeerName, System } from './system';
import { auditWorkflows } from './workflow-audit';

/** Plans the systems of these names; nothing of them runs yet. */
export async function openSystems(
  lab: Lab,
  names: readonly PeerName[],
  others: { filled?: string; beside?: string },
): Promise<System[]> {
  const systems: System[] = [];
  for (const name of names) systems.push(await openSystem(lab, name));
  if (others.beside !== undefined) systems.push(await beside(lab, others.beside));
  if (others.filled !== undefined) systems.push(await filled(lab, others.filled));
  return systems;
}

async function openSystem(lab: Lab, name: PeerName): Promise<System> {
  switch (name) {
    case 'ours':
      return ours(lab);
    case 'floor':
      return peer(lab, {
        name,
        hasDatabase: false,
        workflowId: floorWorkflowId,
        audit: (sold) => auditWorkflows(lab, FLOOR_WORKFLOW, sold),
      });
    case 'textbook':
      return peer(lab, { name, hasDatabase: true, workflowId: textbookWorkflowId });
    case 'dbos':
    case 'plain':
      return peer(lab, { name, hasDatabase: true });
    case 'restate':
      return restate(lab);
    default:
      throw new Error(`Bug: ${String(name satisfies never)} is no system`);
  }
}

/** It has a server of its own, which calls the handlers in the API's process. */
async function restate(lab: Lab): Promise<System> {
  const handlersPort = await freePort();
  const ports = {
    ingress: await freePort(),
    admin: await freePort(),
    node: await freePort(),
  };
  const server = restateServer(lab.cluster.settings.dataDir, ports);
  return peer(lab, {
    name: 'restate',
    hasDatabase: true,
    engine: server.name,
    env: {
      HANDLERS_PORT: String(handlersPort),
      INGRESS_URL: `http://127.0.0.1:${ports.ingress}`,
    },
    before: [{ title: 'restate: server', task: () => lab.start(server) }],
    after: [
      {
        title: 'restate: handlers',
        task: () => registerHandlers(ports, handlersPort),
      },
    ],
  });
}
