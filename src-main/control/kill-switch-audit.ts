// Every request to the kill switch is told, and none of them can fill the journal: what repeats is one line a minute with its number
// (REQUIREMENTS F).
import type { KillSwitchAsk } from '../../src-shared/domain/kill-switch.ts';

export interface KillSwitchRecord {
  readonly what: KillSwitchAsk;
  readonly verdict: 'taken' | 'refused';
  /** As the signed request says; nobody proves who sent an unsigned one. */
  readonly who: string;
  readonly why: string;
  readonly times: number;
}

export interface Audit {
  /** Alike is what has the same `what`, `verdict` and `about`: the first is told at once, the others once a minute with their number. */
  note(record: Omit<KillSwitchRecord, 'times'>, about?: number): void;
  /** Tells what is still counted. */
  close(): void;
}

export const AUDIT_EVERY_MS = 60_000;
const MAX_WORDS = 200;

interface Counted {
  readonly timer: NodeJS.Timeout;
  readonly whos: Set<string>;
  readonly whys: Set<string>;
  times: number;
}

export const createAudit = (tell: (record: KillSwitchRecord) => void): Audit => {
  const counted = new Map<string, { readonly record: Omit<KillSwitchRecord, 'times'>; readonly since: Counted }>();
  const end = (key: string): void => {
    const entry = counted.get(key);
    if (entry === undefined) return;
    counted.delete(key);
    clearTimeout(entry.since.timer);
    const { record, since } = entry;
    if (since.times > 0) tell({ ...record, who: words(since.whos), why: words(since.whys), times: since.times });
  };
  return {
    note(record, about = 0) {
      const key = `${record.what} ${record.verdict} ${about}`;
      const entry = counted.get(key);
      if (entry === undefined) {
        const timer = setTimeout(() => end(key), AUDIT_EVERY_MS).unref();
        counted.set(key, { record, since: { timer, whos: new Set(), whys: new Set(), times: 0 } });
        return tell({ ...record, times: 1 });
      }
      const { since } = entry;
      since.times += 1;
      if (since.whos.size < 5) since.whos.add(record.who);
      if (since.whys.size < 5) since.whys.add(record.why);
    },
    close: () => [...counted.keys()].forEach(end),
  };
};

const words = (texts: ReadonlySet<string>): string => [...texts].join('; ').slice(0, MAX_WORDS);
