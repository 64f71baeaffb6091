import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/stack/settings';
import { bundling } from '../../src/worker/bundling';

/**
 * What a module keeps that all workflows of a worker share, and why none can tell. Everything else
 * at the top of a module must be a constant.
 */
const REVIEWED: Record<string, string> = {
  'src/domain/money.ts formats': 'remembers results of a pure function',
  'src/temporal/contracts/unreadable.ts times':
    'keyed by payloads, which come once and to one workflow',
  'src/temporal/encryption/payload-converter.ts payloadConverter': 'has no fields',
  'src/temporal/encryption/failure-converter.ts failureConverter': 'has only options',
};

const parsed = new Map<string, ts.SourceFile>();

/** The modules of the bundle that are ours, by what the first of them import. */
function load(file: string): void {
  if (parsed.has(file)) return;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023);
  parsed.set(file, source);
  for (const statement of source.statements) {
    const names = ts.isImportDeclaration(statement)
      ? importsValues(statement.importClause)
      : ts.isExportDeclaration(statement) && !statement.isTypeOnly;
    if (!names) continue;
    const from = (statement as ts.ImportDeclaration | ts.ExportDeclaration).moduleSpecifier;
    if (from !== undefined && ts.isStringLiteral(from) && from.text.startsWith('.'))
      load(resolve(path.resolve(path.dirname(file), from.text)));
  }
}

function importsValues(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return true;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return false;
  const { namedBindings: named } = clause;
  if (named === undefined || !ts.isNamedImports(named)) return true;
  return clause.name !== undefined || named.elements.some(({ isTypeOnly }) => !isTypeOnly);
}

function resolve(base: string): string {
  return [`${base}.ts`, path.join(base, 'index.ts')].find((file) => existsSync(file)) ?? base;
}

/** What may change between two workflows that use it. */
function isState(value: ts.Expression | undefined): boolean {
  if (value === undefined) return true;
  if (ts.isNewExpression(value)) {
    const { expression, arguments: given = [] } = value;
    const isFilledSet =
      given.length > 0 && ts.isIdentifier(expression) && /^(Set|Map)$/.test(expression.text);
    return !isFilledSet;
  }
  if (ts.isArrayLiteralExpression(value)) return value.elements.length === 0;
  if (ts.isObjectLiteralExpression(value)) return value.properties.length === 0;
  // Such an expression remembers where its last match ended.
  if (ts.isRegularExpressionLiteral(value)) return /[gy][a-z]*$/.test(value.text);
  return false;
}

function statesOf(file: string, source: ts.SourceFile): string[] {
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => {
    const isConstant = (declarationList.flags & ts.NodeFlags.Const) !== 0;
    return declarationList.declarations
      .filter(({ initializer }) => !isConstant || isState(initializer))
      .map(({ name }) => `${path.relative(ROOT, file)} ${name.getText(source)}`);
  });
}

test('workflows share no state through the modules that they share', () => {
  const { preloadModules } = bundling(path.join(ROOT, 'src/workflows/index.ts'));
  preloadModules.forEach(load);
  expect(parsed.size).toBeGreaterThan(80);
  const states = [...parsed].flatMap(([file, source]) => statesOf(file, source));
  expect(states.sort()).toEqual(Object.keys(REVIEWED).sort());
});

test.each([
  ['let last = 0;', true],
  ['const seen = new Set<string>();', true],
  ['const known = new Set(["a"]);', false],
  ['const queue: string[] = [];', true],
  ['const byId = {};', true],
  ['const word = /a/g;', true],
  ['const word = /a/;', false],
  ['const cache = new WeakMap();', true],
  ['const LIMIT = 3;', false],
])('%s keeps state: %s', (text, isOne) => {
  const source = ts.createSourceFile('some.ts', text, ts.ScriptTarget.ES2023);
  expect(statesOf('some.ts', source)).toHaveLength(isOne ? 1 : 0);
});
