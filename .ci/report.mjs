// What jest's reports of a suite say: `node .ci/report.mjs counts FILE...` prints how many tests passed, failed and were
// skipped; `node .ci/report.mjs failures FILE...` names each that failed, and how its message begins.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const LINES_OF_A_MESSAGE = 6;
const CHARACTERS_OF_A_LINE = 200;

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
  for (const { testResults } of reports) for (const suite of testResults) tellFailures(suite);
}

function tellFailures({ name, status, message, assertionResults }) {
  if (status !== 'failed') return;
  const file = relative('.', name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  for (const test of tests) tell(`${file}: ${test.fullName}`, test.failureMessages.join('\n'));
  if (tests.length === 0) tell(file, message);
}

function tell(title, message) {
  console.log(`● ${title}`);
  const lines = stripVTControlCharacters(message).split('\n');
  for (const line of lines.filter((each) => each.trim() !== '').slice(0, LINES_OF_A_MESSAGE)) {
    console.log(`    ${line.slice(0, CHARACTERS_OF_A_LINE)}`);
  }
}
