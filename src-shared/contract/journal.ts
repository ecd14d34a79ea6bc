// The journal as window and command line read it: pages of facts, and the console as it stood at one of them. Data only: nothing that
// is read here can place, change or cancel anything.
import type { ConsoleView, LogLine } from './view.ts';

/** A row as it stands on disk. Row 0 says whose journal it is; the others are facts. */
export interface JournalRow {
  readonly seq: number;
  readonly atMs: number;
  /** The fact's exact text: it is hashed as it stands and never rewritten. */
  readonly json: string;
  /** SHA-256 in hex over the row before it and this row's own fields: chains this fact to all before it. */
  readonly hash: string;
}

/** One fact: in words, and as it stands on disk. */
export interface JournalEntry extends JournalRow {
  /** As `order.filled`. */
  readonly kind: string;
  readonly severity: LogLine['severity'];
  /** What happened, as a person reads it. */
  readonly text: string;
}

/** Facts that follow each other, oldest first. Empty beyond the end. */
export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  /** The newest fact on disk; the journal's first fact is 1. */
  readonly headSeq: number;
}

/** Stands in the status of a replayed view: it shows what was, and takes no orders. */
export interface ReplayMark {
  /** The newest fact that the view knows of; 0 before the first. */
  readonly seq: number;
  /** When that fact became true; null before the first. */
  readonly atMs: number | null;
  readonly headSeq: number;
}

/**
 * The console as of one fact, rebuilt from the journal. Quotes, limits and health are no facts and are missing: `mark` and what
 * follows from it is null.
 */
export interface ReplayedView extends ReplayMark {
  readonly view: ConsoleView;
}
