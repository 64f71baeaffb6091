import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { ROOT } from '../../scripts/stack/settings';
import { viewLinks, viewsScript } from '../../scripts/stack/ui-views';

/** The columns and saved views that a browser gets for Temporal's UI. */

const RUNBOOK = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
const COLUMNS = 'namespace-workflow-table-columns';
const VIEWS = 'saved-workflow-queries';

/** Runs the script in a browser that keeps these; returns what it keeps afterwards. */
function openUi(kept: Record<string, unknown> = {}): Record<string, Record<string, unknown[]>> {
  const items = new Map(Object.entries(kept).map(([key, value]) => [key, JSON.stringify(value)]));
  const localStorage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  };
  vm.runInNewContext(viewsScript('default'), { localStorage, console });
  return Object.fromEntries(
    [...items].map(([key, text]) => [key, JSON.parse(text) as Record<string, unknown[]>]),
  );
}

test('a new browser gets columns and views, those of other namespaces stay', () => {
  const kept = openUi({ [COLUMNS]: { other: [{ label: 'Type' }] } });
  expect(kept[COLUMNS]).toMatchObject({
    other: [{ label: 'Type' }],
    default: expect.arrayContaining([{ label: 'BookingReference' }, { label: 'FlightNumber' }]),
  });
  expect(kept[VIEWS]?.default).toContainEqual({
    id: 'flight-bookings-By reference',
    name: 'By reference',
    type: 'user',
    query: '`BookingReference`="ABC234"',
  });
});

test('columns that were chosen before stay, and so do views', () => {
  const own = { id: '1', name: 'Mine', query: '', type: 'user' };
  const kept = openUi({
    [COLUMNS]: { default: [{ label: 'Type' }] },
    [VIEWS]: { default: [own] },
  });
  expect(kept[COLUMNS]?.default).toEqual([{ label: 'Type' }]);
  expect(kept[VIEWS]?.default).toHaveLength(viewLinks('default').length + 1);
  expect(kept[VIEWS]?.default).toContainEqual(own);
});

test('views that were removed are not offered again', () => {
  const kept = openUi();
  const later = openUi({ ...kept, [VIEWS]: { default: [] } });
  expect(later[VIEWS]).toEqual({ default: [] });
});

test('a namespace with any name can’t break out of the script', () => {
  expect(viewsScript('</script>')).not.toContain('</script>');
});

test.each(viewLinks('default'))('the runbook links the view "$name"', ({ name, path: link }) => {
  const url = `http://127.0.0.1:8233${link}&savedQuery=${encodeURIComponent(name)}`;
  expect(RUNBOOK).toContain(`[${name}](${url})`);
});
