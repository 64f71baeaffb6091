import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { mainNode, testedNodes } from '../support/node-versions';

/** Which Node the system is for is said in several places, each read by another program. */

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  engines: { node: string };
  devDependencies: Record<string, string>;
};
const [oldest] = testedNodes();

test('all suites, the image and the development container are on one version', () => {
  const [major = '', minor = ''] = mainNode().split('.');
  expect(testedNodes()).toContainEqual({ name: `node-${major}`, version: mainNode() });
  const images = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map(([, tag]) => tag);
  expect(images).toEqual([`${major}.${minor}`, `${major}.${minor}`]);
  expect(read('.devcontainer/devcontainer.json')).toContain(`typescript-node:${major}-`);
});

test('the oldest supported version is tested, and it is the one whose types are used', () => {
  expect(`>=${oldest?.version ?? ''}`).toBe(`${manifest.engines.node}.0`);
  expect(read('scripts/setup.mjs')).toContain(`OLDEST_NODE = '${oldest?.version ?? ''}'`);
  expect(manifest.devDependencies['@types/node']?.split('.')[0]).toBe(
    oldest?.version.split('.')[0],
  );
});
