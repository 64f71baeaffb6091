import { existsSync, readFileSync } from 'node:fs';

/**
 * `killed`: a test failed that passes without the mutant. `survived`: none did. `broken`: no test
 * said anything, since the suite could not be loaded, or has no such test.
 */
export interface Verdict {
  fate: 'killed' | 'survived' | 'broken';
  /** The first test that failed, or why nothing is known. */
  said: string;
  /**
   * How it failed: an expectation was not met; something was refused or thrown; or it waited for
   * what did not come.
   */
  how?: 'assertion' | 'error' | 'time';
}

interface Report {
  testResults: {
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** Reads jest's own report. A run that was ended for its length was killed by time. */
export function verdictOf(report: string, { isCutOff }: { isCutOff: boolean }): Verdict {
  if (!existsSync(report))
    return isCutOff
      ? { fate: 'killed', said: 'the run did not end', how: 'time' }
      : { fate: 'broken', said: 'jest left no report' };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined)
    return { fate: 'killed', said: failed.fullName, how: howOf(failed.failureMessages.join('\n')) };
  if (!tests.some(({ status }) => status === 'passed')) {
    const [first = 'no test ran'] = testResults.flatMap(({ message }) => message || []);
    return { fate: 'broken', said: first.slice(0, 500) };
  }
  return { fate: 'survived', said: '' };
}

function howOf(failure: string): NonNullable<Verdict['how']> {
  if (failure.includes('Exceeded timeout of')) return 'time';
  return /expect\(|Expected|Received/.test(failure) ? 'assertion' : 'error';
}
