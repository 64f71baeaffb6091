import { resolveProgram } from './stack/binaries';
import { runAsCommand } from './stack/command';
import {
  CADDY,
  TEMPORAL_CLI,
  TEMPORAL_SERVER,
  TEMPORAL_SQL_TOOL,
  TEMPORAL_UI,
} from './stack/programs';

/**
 * npm run provide:cluster: gets every program of `npm run dev:cluster` ahead, one after another;
 * what is there already is left as it is.
 */
async function main(): Promise<void> {
  for (const program of [TEMPORAL_CLI, CADDY, TEMPORAL_SQL_TOOL, TEMPORAL_SERVER, TEMPORAL_UI])
    console.log(await resolveProgram(program, { onProgress: console.log }));
}

runAsCommand(main);
