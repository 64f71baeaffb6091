// What jest's reports of a suite say: `node .ci/report.mjs counts FILE...` prints how many tests passed, failed and were
// skipped; `node .ci/report.mjs failures FILE...` names each that failed, and how its message begins and ends.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const FIRST_LINES = 6;
const LAST_LINES = 8;
const CHARACTERS_OF_A_LINE = 200;
/** Where a file could not be prepared, all of its tests fail, with one message. */
const NAMES_OF_A_MESSAGE = 5;

const [wanted, ...files] = process.argv.slice(2);
const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));

if (wanted === 'counts') {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const report of reports) {
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    skipped += report.numPendingTests + report.numTodoTests;
  }
  console.log(passed, failed, skipped);
} else {
  const failures = reports.flatMap(({ testResults }) => testResults.flatMap(failuresOf));
  for (const [message, found] of Map.groupBy(failures, (failure) => failure.message)) {
    tell(
      found.map(({ title }) => title),
      message,
    );
  }
}

/** The failed tests of a file with their messages, or that of the file where none could run. */
function failuresOf({ name, status, message, assertionResults }) {
  if (status !== 'failed') return [];
  const file = relative('.', name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return [{ title: file, message: essentialOf(message) }];
  return tests.map(({ fullName, failureMessages }) => ({
    title: `${file}: ${fullName}`,
    message: essentialOf(failureMessages.join('\n')),
  }));
}

/** How a message begins, and how it ends: what led to it tends to be there. */
function essentialOf(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .map((line) => `    ${line.slice(0, CHARACTERS_OF_A_LINE)}`);
  const left = lines.length - FIRST_LINES - LAST_LINES;
  if (left > 1) lines.splice(FIRST_LINES, left, `    … ${left} lines`);
  return lines.join('\n');
}

function tell(titles, message) {
  for (const title of titles.slice(0, NAMES_OF_A_MESSAGE)) console.log(`● ${title}`);
  if (titles.length > NAMES_OF_A_MESSAGE) {
    console.log(`● … and ${titles.length - NAMES_OF_A_MESSAGE} more`);
  }
  console.log(message);
}
