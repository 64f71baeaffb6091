import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';
import { installKustomize, run } from './tools';

/** The Kubernetes manifests, as kustomize renders them for the example. */

export const KUBERNETES = path.join(ROOT, 'deploy/kubernetes');

/** A release, in this order; each is a folder of the example. */
export const STEPS = ['migrate', 'worker', 'promote', 'api'] as const;

export type Step = (typeof STEPS)[number];

export interface Probe {
  httpGet: { path: string; port: string };
}

export interface Container {
  name: string;
  image: string;
  command: string[];
  env: { name: string; value?: string; valueFrom?: object }[];
  envFrom?: { configMapRef: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
}

export interface PodTemplate {
  metadata: { labels: Labels };
  spec: {
    terminationGracePeriodSeconds?: number;
    automountServiceAccountToken: boolean;
    securityContext: object;
    topologySpreadConstraints?: { labelSelector: { matchLabels: Labels } }[];
    containers: [Container];
    volumes: Volume[];
  };
}

interface Volume {
  name: string;
  secret?: { secretName: string; items: { key: string; path: string }[] };
}

export type Labels = Record<string, string>;

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  data?: Record<string, string>;
  spec: unknown;
}

interface ScaleTarget {
  scaleTargetRef: { name: string };
}

interface Selector {
  selector: { matchLabels: Labels };
}

/** What the tests look at, by kind. */
interface Specs {
  ConfigMap: undefined;
  Deployment: Selector & { template: PodTemplate };
  HorizontalPodAutoscaler: ScaleTarget;
  Job: { template: PodTemplate };
  NetworkPolicy: {
    podSelector: { matchLabels: Labels };
    ingress: { ports: { port: string }[] }[];
  };
  PodDisruptionBudget: Selector;
  PodMonitor: Selector & {
    podMetricsEndpoints: { port: string; relabelings: [{ replacement: string }] }[];
  };
  ScaledObject: ScaleTarget & { triggers: [{ metadata: Record<string, string> }] };
  Service: { selector: Labels; ports: { targetPort: string }[] };
}

/** The text that kustomize makes of a step, in this folder of manifests. */
export function renderText(step: Step, folder = KUBERNETES): string {
  const { exitCode, stdout, stderr } = run(installKustomize(), [
    'build',
    path.join(folder, 'overlays/example', step),
  ]);
  if (exitCode !== 0) throw new Error(`kustomize can't render ${step}: ${stderr}`);
  return stdout;
}

export function render(step: Step, folder = KUBERNETES): Manifest[] {
  return parseAllDocuments(renderText(step, folder)).map(
    (document) => document.toJS() as unknown as Manifest,
  );
}

/** The one of this kind; of several, the one whose name begins so. */
export function find<Kind extends keyof Specs>(
  manifests: Manifest[],
  kind: Kind,
  name = '',
): Manifest & { spec: Specs[Kind] } {
  const [found, ...others] = manifests.filter(
    ({ kind: its, metadata }) => its === kind && metadata.name.startsWith(name),
  );
  if (found === undefined || others.length > 0)
    throw new Error(`There is not exactly one ${kind} ${name}.`);
  return found as Manifest & { spec: Specs[Kind] };
}

/** What makes pods, with the pods that it makes. */
export function workloads(manifests: Manifest[]): { workload: Manifest; pod: PodTemplate }[] {
  return manifests.flatMap((workload) => {
    switch (workload.kind) {
      case 'Deployment':
      case 'Job':
        return { workload, pod: (workload.spec as { template: PodTemplate }).template };
      default:
        return [];
    }
  });
}

/** Where a pod finds its secrets. */
export const SECRETS_AT = '/run/secrets/flight-bookings';

/** All that a release of the example makes. */
export type Example = ReturnType<typeof renderExample>;

export function renderExample() {
  // Each step has the settings.
  const byName = STEPS.flatMap((step) => render(step)).map(
    (manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const,
  );
  const manifests = [...new Map(byName).values()];
  const pods = workloads(manifests).map((made) => ({
    ...made,
    container: made.pod.spec.containers[0],
  }));

  /** The pods with this container. */
  function only(name: string) {
    const [found] = pods.filter(({ container }) => container.name === name);
    if (found === undefined) throw new Error(`There is no container ${name}.`);
    return found;
  }

  /** The environment of a container, with what its ConfigMaps hold. */
  function environmentOf({ env, envFrom = [] }: Container): Record<string, string> {
    const fromMaps = envFrom.map(
      ({ configMapRef: { name } }) => find(manifests, 'ConfigMap', name).data ?? {},
    );
    const own = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    return Object.assign({}, ...fromMaps, Object.fromEntries(own)) as Record<string, string>;
  }

  const variablesOf = (name: string) => environmentOf(only(name).container);
  return { manifests, pods, only, environmentOf, variablesOf };
}
