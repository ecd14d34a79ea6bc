// Starting on a journal (L1, R, Q6): by snapshot the state is the one that every fact replayed comes to; a snapshot that does not fit
// is dropped; a chain that is broken before it halts the console that was started from it.
import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Replay } from '../../src-main/console/replay.ts';
import { restoreJournal, snapshotCodec } from '../../src-main/console/restore.ts';
import { Engine } from '../../src-main/engine/engine.ts';
import { encodeState } from '../../src-main/engine/state-codec.ts';
import type { FileJournal } from '../../src-main/journal/port.ts';
import { journalPath } from '../../src-main/settings/home.ts';
import { monthOfFacts } from '../bench/start.ts';
import { startTestConsole, type TestConsole } from '../support/console.ts';
import { startConsole } from '../../src-main/console.ts';
import { createHeadlessShell } from '../../src-main/shell/headless.ts';
import type { ConsoleApi } from '../../src-main/shell/port.ts';
import { fail } from '../../src-shared/errors/result.ts';
import { replayed, stateText } from '../support/state-text.ts';
import { freshFolder, freshPath, opened, PRACTICE } from '../unit/journal/helpers.ts';
import { session } from '../unit/journal/session.ts';

const restore = async (file: string) => {
  const restored = await restoreJournal({ ...PRACTICE, path: file });
  if (!restored.ok) throw new Error(restored.error.text);
  onTestFinished(() => restored.value.opened.journal.close());
  return restored.value;
};

const bind = async ({ journal, keepSnapshot }: FileJournal, atSeq: number, text: string): Promise<void> => {
  const digest = await keepSnapshot(atSeq, text);
  journal.append([{ seq: journal.durableSeq + 1, atMs: 1, fact: { kind: 'snapshot.taken', atSeq, digest } }]);
  await journal.flush();
};

test('a start by snapshot comes to the state that every fact comes to, and goes on from it alike (Q6)', async () => {
  const file = freshPath();
  const { facts } = session(6);
  const first = await restore(file);
  expect(first.text).toBe('Replayed all 0 facts.');
  first.opened.journal.append(facts.slice(0, 70));
  await first.opened.journal.flush();
  const replay = new Replay(first.opened.reader, () => first.opened.journal.durableSeq);
  const text = await replay.encodedAt(60);
  expect(text).toBe(encodeState(replayed(facts.slice(0, 60))));
  await bind(first.opened, 60, text);
  await replay.close();
  await first.opened.journal.close();

  const quick = await restore(file);
  expect(quick.text).toBe('Replayed 11 facts after the snapshot of fact 60.');
  expect(stateText({ ...quick.state, seq: 70 })).toBe(stateText(replayed(facts.slice(0, 70))));
  expect(quick.opened.recent).toHaveLength(71);
});

test('a snapshot that cannot be restored or does not fit the facts is dropped, and every fact is replayed', async () => {
  const { facts } = session(1);
  for (const text of ['no state at all', encodeState(replayed(facts.slice(0, 10)))]) {
    const file = freshPath();
    const first = await restore(file);
    first.opened.journal.append(facts);
    await first.opened.journal.flush();
    await bind(first.opened, 20, text);
    await first.opened.journal.close();
    const second = await restore(file);
    expect(stateText({ ...second.state, seq: facts.length })).toBe(stateText(replayed(facts)));
    expect(second.text).toContain(`Replayed all ${facts.length + 1} facts. A snapshot did not fit`);
    expect(second.opened.snapshotSeq).toBeNull();
    expect(readdirSync(path.dirname(file)).filter((name) => name.includes('snapshot'))).toEqual([]);
  }
});

test('facts that contradict each other open nothing, and the words say what to do', async () => {
  const file = freshPath();
  const { journal } = await opened({ path: file });
  journal.append([{ seq: 1, atMs: 1, fact: { kind: 'order.sent', clientOrderId: 'nobody' as never } }]);
  await journal.close();
  const restored = await restoreJournal({ ...PRACTICE, path: file });
  expect(restored).toMatchObject({
    ok: false,
    error: { code: 'contradictory', text: expect.stringMatching(/nobody is known.*Restore the journal/s) },
  });
});

