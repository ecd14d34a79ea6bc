// Seeds that once failed. Each found a bug, or a gap in the simulation itself; they are lived through for ever.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lived } from './seeds.ts';

const schema = z.array(
  z.strictObject({ seed: z.int().positive(), steps: z.int().positive(), found: z.string().min(10), date: z.iso.date() }),
);
const KEPT = schema.parse(JSON.parse(readFileSync(new URL('./kept.json', import.meta.url), 'utf8')));

describe('seeds that once failed', () => {
  test.each(KEPT)('seed $seed: $found', async ({ seed, steps }) => {
    expect((await lived(seed, steps)).stepsDone).toBe(steps);
  });

  test('each is there once', () => {
    expect(new Set(KEPT.map(({ seed, steps }) => `${seed} ${steps}`)).size).toBe(KEPT.length);
  });
});
