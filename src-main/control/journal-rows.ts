// The journal's rows for a command: from the running console, or from a file that none has open. Each is held against the chain on its
// way: what does not chain is never handed on.
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import { CHAIN_START, chainsTo, type ChainHead } from '../journal/chain.ts';
import { openClosedJournal } from '../journal/verify.ts';
import type { ControlClient } from './client.ts';
import { CommandFailed, EXIT } from './outcome.ts';
import { LONG_CALL_TIMEOUT_MS, valueOf } from './session.ts';

type Pages = AsyncIterable<readonly JournalRow[]>;

const ROWS_PER_PAGE = 1000;

/** All rows of the running console's journal, as far as it is when the first are asked for. */
export async function* rowsOfConsole(client: ControlClient): Pages {
  let headSeq = 0;
  for (let fromSeq = 0; fromSeq <= headSeq; fromSeq += ROWS_PER_PAGE) {
    const page = valueOf(await client.call('journalRows', { fromSeq, count: ROWS_PER_PAGE }, LONG_CALL_TIMEOUT_MS));
    if (fromSeq === 0) headSeq = page.headSeq;
    yield page.rows.filter(({ seq }) => seq <= headSeq);
  }
}

/** All rows of a journal file. Throws CommandFailed where the file cannot be read as a journal. */
export async function* rowsOfFile(path: string): Pages {
  const opened = openClosedJournal(path);
  if (!opened.ok) throw new CommandFailed({ exit: EXIT.refused, code: 'UNAVAILABLE', text: opened.error.text });
  try {
    let page: JournalRow[] = [];
    for (const row of opened.value.rows()) {
      page.push(row);
      if (page.length < ROWS_PER_PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  } finally {
    opened.value.close();
  }
}

/** The same pages; throws CommandFailed at the first row that does not chain to the one before it. */
export async function* chained(pages: Pages): Pages {
  let head: ChainHead = CHAIN_START;
  for await (const page of pages) {
    for (const row of page) {
      if (!chainsTo(head, row)) throw brokenAt(head);
      head = row;
    }
    yield page;
  }
}

const brokenAt = ({ seq }: ChainHead): CommandFailed =>
  new CommandFailed({
    exit: EXIT.refused,
    code: 'REFUSED',
    text: `The chain is broken at fact ${seq + 1}: nothing of the journal is to be relied on from there. "holdfast journal verify" says more.`,
  });