test('another version of the application reads every fact: it may make something else of them', async () => {
  const file = freshPath();
  const { facts } = session(1);
  const old = await restoreJournal({ ...PRACTICE, path: file }, snapshotCodec('0.0.1'));
  if (!old.ok) throw new Error(old.error.text);
  old.value.opened.journal.append(facts);
  await old.value.opened.journal.flush();
  await bind(old.value.opened, facts.length, encodeState(replayed(facts)));
  await old.value.opened.journal.close();
  expect((await restore(file)).text).toBe(`Replayed all ${facts.length + 1} facts.`);
});

test('an engine on a restored state takes the next fact', () => {
  const rig = session(1);
  const state = replayed(rig.facts);
  const journal = { tag: 'x', durableSeq: 0, append: () => undefined, onDurable: () => undefined, onBroken: () => undefined } as never;
  const clock = { nowMs: () => rig.nowMs, monoMs: () => 0 };
  const engine = new Engine({ journal, clock, sha256: String, run: () => undefined, onTurn: () => undefined }, [], state);
  engine.dispatch({ kind: 'snapshot-kept', atSeq: state.seq, digest: 'd' });
  expect(engine.state.seq).toBe(rig.facts.length + 1);
});

const texts: string[] = [];
const log = {
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  info: (event: string, fields?: object) => void texts.push(`${event} ${JSON.stringify(fields)}`),
};

const startOn = async (home: string): Promise<TestConsole> => {
  texts.length = 0;
  const console = await startTestConsole({ home, log });
  onTestFinished(() => console.close());
  return console;
};

/** A console that may never trade. */
const startHalted = async (home: string): Promise<ConsoleApi> => {
  const shell = createHeadlessShell({ register: () => Promise.resolve(fail('no keyboard')) });
  const options = {
    home,
    seed: 7,
    feed: { kind: 'synthetic' },
    account: 'conservative',
    mode: 'practice',
    profile: null,
    customVenue: null,
    watchdog: null,
  } as const;
  const api = await startConsole({ ...options, log, alerts: { raise: () => undefined } }, shell);
  onTestFinished(() => api.close());
  return api;
};

test('a console quits with a snapshot, starts from it, and halts when the chain before it turns out to be broken', async () => {
  const home = freshFolder();
  const file = journalPath(home, 'practice', 'conservative');
  const written = await opened({ path: file, account: 'conservative' });
  written.journal.append(monthOfFacts(200, 30, Date.now()));
  await written.journal.close();

  const first = await startOn(home);
  await first.until('the first start is ready', () => first.view().safety.trading?.level === 'ACTIVE');
  await first.close();
  const kept = readdirSync(path.dirname(file)).filter((name) => /snapshot-\d+$/.test(name));
  expect(kept).toHaveLength(1);

  const second = await startOn(home);
  expect(texts.join('\n')).toMatch(/after the snapshot of fact \d{4}/);
  await second.until('the second start is ready', () => second.view().safety.trading?.level === 'ACTIVE');
  expect(Object.keys(second.view().log)).toHaveLength(200);
  await second.close();

  const database = new DatabaseSync(file);
  database.exec('UPDATE facts SET at_ms = at_ms + 1 WHERE seq = 12');
  database.close();
  const third = await startHalted(home);
  await expect
    .poll(() => third.subscribe(() => undefined).snapshot.view.safety.trading)
    .toMatchObject({
      level: 'HALTED',
      causes: expect.arrayContaining([
        expect.objectContaining({
          code: 'JOURNAL_BROKEN',
          level: 'HALTED',
          text: expect.stringMatching(/broken at fact 12.*Restore the journal from a backup/s),
        }),
      ]),
    });
});
