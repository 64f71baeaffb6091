import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/stack/settings';

/**
 * Every sentence of a 503, as people have read it. A 503 may come after work has begun: a sentence
 * claims that something did not happen only where that is certain, and says here why it is.
 */
const REVIEWED: Record<string, 'claims nothing' | 'not known yet' | { certain: string }> = {
  'The database cannot answer now.': 'claims nothing',
  'The booking system cannot be reached.': 'claims nothing',
  'The keys that tokens are checked with cannot be reached.': 'claims nothing',
  'It is not known yet whether the booking was made; send the same request with the same key to learn.':
    'not known yet',
  'It is not known yet whether the booking was made; read it by its bookingId to learn. No key was sent: the same request again would make another booking.':
    'not known yet',
  'It is not known yet whether the payment was started; send the same request with the same key to learn.':
    'not known yet',
  'It is not known yet whether the booking was cancelled; send the same request again to learn.':
    'not known yet',
  'It is not known yet whether the booking was changed; send the same request again to learn.':
    'not known yet',
  'It is not known yet whether the booking was changed; send the same request with the same key to learn.':
    'not known yet',
  'It is not known yet whether the new times were accepted; send the same request again to learn.':
    'not known yet',
  'It is not known yet whether the flight was changed; send the same request with the same key to learn.':
    'not known yet',
  'It is not known yet whether an earlier request with this key made the booking; send the same request with the same key to learn. This one was not begun: too many are under way.':
    'not known yet',
  'It is not known yet whether an earlier request with this key started the payment; send the same request with the same key to learn. This one was not begun: too many are under way.':
    'not known yet',
  'Temporal cannot be asked now.': 'claims nothing',
  'Too many streams are open.': 'claims nothing',
  'It is not known yet whether that was done; read the timeline of the booking to learn.':
    'not known yet',
  'Too many requests are under way: this one was not begun. Send it again later.': {
    certain: 'it is refused before anything but its path and headers is looked at',
  },
  'The seats could not be reserved, and the booking was cancelled. Another key makes another booking.':
    { certain: 'the workflow answers this only after it has undone what it did' },
};

/**
 * The text of a string, of strings that are added, or of constants of the same file that hold them.
 */
function textsOf(node: ts.Expression, file: ts.SourceFile): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textsOf(node.left, file).flatMap((left) =>
      textsOf(node.right, file).map((right) => left + right),
    );
  }
  if (ts.isConditionalExpression(node))
    return [...textsOf(node.whenTrue, file), ...textsOf(node.whenFalse, file)];
  if (ts.isIdentifier(node)) {
    const constant = declarationsOf(file).find(({ name }) => name.getText(file) === node.text);
    if (constant?.initializer !== undefined) return textsOf(constant.initializer, file);
  }
  throw new Error(
    `${file.fileName}: the sentence ${node.getText(file)} can't be read by this test`,
  );
}

function declarationsOf(file: ts.SourceFile): ts.VariableDeclaration[] {
  return file.statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
  );
}

/** What a call makes a 503 of; undefined for any other call. */
function sentenceOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isCallExpression(node) && node.expression.getText() === 'unavailable')
    return node.arguments[0];
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'Problem') return undefined;
  const [code, detail] = node.arguments ?? [];
  const isUnavailable =
    code !== undefined && ts.isStringLiteral(code) && code.text === 'service_unavailable';
  return isUnavailable ? detail : undefined;
}

function sentencesIn(name: string): string[] {
  const text = readFileSync(name, 'utf8');
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const sentence = sentenceOf(node);
    // The one place that hands on what it is given.
    const isHandedOn =
      sentence !== undefined && ts.isIdentifier(sentence) && sentence.text === 'detail';
    if (sentence !== undefined && !isHandedOn) found.push(...textsOf(sentence, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => path.join(ROOT, 'src', name));

test('every sentence of a 503 has been read by someone, and is still said', () => {
  const said = new Set(sources.flatMap(sentencesIn));
  expect([...said].sort()).toEqual(Object.keys(REVIEWED).sort());
});

test.each(Object.entries(REVIEWED))('%s', (sentence, review) => {
  const claims = /\b(could not|was not|were not|has not|no .* (was|were)|nothing)\b/i.test(
    sentence,
  );
  if (review === 'claims nothing') expect(claims).toBe(false);
  else if (review === 'not known yet')
    expect(sentence).toMatch(/^It is not known yet whether [^.]* to learn\./);
  else expect(review.certain).toMatch(/ /);
});
