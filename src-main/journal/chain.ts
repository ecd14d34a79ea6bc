// The hash chain over the journal's rows: what makes a changed, missing or moved fact show. Row 0 says whose journal it is, rows 1…n
// are facts. Pure; it must never depend on how the rows are stored, so that a stand-alone verifier needs nothing else.
import { hash } from 'node:crypto';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { JournalRow } from '../../src-shared/contract/journal.ts';

/** The version of the journal's format, in SQLite's `user_version`. A journal of another version is left untouched. */
export const FORMAT_VERSION = 1;

/** One row as it is stored. */
export type ChainRow = JournalRow;

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before row 0. */
export const CHAIN_START: ChainHead = { seq: -1, hash: '' };

/** SHA-256 in hex over previous hash, sequence, time and text, separated by line feeds (none of the first three can hold one). */
export const chainHash = (previousHash: string, seq: number, atMs: number, json: string): string =>
  hash('sha256', `${previousHash}\n${seq}\n${atMs}\n${json}`);

export const chainsTo = (head: ChainHead, row: ChainRow): boolean =>
  row.seq === head.seq + 1 && row.hash === chainHash(head.hash, row.seq, row.atMs, row.json);

/** Row 0's text: whose journal this is. Part of the chain, so that practice facts cannot be passed off as another mode's. */
export const ownerJson = (owner: JournalOwner): string =>
  JSON.stringify({ format: FORMAT_VERSION, mode: owner.mode, account: owner.account });

export interface JournalOwner {
  readonly mode: Mode;
  readonly account: string;
}

/** What a walk along the chain found. */
export interface ChainFinding {
  /** The last row up to which every row chains. */
  readonly head: ChainHead;
  /** The first row that does not chain or is missing although rows follow; undefined for a whole chain. */
  readonly firstBadSeq: number | undefined;
  /**
   * True when rows after the bad one chain among themselves: then the middle is broken, and cutting would throw good facts away.
   * False for a torn tail, which can be cut.
   */
  readonly goodRowsFollow: boolean;
}

/** Walks rows in the order of their sequence, after `start`; `onGood` sees each row that chains, until the first that does not. */
export const walkChain = (rows: Iterable<ChainRow>, onGood: (row: ChainRow) => void, start: ChainHead = CHAIN_START): ChainFinding => {
  let head = start;
  let firstBadSeq: number | undefined;
  let before: ChainRow | undefined;
  for (const row of rows) {
    if (firstBadSeq === undefined && chainsTo(head, row)) {
      head = row;
      onGood(row);
      continue;
    }
    firstBadSeq ??= head.seq + 1;
    if (before !== undefined && chainsTo(before, row)) return { head, firstBadSeq, goodRowsFollow: true };
    before = row;
  }
  return { head, firstBadSeq, goodRowsFollow: false };
};
