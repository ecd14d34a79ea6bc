// How every suite runs: suites that compute, or wait on sockets and processes, share both cores; what has a window and a keyboard runs one
// file at a time, and so does what kills consoles by the hundred: it is read for an instant of rest, which needs a machine of its own.
// Nothing here may retry a failing test or let an unhandled error pass.
import { defineConfig } from 'vitest/config';

const KILLS = 'tests/protocol/console-kills.test.ts';

const suite = (
  name: string,
  include: readonly string[],
  groupOrder: number,
  options: Readonly<{ maxWorkers: number; testTimeout: number; exclude?: string[] }>,
) => ({
  extends: true as const,
  test: {
    ...options,
    name,
    include: include.map((one) => (one.endsWith('.ts') ? one : `tests/${one}/**/*.test.ts`)),
    hookTimeout: options.testTimeout,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    environment: 'node',
    projects: [
      suite('core', ['unit', 'property', 'architecture', 'mutation'], 0, { maxWorkers: 2, testTimeout: 30_000 }),
      suite('simulation', ['simulation'], 1, { maxWorkers: 2, testTimeout: 300_000 }),
      suite('protocol', ['protocol'], 2, { maxWorkers: 2, testTimeout: 120_000, exclude: [KILLS] }),
      suite('kills', [KILLS], 3, { maxWorkers: 1, testTimeout: 120_000 }),
      suite('e2e', ['e2e'], 4, { maxWorkers: 1, testTimeout: 180_000 }),
    ],
    coverage: {
      provider: 'v8',
      include: ['src-main/**/*.ts', 'src-shared/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'coverage',
      thresholds: {
        'src-main/safety/**': { lines: 100, branches: 100 },
        'src-main/engine/**': { lines: 95, branches: 95 },
        'src-main/reconcile/**': { lines: 95, branches: 95 },
        'src-main/venue/**': { lines: 95, branches: 95 },
        'src-main/journal/**': { lines: 95, branches: 95 },
      },
    },
  },
});
