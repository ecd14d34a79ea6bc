// `journal export`: every fact as JSON lines, or every trade as CSV with its cost basis. Streams; a file appears whole or not at all.
import fs from 'node:fs';
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import type { Fact } from '../engine/facts.ts';
import { TradeBook } from '../engine/trade-book.ts';
import { CommandFailed, EXIT } from './outcome.ts';
import { CSV_HEAD, csvLine } from './trade-csv.ts';

export interface ExportWish {
  readonly format: 'jsonl' | 'csv';
  /** The period, by the fact's time or the trade's: from ≤ time < to. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Turns rows into the export's text, page by page, and counts its lines. */
interface Exporter {
  readonly head: string;
  lines(page: readonly JournalRow[]): string;
  count: number;
}

/** A fact a line, with its exact text: what an export says can be held against the journal's hashes. */
const factLines = ({ fromMs, toMs }: ExportWish): Exporter => ({
  head: '',
  count: 0,
  lines(page) {
    const chosen = page.filter(({ seq, atMs }) => seq > 0 && atMs >= fromMs && atMs < toMs);
    this.count += chosen.length;
    return chosen
      .map(
        ({ seq, atMs, json, hash }) =>
          `{"seq":${seq},"at":"${new Date(atMs).toISOString()}","atMs":${atMs},"hash":"${hash}","fact":${json}}\n`,
      )
      .join('');
  },
});

/** The whole history is reckoned, so that a sale in the period knows what it had cost; only the period's trades are written. */
const tradeLines = ({ fromMs, toMs }: ExportWish): Exporter => {
  const book = new TradeBook();
  return {
    head: CSV_HEAD,
    count: 0,
    lines(page) {
      let text = '';
      for (const { seq, atMs, json } of page) {
        const trade = seq === 0 ? null : book.take({ seq, atMs, fact: JSON.parse(json) as Fact });
        if (trade === null || trade.atMs < fromMs || trade.atMs >= toMs) continue;
        text += csvLine(trade);
        this.count += 1;
      }
      return text;
    },
  };
};

const exporterOf = (wish: ExportWish): Exporter => (wish.format === 'csv' ? tradeLines(wish) : factLines(wish));

/** Writes the export and gives the number of its lines, the head not counted. */
export const writeExport = async (
  pages: AsyncIterable<readonly JournalRow[]>,
  wish: ExportWish,
  write: (text: string) => unknown,
): Promise<number> => {
  const exporter = exporterOf(wish);
  await write(exporter.head);
  for await (const page of pages) await write(exporter.lines(page));
  return exporter.count;
};

/** The same into a file: beside it first, on disk, then in its place. A failure leaves what was there before. */
export const writeExportFile = async (pages: AsyncIterable<readonly JournalRow[]>, wish: ExportWish, path: string): Promise<number> => {
  const draft = `${path}.part`;
  try {
    const count = await writeDraft(pages, wish, draft);
    await fs.promises.rename(draft, path);
    return count;
  } catch (error) {
    await fs.promises.rm(draft, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const text = `${path} cannot be written: ${error.message}. What was there before is untouched.`;
    throw new CommandFailed({ exit: EXIT.refused, code: 'REFUSED', text });
  }
};

const writeDraft = async (pages: AsyncIterable<readonly JournalRow[]>, wish: ExportWish, draft: string): Promise<number> => {
  const file = await fs.promises.open(draft, 'w', 0o600);
  try {
    const count = await writeExport(pages, wish, (text) => file.writeFile(text));
    await file.sync();
    return count;
  } finally {
    await file.close();
  }
};
