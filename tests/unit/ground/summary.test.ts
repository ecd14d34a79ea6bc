// The closing line of `npm test` is what CI believes: these claims keep it from ever praising a run that did not happen.
import { expect, test } from 'vitest';
import { summarise } from '../../summary.ts';

type File = { readonly name: string; readonly status: string; readonly tests: Readonly<Record<string, string>> };

function report(passed: number, failed: number, files: readonly File[]): string {
  const testResults = files.map(({ name, status, tests }) => ({
    name,
    status,
    assertionResults: Object.entries(tests).map(([fullName, outcome]) => ({ fullName, status: outcome })),
  }));
  return JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults });
}

test('passed and failed tests are counted as they are', () => {
  const { count } = summarise(1, report(2, 1, [{ name: 'a', status: 'failed', tests: { one: 'passed', two: 'passed', three: 'failed' } }]));
  expect(count).toEqual({ passed: 2, failed: 1 });
});

test('a runner that left no report, or half a report, is one failure', () => {
  expect(summarise(0, '').count).toEqual({ passed: 0, failed: 1 });
  expect(summarise(0, '{"numPassedTests": 12').count).toEqual({ passed: 0, failed: 1 });
});

test('a file that broke on import is a failure although none of its tests failed', () => {
  const { count, notes } = summarise(1, report(1, 0, [{ name: 'broken.test.ts', status: 'failed', tests: {} }]));
  expect(count).toEqual({ passed: 1, failed: 1 });
  expect(notes.join()).toContain('broken.test.ts');
});

test('an unhandled error or a missed coverage threshold is a failure although every test passed', () => {
  expect(summarise(1, report(5, 0, [{ name: 'a', status: 'passed', tests: { one: 'passed' } }])).count).toEqual({ passed: 5, failed: 1 });
});

test('a run of nothing is a failure', () => {
  expect(summarise(0, report(0, 0, [])).count).toEqual({ passed: 0, failed: 1 });
});

test('a test that was not run is named', () => {
  const { notes } = summarise(0, report(1, 0, [{ name: 'a.test.ts', status: 'passed', tests: { one: 'passed', two: 'pending' } }]));
  expect(notes).toEqual(['not run: a.test.ts: two']);
});
