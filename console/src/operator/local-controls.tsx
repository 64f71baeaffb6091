import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAsked, useTask } from '../shared/asking';
import { auditorLight, killWorker, useLocalStack, type LocalStack } from '../shared/local-stack';
import { TroubleNote } from '../shared/trouble-note';
import { Badge, Card, View } from '../shared/view';
import { count, momentHere } from '../shared/words';

/** What the local stack offers to see what a crash does: nothing of it exists anywhere else. */
export function LocalControls(): JSX.Element {
  const local = useLocalStack();
  return (
    <View title="Local stack">
      {local === null ? (
        <p>This page does not come from a local stack.</p>
      ) : (
        <>
          <KillWorker local={local} />
          <Auditor local={local} />
          <p>
            <a href="/local/docs">What the local stack offers, described</a>
          </p>
        </>
      )}
    </View>
  );
}

function KillWorker({ local }: { local: LocalStack }): JSX.Element {
  const task = useTask();
  const [killed, setKilled] = useState<number | null>(null);
  return (
    <Card title="Worker">
      <p>
        Kills the worker without warning, as a crash does. It is started again, and everything that
        was under way goes on.
      </p>
      <TroubleNote trouble={task.trouble} />
      <button
        type="button"
        class="danger"
        disabled={task.isBusy}
        onClick={() => task.run(async () => setKilled(await killWorker(local.secret)))}
      >
        Kill the worker
      </button>
      <p role="status">{killed === null ? '' : `Process ${killed} was killed.`}</p>
    </Card>
  );
}

const REFRESH_MS = 5_000;

const LIGHTS = { ok: 'good', findings: 'bad', unknown: 'plain' } as const;

function Auditor({ local }: { local: LocalStack }): JSX.Element {
  const asked = useAsked('auditor', () => auditorLight(local.secret), REFRESH_MS);
  const light = asked.value;
  return (
    <Card title="Auditor">
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {light !== undefined && (
        <p role="status">
          <Badge tone={LIGHTS[light.status]}>
            {light.status === 'findings' ? count(light.findings, 'finding') : light.status}
          </Badge>{' '}
          {light.at === null
            ? 'The books are being checked …'
            : `The books were checked at ${momentHere(light.at)}.`}
        </p>
      )}
    </Card>
  );
}
