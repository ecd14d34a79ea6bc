// Questions to the journal: whether it is whole, what is in it, how the console stood. Read-only.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { refuse } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

/** A question to the journal as the answer of a call: what it cannot tell is said in words. */
const fromJournal = async <T>(question: Promise<T>): Promise<CallResult<T>> => {
  try {
    return ok(await question);
  } catch (error) {
    return refuse(error instanceof RangeError ? 'NOT_FOUND' : 'UNAVAILABLE', error instanceof Error ? error.message : String(error));
  }
};

export const journalHandlers = (desk: ConsoleDesk): Pick<Handlers, 'verifyJournal' | 'journalPage' | 'journalRows' | 'replayAt'> => ({
  verifyJournal: async () => {
    const report = await desk.core().setup.opened.verify();
    return report.verdict === 'whole'
      ? ok({ facts: report.facts, headHash: report.headHash, text: report.text })
      : refuse('REFUSED', report.text);
  },
  journalPage: (input) => fromJournal(desk.core().replay.page(input)),
  journalRows: ({ fromSeq, count }) => {
    const { journal, reader } = desk.core().setup.opened;
    const headSeq = journal.durableSeq;
    return fromJournal(reader.rows(fromSeq, count).then((rows) => ({ rows: rows.filter(({ seq }) => seq <= headSeq), headSeq })));
  },
  replayAt: (input) => {
    const { console } = desk.snapshot().view.status;
    if (console === undefined) return Promise.resolve(refuse('UNAVAILABLE', 'The console is still starting.'));
    const { version, venue, shell, startedAtMs } = console;
    return fromJournal(desk.core().replay.viewAt(input, { version, venue, shell, startedAtMs }));
  },
});
