// A drill's journal: in memory, gone with the drill. Only what a stop needs of one: it cannot be read back, verified or continued.
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { ok } from '../../src-shared/errors/result.ts';
import type { SequencedFact } from '../engine/facts.ts';
import type { Journal, OpenedJournal } from '../journal/port.ts';

class DrillJournal implements Journal {
  readonly tag = 'drill0' as JournalTag;
  durableSeq = 0;
  private readonly listeners: ((seq: number) => void)[] = [];

  append(facts: readonly SequencedFact[]): void {
    const last = facts.at(-1)?.seq ?? 0;
    queueMicrotask(() => {
      this.durableSeq = last;
      for (const listener of this.listeners) listener(last);
    });
  }

  onDurable(listener: (seq: number) => void): void {
    this.listeners.push(listener);
  }

  onBroken(): void {
    // Memory does not break.
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const unread = (): Promise<never> => Promise.reject(new Error('Nobody reads what a drill wrote.'));
const nothing = (): void => undefined;

export const openDrillJournal = (): OpenedJournal => ({
  journal: new DrillJournal(),
  facts: [],
  headHash: '',
  notice: '',
  latch: {
    path: '',
    found: ok(null),
    write: nothing,
    durable: () => Promise.resolve(true),
    onProblem: nothing,
    close: () => Promise.resolve(),
  },
  verify: unread,
  reader: { rows: unread, facts: unread, snapshot: unread, seqAt: unread },
});
