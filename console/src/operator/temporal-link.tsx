import type { JSX } from 'preact';
import { useLocalStack } from '../shared/local-stack';

/** Leads to a workflow's page in Temporal's UI, where this page knows one; else names the workflow. */
export function TemporalLink({
  workflowId,
  url,
}: {
  workflowId: string;
  url?: string | null;
}): JSX.Element {
  const local = useLocalStack();
  const uiUrl = local?.temporalUiUrl ?? null;
  const known =
    url ?? (uiUrl === null ? null : `${uiUrl}/namespaces/default/workflows/${workflowId}`);
  if (known === null || !/^https?:/.test(known)) return <code>{workflowId}</code>;
  return (
    <a
      href={known}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={`In Temporal’s UI: ${workflowId}`}
    >
      In Temporal’s UI
    </a>
  );
}
