// Journals in a folder of their own, and facts to fill them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { SequencedFact } from '../../../src-main/engine/facts.ts';
import { openJournal, type JournalOptions } from '../../../src-main/journal/open.ts';
import type { FileJournal } from '../../../src-main/journal/port.ts';
import type { JournalTag } from '../../../src-shared/domain/ids.ts';

export const PRACTICE = { mode: 'practice', account: 'normal' } as const;

export const freshFolder = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-journal-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const freshPath = (): string => path.join(freshFolder(), 'journal.sqlite');

/** Facts firstSeq … lastSeq, each a little different. */
export const factsFrom = (firstSeq: number, lastSeq: number, padding = ''): SequencedFact[] =>
  Array.from({ length: lastSeq - firstSeq + 1 }, (_, index) => ({
    seq: firstSeq + index,
    atMs: 1_700_000_000_000 + firstSeq + index,
    fact: { kind: 'reconcile.failed', why: `test ${firstSeq + index}`, text: `Grüße ✓ ${padding}` },
  }));

export const opened = async (options: Partial<JournalOptions> & { readonly path: string }): Promise<FileJournal> => {
  const result = await openJournal({ ...PRACTICE, ...options });
  if (!result.ok) throw new Error(result.error.text);
  return result.value;
};

export const problemCode = async (options: Partial<JournalOptions> & { readonly path: string }): Promise<string> => {
  const result = await openJournal({ ...PRACTICE, ...options });
  if (!result.ok) return result.error.code;
  await result.value.journal.close();
  return `opened: ${result.value.notice}`;
};

/** Makes a journal with facts 1 … count, closed cleanly. */
export const makeJournal = async (file: string, count: number, padding = ''): Promise<void> => {
  const { journal } = await opened({ path: file });
  for (let seq = 1; seq <= count; seq += 10) journal.append(factsFrom(seq, Math.min(seq + 9, count), padding));
  await journal.flush();
  await journal.close();
};

export const tag = (text: string): JournalTag => text as JournalTag;
