import { msOf } from './open-activity';
import type { Command } from './workflow-run';

/** What a history keeps of a command, for a replay to be compared with. */
export function asText(command: Command): string {
  const kinds = Object.keys(command).filter(
    (key) => key !== 'eventGroupMarkers' && key !== 'userMetadata',
  );
  const [kind = ''] = kinds;
  const body = command[kind] ?? {};
  if (kind === 'setPatchMarker') return `${kind} ${String(body.patchId)}`;
  if (kind === 'updateResponse') {
    const { protocolInstanceId: id, accepted, rejected, completed } = body;
    if (accepted) return `update ${String(id)} accepted`;
    return rejected
      ? `update ${String(id)} rejected ${typeOf(rejected)}`
      : `update ${String(id)} ${textOf([completed])}`;
  }
  const timer = body.startToFireTimeout === undefined ? '' : String(msOf(body.startToFireTimeout));
  return `${kind} ${String(body.seq)} ${String(body.activityType)} ${timer} ${textOf(body.arguments)}`;
}

/** The type of a failure, as the workflow's clients see it. */
export function typeOf(failure: unknown): string {
  const { applicationFailureInfo: info, message } = failure as {
    applicationFailureInfo?: { type?: string };
    message?: string;
  };
  return info?.type ?? message ?? 'failure';
}

function textOf(payloads: unknown): string {
  if (!Array.isArray(payloads)) return '';
  return (payloads as ({ data?: Uint8Array } | null)[])
    .map((payload) => Buffer.from(payload?.data ?? []).toString('latin1'))
    .join();
}
