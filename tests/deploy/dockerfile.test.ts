import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { installHadolint, run } from './tools';

const text = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');

let hadolint: string;

beforeAll(() => {
  hadolint = installHadolint();
});

function lint(dockerfile: string) {
  return run(hadolint, ['--no-color', '-'], { input: dockerfile });
}

test('hadolint has nothing to say about the Dockerfile', () => {
  expect(lint(text)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test.each([
  ['an image without a version', text.replaceAll(/node:\S+/g, 'node'), /DL3006/],
  ['a relative folder', text.replaceAll('WORKDIR /app', 'WORKDIR app'), /DL3000/],
  ['a word that is none', text.replaceAll('EXPOSE', 'EXPOSES'), /:\d+:\d+ /],
])('hadolint sees %s', (_fault, planted, message) => {
  const { exitCode, stdout, stderr } = lint(planted);
  expect(stdout + stderr).toMatch(message);
  expect(exitCode).toBe(1);
});

test('what the Dockerfile copies is there, and reaches the builder', () => {
  const sent = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8');
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  expect(copied).toContain('package.json');
  for (const name of copied) {
    expect(existsSync(path.join(ROOT, name))).toBe(true);
    expect(sent.split('\n')).toContain(`!${name}`);
  }
});
