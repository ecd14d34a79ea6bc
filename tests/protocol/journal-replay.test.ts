// The journal as the console shows it (L1, M3): pages of facts in words, and the console as it stood at any of them, rebuilt in a
// thread of its own from a real file.
import { expect, onTestFinished, test } from 'vitest';
import { Replay } from '../../src-main/console/replay.ts';
import { Replica } from '../../src-main/engine/replica.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { freshPath, opened } from '../unit/journal/helpers.ts';
import { session } from '../unit/journal/session.ts';
import { stateText, replayed } from '../support/state-text.ts';

const FRAME = { version: '1.2.3', venue: 'test', shell: { name: 'headless', lacks: [] }, startedAtMs: 1 } as const;

const journalOf = async (facts: readonly SequencedFact[]) => {
  const found = await opened({ path: freshPath() });
  found.journal.append(facts);
  const replay = new Replay(found.reader, () => found.journal.durableSeq);
  await found.journal.flush();
  onTestFinished(async () => {
    await replay.close();
    await found.journal.close();
  });
  return { ...found, replay };
};

test('a page of the journal holds facts in words, as text and with their hash, oldest first', async () => {
  const rig = session(3);
  const { replay, reader } = await journalOf(rig.facts);
  const newest = await replay.page({ count: 5 });
  const headSeq = rig.facts.length;
  expect(newest.headSeq).toBe(headSeq);
  expect(newest.entries.map(({ seq }) => seq)).toEqual([headSeq - 4, headSeq - 3, headSeq - 2, headSeq - 1, headSeq]);
  expect(newest.entries.at(-1)).toMatchObject({
    kind: 'stop.tripped',
    severity: 'danger',
    text: expect.stringContaining('EMERGENCY STOP'),
  });
  expect(JSON.parse(newest.entries.at(-1)?.json ?? '')).toEqual(rig.facts.at(-1)?.fact);
  expect((await replay.page({ fromSeq: 2, count: 3 })).entries.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect((await replay.page({ toSeq: 3, count: 9 })).entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect((await replay.page({ fromSeq: headSeq + 1, count: 3 })).entries).toEqual([]);
  expect((await replay.page({ toSeq: 0, count: 3 })).entries).toEqual([]);
  const rows = await reader.rows(1, 500);
  expect(newest.entries.at(-1)?.hash).toBe(rows.at(-1)?.hash);
  const page = await replay.page({ count: 500 });
  expect(page.entries.filter(({ text }) => text === '')).toEqual([]);
});

test('the replayed view at the newest fact is the live one, without what only the market knows', async () => {
  const rig = session(3);
  const { replay } = await journalOf(rig.facts);
  const live = new Replica(rig.engine, { nowMs: () => rig.nowMs, monoMs: () => rig.monoMs }, () => FRAME);
  live.attach(rig.engine, rig.facts);
  live.flush();
  const { view } = live.snapshot();
  const { view: past, ...mark } = await replay.viewAt({ seq: rig.facts.length }, FRAME);
  expect(mark).toEqual({ seq: rig.facts.length, atMs: rig.facts.at(-1)?.atMs, headSeq: rig.facts.length });
  expect(past.orders).toEqual(Object.fromEntries(Object.entries(view.orders).map(([id, order]) => [id, { ...order, doubt: null }])));
  expect(past.log).toEqual(view.log);
  expect(past.safety.reconciliation).toEqual(view.safety.reconciliation);
  expect({ ...past.safety.stop, progress: null }).toEqual({ ...view.safety.stop, progress: null });
  expect(Object.keys(past.positions)).toEqual(Object.keys(view.positions));
  expect(past.positions['BTCUSDT']).toMatchObject({ qty: view.positions['BTCUSDT']?.qty, mark: null, valueUsdt: null });
  expect(past.status.console).toMatchObject({ mode: 'practice', replayed: mark });
  expect(past.safety.trading).toMatchObject({ level: 'HALTED', causes: [{ code: 'REPLAY' }] });
});

test('any moment can be had, forwards and backwards, by sequence and by time, and many at once', async () => {
  const rig = session(4);
  const { replay } = await journalOf(rig.facts);
  const at = async (seq: number) => (await replay.viewAt({ seq }, FRAME)).view;
  const expected = (seq: number) => [...replayed(rig.facts.slice(0, seq)).orders.keys()];
  const wanted = [0, 40, 7, 55, 54, 1, rig.facts.length];
  const views = await Promise.all(wanted.map(at));
  views.forEach((view, index) => expect(Object.keys(view.orders)).toEqual(expected(wanted[index] ?? 0)));
  const fact = rig.facts[30] as SequencedFact;
  const last = rig.facts.filter(({ atMs }) => atMs <= fact.atMs).length;
  expect((await replay.viewAt({ untilMs: fact.atMs }, FRAME)).seq).toBe(last);
  expect(await replay.viewAt({ untilMs: 5 }, FRAME)).toMatchObject({ seq: 0, atMs: null });
  await expect(replay.viewAt({ seq: rig.facts.length + 1 }, FRAME)).rejects.toThrow('There is no fact');
  expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
});

test('a closed journal answers no question, and says so', async () => {
  const { replay, journal } = await journalOf(session(1).facts);
  await journal.close();
  await expect(replay.viewAt({ seq: 5 }, FRAME)).rejects.toThrow('The journal is closed');
  await expect(replay.page({ count: 5 })).rejects.toThrow('The journal is closed');
});
