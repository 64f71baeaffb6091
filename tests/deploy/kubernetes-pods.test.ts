import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';
import { openApiDocument } from '../../src/api/openapi/document';
import { HealthQuery } from '../../src/api/system/routes';
import { find, renderExample, type Example, type Labels } from './manifests';
import { installKustomize } from './tools';

/** What must hold of every pod, and between the manifests and the program. */

let example: Example;

beforeAll(() => {
  installKustomize();
  example = renderExample();
}, 480_000);

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

test('every pod is an ordinary user without rights, on a file system that it cannot write to', () => {
  expect(example.pods.map(({ container }) => container.name).sort()).toEqual([
    'api',
    'migrate',
    'promote',
    'worker',
  ]);
  for (const { pod, container } of example.pods) {
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.spec.containers).toHaveLength(1);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const { requests, limits } = container.resources;
    expect([requests.cpu, requests.memory, limits.memory]).toEqual(
      Array(3).fill(expect.any(String)),
    );
  }
});

test('probes ask for what the processes serve, on the ports that they listen on', () => {
  const served = Object.keys(openApiDocument().paths ?? {});
  for (const name of ['api', 'worker']) {
    const {
      startupProbe,
      readinessProbe,
      livenessProbe,
      ports = [],
    } = example.only(name).container;
    const variables = example.variablesOf(name);
    const listening = {
      http: variables.PORT,
      metrics: variables.METRICS_PORT,
      'temporal-metrics': variables.TEMPORAL_METRICS_PORT,
    };
    expect(listening).toMatchObject(
      Object.fromEntries(ports.map((port) => [port.name, String(port.containerPort)])),
    );
    const probes = [startupProbe, readinessProbe, livenessProbe].filter(
      (probe) => probe !== undefined,
    );
    expect(probes).toHaveLength(name === 'api' ? 3 : 2);
    for (const { httpGet } of probes) {
      const { pathname, searchParams } = new URL(httpGet.path, 'http://pod');
      expect(httpGet.port).toBe(name === 'api' ? 'http' : 'metrics');
      expect(name === 'api' ? served : ['/metrics']).toContain(pathname);
      if (searchParams.size > 0) HealthQuery.parse({ exclude: searchParams.getAll('exclude') });
    }
  }
});

test('a pod is not killed before its process has done what it does at its end', () => {
  const seconds = (file: string, pattern: RegExp, unit: number) => {
    const [, digits = ''] = pattern.exec(read(file)) ?? [];
    expect(digits).not.toBe('');
    return Number(digits.replaceAll('_', '')) / unit;
  };
  const closing = 10;
  const drain = seconds('src/api/main.ts', /^const DRAIN_MS = ([\d_]+);$/m, 1000);
  const delay = Number(example.variablesOf('api').SHUTDOWN_DELAY_SECONDS);
  expect(example.only('api').pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    delay + drain + closing,
  );
  const grace = seconds('src/worker/tuning.ts', /^const SHUTDOWN_GRACE = '(\d+)s';$/m, 1);
  expect(example.only('worker').pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    grace + closing,
  );
});

test('the commands are those of Docker Compose, with the same bound on the heap', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { command: string[] }>;
  };
  for (const name of ['worker', 'migrate'])
    expect(example.only(name).container.command).toEqual(compose.services[name]?.command);
  expect(example.only('api').container.command).toEqual(
    JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '[]'),
  );
});

test('what selects pods finds them, and what names a port finds that', () => {
  const labels = (name: string): Labels => example.only(name).pod.metadata.labels;
  const portsOf = (name: string) =>
    (example.only(name).container.ports ?? []).map((port) => port.name);
  for (const name of ['api', 'worker']) {
    const budget = find(example.manifests, 'PodDisruptionBudget', name);
    const policy = find(example.manifests, 'NetworkPolicy', name);
    const monitor = find(example.manifests, 'PodMonitor', name);
    const selectors = [
      budget.spec.selector.matchLabels,
      policy.spec.podSelector.matchLabels,
      monitor.spec.selector.matchLabels,
      ...(example.only(name).pod.spec.topologySpreadConstraints ?? []).map(
        ({ labelSelector }) => labelSelector.matchLabels,
      ),
    ];
    expect(selectors).toHaveLength(5);
    for (const selector of selectors) expect(labels(name)).toMatchObject(selector);
    const scraped = monitor.spec.podMetricsEndpoints.map(({ port }) => port);
    expect(scraped).toEqual(portsOf(name).filter((port) => port !== 'http'));
    expect(policy.spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual(
      portsOf(name),
    );
  }
  const service = find(example.manifests, 'Service');
  expect(labels('api')).toMatchObject(service.spec.selector);
  expect(service.spec.ports.map(({ targetPort }) => targetPort)).toEqual(['http']);
  const scaled = find(example.manifests, 'HorizontalPodAutoscaler');
  expect(scaled.spec.scaleTargetRef.name).toBe(example.only('api').workload.metadata.name);
  expect(find(example.manifests, 'ScaledObject').spec).toMatchObject({
    scaleTargetRef: { name: example.only('worker').workload.metadata.name },
  });
});

test('who scales asks the worker for variables that it has, and Prometheus gets the names that alerts ask for', () => {
  const { triggers } = find(example.manifests, 'ScaledObject').spec;
  const asked = Object.entries(triggers[0].metadata).flatMap(([key, value]) =>
    key.endsWith('FromEnv') ? [value] : [],
  );
  expect(asked).toHaveLength(5);
  expect(Object.keys(example.variablesOf('worker'))).toEqual(expect.arrayContaining(asked));
  const scraped = ['api', 'worker'].flatMap((name) =>
    find(example.manifests, 'PodMonitor', name).spec.podMetricsEndpoints.map(
      ({ relabelings: [{ replacement }] }) => replacement,
    ),
  );
  const alerts = read('deploy/prometheus/alerts.yml');
  const jobs = [...alerts.matchAll(/job=~?"([^"]+)"/g)].flatMap(([, job = '']) => job.split('|'));
  expect(scraped).toHaveLength(3);
  expect(scraped).toEqual(expect.arrayContaining([...new Set(jobs)]));
});
