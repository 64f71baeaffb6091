import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { PLANTS } from './plants';

test.each(Object.entries(PLANTS))('%s: the safeguard stands where it is taken out', (_, plant) => {
  const text = readFileSync(path.join(ROOT, plant.file), 'utf8');
  expect(text.split(plant.original)).toHaveLength(2);
});
