// What the protection of a position remembers and never journals: since when it lacks something, what was tried and when it may try
// again. Empty after a start: losing it costs a few seconds of patience, never an order.
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';

/** Every time is on the monotonic clock, in ms. */
export interface ProtectionNotes {
  /** Since when what is wanted does not stand at the venue; null while it does. */
  lackingSinceMs: number | null;
  /** When a person was last told that it is missing; null while nobody had to be. */
  toldAtMs: number | null;
  /** Since when it stands without a break. */
  standingSinceMs: number | null;
  /** Tries in a row that came to nothing, when the next may be, and why the newest failed. */
  failures: number;
  retryAtMs: number;
  why: string;
  /** It is to be sold, not guarded. */
  isSelling: boolean;
  /** The venue refused the newest try because the price is beyond it: what counts where no fresh quote says so here. */
  isBeyond: boolean;
  /** The orders of the newest try, until it is known what became of them. */
  placed: readonly ClientOrderId[];
  /** The denial that is in the journal already. */
  deniedText: string;
  /** The newest cancel of each order that has to go, and how many there were. */
  readonly canceled: Map<ClientOrderId, { readonly atMs: number; readonly times: number }>;
  /** Since when something lasts that should pass by itself: the price beyond a trigger, a part of an order, coins not free yet. */
  readonly lastingSinceMs: Map<'beyond' | 'part' | 'unfree' | 'entry' | 'orphan' | 'asleep' | 'bare', number>;
  trailedAtMs: number | null;
}

const fresh = (): ProtectionNotes => ({
  lackingSinceMs: null,
  toldAtMs: null,
  standingSinceMs: null,
  failures: 0,
  retryAtMs: 0,
  why: '',
  isSelling: false,
  isBeyond: false,
  placed: [],
  deniedText: '',
  canceled: new Map(),
  lastingSinceMs: new Map(),
  trailedAtMs: null,
});

/** The notes of one symbol; new ones where there are none. */
export const notesOf = (all: Map<SymbolId, ProtectionNotes>, symbol: SymbolId): ProtectionNotes => {
  const known = all.get(symbol);
  if (known !== undefined) return known;
  const made = fresh();
  all.set(symbol, made);
  return made;
};

/** How long it has lasted by now (ms), or 0 where it does not hold. The first call that sees it starts the time. */
export const lasting = (
  notes: ProtectionNotes,
  what: Parameters<ProtectionNotes['lastingSinceMs']['get']>[0],
  holds: boolean,
  monoMs: number,
): number => {
  if (!holds) {
    notes.lastingSinceMs.delete(what);
    return 0;
  }
  const sinceMs = notes.lastingSinceMs.get(what) ?? monoMs;
  notes.lastingSinceMs.set(what, sinceMs);
  return monoMs - sinceMs;
};
