// The simulation finds bugs: each fault that is planted in the sources is caught within the seeds that it is given (planted.ts).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hunt } from './planted-hunt.ts';
import { PLANTED } from './planted.ts';
import { STEPS } from './steps.ts';

const sourceOf = (file: string): string => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

describe('planted faults', () => {
  test.each(PLANTED)('$name: its place in $file is there once', ({ file, find, replace }) => {
    expect(sourceOf(file).split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });

  test.each(PLANTED.filter(({ slow }) => slow !== true))('$name: caught within $withinSeeds seeds', async (planted) => {
    const { caughtBySeed, text } = await hunt(planted, STEPS);
    expect(caughtBySeed, 'no seed failed').not.toBeNull();
    expect(text).not.toBe('');
  });

  test('there are enough of them, and their names are different', () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
  });
});
