// Reads vitest's exit code and JSON report into one count. It must never turn a crash, an empty run or a broken file into a success.

export type Count = { readonly passed: number; readonly failed: number };

/** The part of vitest's JSON report (Jest's shape) that is read here. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};

/**
 * @param exitCode vitest's own exit code
 * @param reportText its JSON report, or '' when it left none
 * @returns the count to add up, and the sentences a reader needs: what did not run, and what failed outside any test
 */
export function summarise(exitCode: number, reportText: string): { readonly count: Count; readonly notes: readonly string[] } {
  const report = parseReport(reportText);
  if (report === undefined)
    return { count: { passed: 0, failed: 1 }, notes: [`FAILED  the test runner left no report (exit code ${exitCode})`] };
  const notes = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status !== 'passed' && test.status !== 'failed')
      .map((test) => `not run: ${file.name}: ${test.fullName}`),
  );
  // A file that fails before its first test (an import, a hook) has no failed test of its own.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  notes.push(...brokenFiles.map((file) => `FAILED  ${file.name} outside any test`));
  let failed = report.numFailedTests + brokenFiles.length;
  if (failed === 0 && exitCode !== 0) {
    failed = 1;
    notes.push(
      `FAILED  every test passed, but the test runner ended with code ${exitCode}: a coverage threshold or an unhandled error, see above`,
    );
  }
  if (failed === 0 && report.numPassedTests === 0) {
    failed = 1;
    notes.push('FAILED  no test ran');
  }
  return { count: { passed: report.numPassedTests, failed }, notes };
}

function parseReport(text: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'testResults' in value ? (value as Report) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
