// What a verification says, in one place for the running journal and the stand-alone verifier.
import type { ChainHead } from './chain.ts';
import type { JournalReport } from './port.ts';

/** Row 0 is the journal's owner, not a fact. */
const factsUpTo = (head: ChainHead): number => Math.max(head.seq, 0);

export const wholeReport = (head: ChainHead): JournalReport => ({
  verdict: 'whole',
  facts: factsUpTo(head),
  headHash: head.hash,
  firstBadSeq: null,
  text: `${factsUpTo(head)} facts, each chained to the one before it.`,
});

/** What a start from a snapshot has verified: the facts that the snapshot does not stand for, and that the chain holds the snapshot. */
export const tailReport = (head: ChainHead, snapshotSeq: number): JournalReport => ({
  verdict: 'whole',
  facts: factsUpTo(head),
  headHash: head.hash,
  firstBadSeq: null,
  text: `${factsUpTo(head)} facts: those after the snapshot of fact ${snapshotSeq} are chained each to the one before it; those before it are being verified.`,
});

export const brokenReport = (head: ChainHead, why: string): JournalReport => ({
  verdict: 'broken',
  facts: factsUpTo(head),
  headHash: head.hash,
  firstBadSeq: head.seq + 1,
  text: `The chain is broken at fact ${head.seq + 1}: ${why}. The ${factsUpTo(head)} facts before it are whole.`,
});

export const unreadReport = (text: string): JournalReport => ({ verdict: 'not-read', facts: 0, headHash: '', firstBadSeq: null, text });
