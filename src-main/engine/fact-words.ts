// Every fact in words, for the journal browser: where the event log stays silent about noise, the browser does not. Pure.
import type { JournalEntry } from '../../src-shared/contract/journal.ts';
import type { Fact, SequencedFact } from './facts.ts';
import { logLineOf } from './log-lines.ts';

/** What the event log leaves out. */
const quietWords = (fact: Fact): string => {
  switch (fact.kind) {
    case 'order.sent':
      return `Sent to the exchange: ${fact.clientOrderId}`;
    case 'balances.updated':
      return `Balances ${fact.full ? 'stated in full' : 'updated'}: ${fact.entries.map(({ asset, free, locked }) => `${asset} ${free} free, ${locked} locked`).join('; ')}`;
    case 'equity.marked':
      return `The account is worth ${fact.equityUsdt} USDT`;
    case 'snapshot.taken':
      return `Snapshot of the state as of fact ${fact.atSeq} kept beside the journal`;
    default:
      return fact.kind;
  }
};

/** A fact's words and weight, beside its kind. A kind that this version does not know (a newer console's) is named by itself. */
export const factWords = (one: SequencedFact): Pick<JournalEntry, 'kind' | 'severity' | 'text'> => {
  const line = logLineOf(one);
  return { kind: one.fact.kind, severity: line?.severity ?? 'info', text: line?.text ?? quietWords(one.fact) };
};
