// The journal page's fetched facts: what the window heard of is on screen a moment later, whatever was in the way of reading it.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalEntry } from '../../../src-shared/contract/journal.ts';
import { fetchNewer, fetchOlder, usePages } from '../../../src-renderer/features/journal/pages.ts';

const entry = (seq: number): JournalEntry => ({
  seq,
  atMs: seq,
  kind: 'order.sent',
  severity: 'info',
  text: `fact ${seq}`,
  json: '{}',
  hash: '',
});
const JOURNAL = 'practice conservative';

let onDisk: number;
let asked: number;
const journalPage = ({ fromSeq, toSeq, count }: { readonly fromSeq?: number; readonly toSeq?: number; readonly count: number }) => {
  asked += 1;
  const last = Math.min(onDisk, toSeq ?? (fromSeq === undefined ? onDisk : fromSeq + count - 1));
  const first = Math.max(1, fromSeq ?? last - count + 1);
  const entries = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => entry(first + index));
  return Promise.resolve({ ok: true, value: { entries, headSeq: onDisk } });
};
const seen = () => usePages.getState().entries.map(({ seq }) => seq);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', { holdfast: { journalPage } });
  usePages.setState({ entries: [], headSeq: 0, busy: false, journal: '' });
  asked = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the newest facts (L1)', () => {
  it('are read a moment later when they were heard of before they were on disk', async () => {
    onDisk = 3;
    await fetchNewer(JOURNAL, 4);
    expect(seen()).toEqual([3, 2, 1]);
    onDisk = 4;
    await vi.runAllTimersAsync();
    expect(seen()).toEqual([4, 3, 2, 1]);
  });

  it('are read a moment later when another page was on its way', async () => {
    onDisk = 400;
    await fetchNewer(JOURNAL, 400);
    onDisk = 401;
    await Promise.all([fetchOlder(), fetchNewer(JOURNAL, 401)]);
    await vi.runAllTimersAsync();
    expect(seen()).toEqual(Array.from({ length: 401 }, (_, index) => 401 - index));
  });

  it('are not asked for again once they are here, nor of a journal that was left', async () => {
    onDisk = 2;
    await fetchNewer(JOURNAL, 2);
    await vi.runAllTimersAsync();
    expect(asked).toBe(1);
    await fetchNewer(JOURNAL, 3);
    usePages.setState({ journal: 'testnet key-1' });
    await vi.runAllTimersAsync();
    expect(asked).toBe(2);
  });
});
