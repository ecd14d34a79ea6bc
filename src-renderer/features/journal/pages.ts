// The journal's facts as far as they were fetched: the newest first, older ones on request, new ones as they become true. A fact never
// changes, so what is here is never asked for again.
import { create } from 'zustand';
import type { JournalEntry } from '../../../src-shared/contract/journal.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { tell } from '../frame/screen.ts';

const PAGE = 300;

interface Fetched {
  /** Newest first, without a hole. */
  readonly entries: readonly JournalEntry[];
  readonly headSeq: number;
  readonly busy: boolean;
  /** Which journal these are of: modes keep theirs apart, and no fact of one belongs among the other's. */
  readonly journal: string;
}

export const usePages = create<Fetched>(() => ({ entries: [], headSeq: 0, busy: false, journal: '' }));

const fetchPage = async (range: { readonly fromSeq?: number; readonly toSeq?: number }): Promise<readonly JournalEntry[] | undefined> => {
  if (usePages.getState().busy) return undefined;
  const { journal } = usePages.getState();
  usePages.setState({ busy: true });
  const answer = await call('journalPage', { ...range, count: PAGE });
  usePages.setState({ busy: false });
  const problem = failureText(answer);
  if (problem !== undefined) tell('danger', problem);
  // The mode was switched while this was on its way.
  if (!answer.ok || usePages.getState().journal !== journal) return undefined;
  usePages.setState({ headSeq: answer.value.headSeq });
  return answer.value.entries.toReversed();
};

const AGAIN_MS = 200;
/** The newest fact that the window has heard of: that may be before it is on disk, or while another page is on its way. */
let heardSeq = 0;
let again: ReturnType<typeof setTimeout> | undefined;

const askAgain = (journal: string): void => {
  clearTimeout(again);
  again = setTimeout(() => {
    if (usePages.getState().journal === journal) void fetchNewer(journal, heardSeq);
  }, AGAIN_MS);
};

/** Brings in what became true up to `seq`, or the newest page at first. Many facts at once leave no hole: then it begins anew. */
export const fetchNewer = async (journal: string, seq: number): Promise<void> => {
  if (usePages.getState().journal !== journal) usePages.setState({ entries: [], headSeq: 0, journal });
  heardSeq = seq;
  if (usePages.getState().busy) return askAgain(journal);
  const newest = usePages.getState().entries[0]?.seq;
  const page = await fetchPage(newest === undefined ? {} : { fromSeq: newest + 1 });
  if (page === undefined) return;
  if (usePages.getState().headSeq < heardSeq) askAgain(journal);
  if (page.length === 0) return;
  const { entries, headSeq } = usePages.getState();
  if (newest !== undefined && (page[0]?.seq ?? 0) < headSeq) {
    usePages.setState({ entries: [] });
    return fetchNewer(journal, heardSeq);
  }
  usePages.setState({ entries: newest === undefined ? page : [...page, ...entries] });
};

export const fetchOlder = async (): Promise<void> => {
  const oldest = usePages.getState().entries.at(-1)?.seq ?? 1;
  if (oldest <= 1) return;
  const page = await fetchPage({ toSeq: oldest - 1 });
  if (page !== undefined) usePages.setState(({ entries }) => ({ entries: [...entries, ...page] }));
};

/** What of the fetched facts is looked for: words in the sentence, the kind or the fact itself; all of them must be there. */
export const matching = (entries: readonly JournalEntry[], wanted: string, onlyNotable: boolean): readonly JournalEntry[] => {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && !onlyNotable) return entries;
  return entries.filter((entry) => {
    if (onlyNotable && entry.severity === 'info') return false;
    const text = `${entry.seq} ${entry.kind} ${entry.text} ${entry.json}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
};
