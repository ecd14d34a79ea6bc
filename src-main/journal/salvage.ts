// Cuts a torn tail: the facts that still chain from the first on go into a fresh journal, the damaged files are kept beside it. It
// never guesses: where whole facts follow a gap in a file that has its length, nothing is cut and a person decides. A crash at any step
// is finished at the next start.
import fs from 'node:fs';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { CHAIN_START, chainsTo, type ChainHead, type ChainRow } from './chain.ts';
import { renameDurably, walPath, writeFresh } from './format.ts';
import { scanRows } from './pages.ts';
import { brokenChain, damaged, type JournalProblem } from './problem.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

const draft = (path: string): string => `${path}.draft`;
/** Once this file exists it is whole, and it is the journal. */
const salvaged = (path: string): string => `${path}.salvaged`;

/** Ends a salvage that a crash cut short after its point of no return. */
export const finishSalvage = (path: string): void => {
  if (!fs.existsSync(salvaged(path))) return;
  // The old log must be gone before the new file takes the name: SQLite would apply it to the wrong file.
  fs.rmSync(walPath(path), { force: true });
  renameDurably(salvaged(path), path);
};

/**
 * Rebuilds the journal from the longest chain of whole facts that its files still hold. `freshTag` becomes its tag: facts that were
 * cut may have named orders on the venue, and their client order ids must not be used again (REQUIREMENTS B8). `cutShort`: the file
 * lost its end (`isCutShort`), so that whole facts behind a gap are no sign of a change in the middle; they go with the end.
 * @returns the notice for the trader, or the problem, and then nothing was changed
 */
export const salvage = (path: string, nowMs: number, freshTag: JournalTag, cutShort: boolean): Result<string, JournalProblem> => {
  const candidates = scanRows(path);
  const rows = longestChain(candidates);
  const last = rows.at(-1);
  if (last === undefined) return fail(damaged(path, 'its first page is lost'));
  if (!cutShort && chainGoesOnAfter(candidates, last)) return fail(brokenChain(path, last.seq + 1));
  const kept = keepDamaged(path, nowMs);
  writeFresh(draft(path), freshTag, rows);
  renameDurably(draft(path), salvaged(path));
  finishSalvage(path);
  return ok(`The journal's torn end was cut after fact ${last.seq}; whatever came later is lost. The damaged files are kept as ${kept}.`);
};

const longestChain = (candidates: ReadonlyMap<number, readonly ChainRow[]>): readonly ChainRow[] => {
  const rows: ChainRow[] = [];
  let head: ChainHead = CHAIN_START;
  for (;;) {
    const at = head;
    const next = candidates.get(at.seq + 1)?.find((row) => chainsTo(at, row));
    if (next === undefined) return rows;
    rows.push(next);
    head = next;
  }
};

const chainGoesOnAfter = (candidates: ReadonlyMap<number, readonly ChainRow[]>, last: ChainRow): boolean => {
  for (const [seq, rows] of candidates) {
    if (seq <= last.seq + 1) continue;
    const before = candidates.get(seq - 1) ?? [];
    if (rows.some((row) => before.some((head) => chainsTo(head, row)))) return true;
  }
  return false;
};

const keepDamaged = (path: string, nowMs: number): string => {
  const kept = `${path}.damaged-${nowMs}`;
  fs.copyFileSync(path, kept);
  if (fs.existsSync(walPath(path))) fs.copyFileSync(walPath(path), walPath(kept));
  return kept;
};
