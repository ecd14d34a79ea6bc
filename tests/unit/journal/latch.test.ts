// The latch file beside the journal (E6): what was handed over is found again, whatever one write or one bad page did to it; and what
// the start makes of it against the journal's own knowledge.
import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { STOP_TRIGGERS } from '../../../src-shared/domain/stop.ts';
import { latchPath, openLatch } from '../../../src-main/journal/latch.ts';
import type { Latch, LatchRecord } from '../../../src-main/journal/port.ts';
import { latchRecordOf, recallOf } from '../../../src-main/journal/recall.ts';
import type { StopState } from '../../../src-main/engine/state.ts';
import { freshFolder, freshPath, opened } from './helpers.ts';

const SLOT_BYTES = 4096;
const ARMED: LatchRecord = {
  phase: 'ARMED',
  tripId: 0,
  trigger: null,
  reason: '',
  policy: 'keep-positions',
  coolDownUntilMs: null,
  seq: 3,
};
const TRIPPED: LatchRecord = { ...ARMED, phase: 'TRIPPED', tripId: 4, trigger: 'hotkey', reason: 'Grüße ✓', policy: 'flatten', seq: 90 };

const open = async (file: string): Promise<Latch> => {
  const latch = await openLatch(file);
  onTestFinished(() => latch.close());
  return latch;
};
const stored = async (file: string, ...records: readonly LatchRecord[]): Promise<void> => {
  const latch = await openLatch(file);
  for (const record of records) {
    latch.write(record);
    expect(await latch.durable()).toBe(true);
  }
  await latch.close();
};
const foundIn = async (file: string): Promise<Latch['found']> => (await open(file)).found;

test('a missing file is no trip; the first write makes it, for this user alone', async () => {
  const file = freshPath();
  const latch = await open(file);
  expect(latch.found).toEqual({ ok: true, value: null });
  expect(fs.existsSync(file)).toBe(false);
  latch.write(ARMED);
  expect(await latch.durable()).toBe(true);
  if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
});

test('what was handed over last is found again, and the file never grows', async () => {
  const file = freshPath();
  await stored(file, ARMED, TRIPPED, { ...TRIPPED, reason: '\u{0}'.repeat(10_000) }, TRIPPED);
  expect(await foundIn(file)).toEqual({ ok: true, value: TRIPPED });
  expect(fs.statSync(file).size).toBe(2 * SLOT_BYTES);
});

test('E6: whoever tripped, a restart finds it: no trigger makes the file unreadable, which would trip at each start', async () => {
  for (const trigger of STOP_TRIGGERS) {
    const file = freshPath();
    await stored(file, { ...TRIPPED, trigger });
    expect(await foundIn(file)).toEqual({ ok: true, value: { ...TRIPPED, trigger } });
  }
});

test('when records come faster than the disk, the newest wins, and durable speaks of it', async () => {
  const file = freshPath();
  const latch = await open(file);
  for (let tripId = 1; tripId <= 200; tripId += 1) latch.write({ ...TRIPPED, tripId });
  expect(await latch.durable()).toBe(true);
  expect(await foundIn(file)).toMatchObject({ value: { tripId: 200 } });
  await latch.close();
  latch.write(ARMED);
  expect(await foundIn(file)).toMatchObject({ value: { tripId: 200 } });
});

test.each([0, 1])('a bad slot %i costs nothing: both hold what is on disk', async (slot) => {
  const file = freshPath();
  await stored(file, ARMED, TRIPPED);
  const bytes = fs.readFileSync(file);
  bytes.writeUInt8((bytes[slot * SLOT_BYTES + 120] ?? 0) ^ 1, slot * SLOT_BYTES + 120);
  fs.writeFileSync(file, bytes);
  expect(await foundIn(file)).toEqual({ ok: true, value: TRIPPED });
});

