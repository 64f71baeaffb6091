import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EXTENSIONS } from './kubernetes-extensions';
import {
  find,
  KUBERNETES,
  render,
  renderText,
  STEPS,
  workloads,
  type Manifest,
  type Step,
} from './manifests';
import { installKubernetesValidate, installKustomize, run } from './tools';

/** The Kubernetes manifests: kustomize renders them, and Kubernetes' own schemas accept them. */

/** The oldest and the newest version that they are for. */
const VERSIONS = ['1.32', '1.37'];

const PREVIOUS_VERSION = '2026-11-24';

/** A copy of the manifests, to be changed. */
let copy: string;

/** kustomize is built the first time, beside other tools. */
const BUILDING_MS = 480_000;

beforeAll(() => {
  installKustomize();
  installKubernetesValidate();
  copy = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-kubernetes-'));
}, BUILDING_MS);

beforeEach(() => cpSync(KUBERNETES, copy, { recursive: true, force: true }));

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function change(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(KUBERNETES, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(path.join(copy, file), text.replaceAll(from, to));
}

function validate(text: string) {
  const file = path.join(copy, 'rendered.yaml');
  writeFileSync(file, text);
  const folder = installKubernetesValidate();
  return run(
    path.join(folder, 'bin/kubernetes-validate'),
    ['--strict', ...VERSIONS.flatMap((version) => ['-k', version]), file],
    { env: { PYTHONPATH: folder } },
  );
}

test.each(STEPS)('Kubernetes accepts all that the step "%s" makes, old and new', (step) => {
  const { exitCode, stdout } = validate(renderText(step));
  expect(exitCode).toBe(0);
  const lines = stdout.trim().split('\n');
  const unknown = lines.filter((line) => !line.startsWith('INFO'));
  const manifests = render(step);
  const extensions = manifests.filter(({ kind }) => kind in EXTENSIONS);
  expect(lines).toHaveLength(manifests.length * VERSIONS.length);
  expect(unknown).toHaveLength(extensions.length * VERSIONS.length);
  for (const { kind, spec } of extensions)
    expect(EXTENSIONS[kind]?.safeParse(spec)).toMatchObject({ success: true });
});

/** The checks are seen to refuse: what is wrong in these is what people get wrong. */
test.each<[fault: string, step: Step, file: string, from: string, to: string, message: RegExp]>([
  [
    'a misspelt field',
    'api',
    'api/deployment',
    'failureThreshold',
    'failuresThreshold',
    /failures/,
  ],
  ['a number as text', 'worker', 'worker/deployment', 'Seconds: 10', "Seconds: '10'", /minReady/],
  ['a text as number', 'api', 'api/deployment', "value: '9464'", 'value: 9464', /9464/],
  ['a policy of old', 'api', 'api/autoscaler', 'autoscaling/v2', 'autoscaling/v2beta1', /v2beta1/],
])('%s is refused', (_fault, step, file, from, to, message) => {
  change(`base/${file}.yaml`, from, to);
  const { stdout } = validate(renderText(step, copy));
  expect(
    stdout
      .split('\n')
      .filter((line) => !line.startsWith('INFO'))
      .join('\n'),
  ).toMatch(message);
});

function renderVersion(step: Step, version: string): Manifest[] {
  change('overlays/example/release/kustomization.yaml', '2026-11-25', version);
  return render(step, copy);
}

test('one line of the example says what a release runs: images, build ID, names and labels follow', () => {
  const [migrate, worker, promote, api] = STEPS.map((step) => renderVersion(step, 'v2'));
  const all = [migrate, worker, promote, api].flatMap((manifests = []) => manifests);
  expect(JSON.stringify(all)).not.toMatch(/VERSION"|2026-11-25/);
  for (const { workload, pod } of workloads(all)) {
    expect(workload.metadata.labels).toMatchObject({ 'app.kubernetes.io/version': 'v2' });
    expect(pod.metadata.labels).toMatchObject({ 'app.kubernetes.io/version': 'v2' });
    const [{ name, image, env }] = pod.spec.containers;
    expect(image).toBe(
      name === 'promote'
        ? 'temporalio/admin-tools:1.32.0'
        : 'registry.example/shop/flight-bookings:v2',
    );
    const builds = env.filter((variable) => variable.name === 'WORKER_BUILD_ID');
    const isOfBuild = ['worker', 'promote'].includes(name);
    expect(builds).toEqual(isOfBuild ? [{ name: 'WORKER_BUILD_ID', value: 'v2' }] : []);
  }
  expect(find(all, 'ScaledObject').spec).toMatchObject({ scaleTargetRef: { name: 'worker-v2' } });
});

test('a release leaves the workers of the build before alone, and replaces the APIs', () => {
  const deployments = (step: Step) =>
    [PREVIOUS_VERSION, '2026-11-25'].map((version) =>
      find(renderVersion(step, version), 'Deployment'),
    );
  const [oldWorkers, newWorkers] = deployments('worker');
  expect(oldWorkers?.metadata.name).toBe(`worker-${PREVIOUS_VERSION}`);
  expect(newWorkers?.metadata.name).toBe('worker-2026-11-25');
  // Neither of the two takes the other one's pods for its own.
  expect(newWorkers?.spec.template.metadata.labels).toMatchObject(
    newWorkers?.spec.selector.matchLabels ?? {},
  );
  expect(newWorkers?.spec.template.metadata.labels).not.toMatchObject(
    oldWorkers?.spec.selector.matchLabels ?? {},
  );
  const [oldApi, newApi] = deployments('api');
  expect(newApi?.metadata.name).toBe(oldApi?.metadata.name);
  // Kubernetes refuses to change a selector.
  expect(newApi?.spec.selector).toEqual(oldApi?.spec.selector);
});

test('what runs once per release is a job of its own, since Kubernetes refuses to change one', () => {
  const names = [PREVIOUS_VERSION, '2026-11-25'].map((version) =>
    (['migrate', 'promote'] as const).map(
      (step) => find(renderVersion(step, version), 'Job').metadata.name,
    ),
  );
  expect(names).toEqual([
    [`migrate-${PREVIOUS_VERSION}`, `promote-${PREVIOUS_VERSION}`],
    ['migrate-2026-11-25', 'promote-2026-11-25'],
  ]);
});

test('a change of settings replaces the pods that read them', () => {
  const mapOf = (folder: string) =>
    find(render('api', folder), 'Deployment').spec.template.spec.containers[0].envFrom;
  change('overlays/example/environment/api-settings.env', 'MINUTE=600', 'MINUTE=500');
  expect(mapOf(copy)).not.toEqual(mapOf(KUBERNETES));
});