test.each([0, 1])('a crash between the two slots, after slot %i, keeps what was new, and the next write spares it', async (slot) => {
  const file = freshPath();
  await stored(file, ARMED);
  const before = fs.readFileSync(file);
  await stored(file, TRIPPED);
  const after = fs.readFileSync(file);
  const torn = Buffer.from(before);
  after.copy(torn, slot * SLOT_BYTES, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  fs.writeFileSync(file, torn);
  expect(await foundIn(file)).toEqual({ ok: true, value: TRIPPED });
  await stored(file, { ...TRIPPED, tripId: 5 });
  expect(await foundIn(file)).toMatchObject({ value: { tripId: 5 } });
});

test.each([
  ['empty', 0, false],
  ['cut', 1000, false],
  ['overwritten', 2 * SLOT_BYTES, true],
])('a file that is %s is told, not taken for a missing one; the next write mends it', async (_what, bytes, isGarbage) => {
  const file = freshPath();
  await stored(file, TRIPPED);
  const rest = fs.readFileSync(file).subarray(0, bytes);
  // A cut inside the first record.
  fs.writeFileSync(file, isGarbage ? Buffer.alloc(bytes, 'x') : rest.subarray(0, 100));
  const found = await foundIn(file);
  expect(found.ok ? '' : found.error).toContain('neither of its two records is whole');
  await stored(file, ARMED);
  expect(await foundIn(file)).toEqual({ ok: true, value: ARMED });
});

test('what cannot be opened is told at the start and with every write, and nothing throws', async () => {
  const file = path.join(freshFolder(), 'latch');
  fs.mkdirSync(file);
  const latch = await open(file);
  expect(latch.found.ok).toBe(false);
  const problems: string[] = [];
  latch.onProblem((text) => problems.push(text));
  latch.write(TRIPPED);
  expect(await latch.durable()).toBe(false);
  expect(problems).toEqual([expect.stringContaining('cannot be written')]);
  fs.rmdirSync(file);
  latch.write(TRIPPED);
  expect(await latch.durable()).toBe(true);
  expect(await foundIn(file)).toEqual({ ok: true, value: TRIPPED });
});

test('a journal opens with its latch and closes it', async () => {
  const file = freshPath();
  const { journal, latch } = await opened({ path: file });
  latch.write(TRIPPED);
  await journal.close();
  expect(await foundIn(latchPath(file))).toEqual({ ok: true, value: TRIPPED });
});

const NOW_MS = 1_700_000_000_000;
const KNOWS_NOTHING: StopState = {
  phase: 'ARMED',
  tripId: 3,
  generation: 3,
  trigger: null,
  reason: '',
  policy: 'keep-positions',
  trippedAtMs: null,
  coolDownUntilMs: null,
  receipt: null,
};
const recall = (record: LatchRecord | null, stop: Partial<StopState> = {}) =>
  recallOf({ path: 'the.latch', found: { ok: true, value: record } }, { ...KNOWS_NOTHING, ...stop }, NOW_MS);

test('E6: a trip that the journal lost is tripped again, with its own words, trigger and policy', () => {
  expect(recall(TRIPPED)).toEqual({
    trigger: 'hotkey',
    reason: 'Grüße ✓ (remembered by the latch file, the journal had lost it)',
    policy: 'flatten',
    text: expect.stringContaining('remembers stop 4 (Grüße ✓) as fact 90'),
  });
  const lostTwice = recall(TRIPPED)?.reason ?? '';
  expect(recall({ ...TRIPPED, reason: lostTwice })?.reason).toBe(lostTwice);
  // A stop that asks for more than the one that the journal knows is another trip.
  expect(recall(TRIPPED, { phase: 'TRIPPED', tripId: 3 })).not.toBeNull();
});

test('E6: a cool-down that the journal lost with its trip counts while time is left', () => {
  const cooling: LatchRecord = { ...TRIPPED, phase: 'COOLING_DOWN', coolDownUntilMs: NOW_MS + 1 };
  expect(recall(cooling)).not.toBeNull();
  expect(recall({ ...cooling, coolDownUntilMs: NOW_MS })).toBeNull();
});

test('what the journal knows is the journal’s to tell: its trip, its reset, a new file', () => {
  expect(recall(null)).toBeNull();
  expect(recall(ARMED)).toBeNull();
  expect(recall({ ...TRIPPED, phase: 'ARMED' })).toBeNull();
  expect(recall(TRIPPED, { phase: 'TRIPPED', tripId: 4 })).toBeNull();
  expect(recall(TRIPPED, { phase: 'COOLING_DOWN', tripId: 4 })).toBeNull();
  expect(recall(TRIPPED, { tripId: 5 })).toBeNull();
});

test('what cannot be read may have been a trip: it trips, sells nothing, and says how to clear it', () => {
  const broken = { path: 'the.latch', found: { ok: false, error: 'it is torn' } } as const;
  expect(recallOf(broken, KNOWS_NOTHING, NOW_MS)).toMatchObject({
    trigger: 'watchdog',
    policy: 'keep-positions',
    text: expect.stringMatching(/the\.latch cannot be read: it is torn.*reset the stop/),
  });
  expect(recallOf(broken, { ...KNOWS_NOTHING, phase: 'TRIPPED' }, NOW_MS)).toBeNull();
});

test('the file holds what the stop stands at; a stop that is not yet up is no trip', () => {
  expect(latchRecordOf({ ...KNOWS_NOTHING, phase: 'DISABLED' }, 8)).toMatchObject({ phase: 'ARMED', tripId: 3, seq: 8 });
  expect(latchRecordOf({ ...KNOWS_NOTHING, phase: 'TRIPPED', trigger: 'cli', reason: 'why' }, 9)).toEqual({
    ...ARMED,
    phase: 'TRIPPED',
    tripId: 3,
    trigger: 'cli',
    reason: 'why',
    seq: 9,
  });
});
