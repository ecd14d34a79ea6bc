// What the console has done and how well, in numbers (REQUIREMENTS L3): for the health page, `holdfast metrics` and, as Prometheus text,
// for whoever collects it. Plain JSON; money is text. Nothing decides by it.
import type { Mode } from '../domain/mode.ts';
import type { DecimalText } from '../domain/money.ts';

export interface CountView {
  readonly kind: string;
  readonly count: number;
}

export interface MetricsView {
  readonly mode: Mode;
  /** Out of the facts since this journal began: a restart changes none of it. */
  readonly journal: {
    readonly facts: number;
    readonly orders: {
      /** Let through by the gate. */
      readonly decided: number;
      readonly denied: number;
      /** Died between the decision and the wire: a stop, a disk, a change of mind. */
      readonly held: number;
      readonly sent: number;
      /** The venue took them, by its own word. */
      readonly taken: number;
      readonly refused: number;
      /** The answer was lost; what became of each is counted as well, once it is known. */
      readonly doubted: number;
      readonly adopted: number;
      /** Got at least one fill: the trades of C5. */
      readonly traded: number;
      readonly fills: number;
    };
    /** Taken among those of which it is known whether they were; null: none yet. Per cent. */
    readonly successPct: DecimalText | null;
    /** From the decision to the venue's first word that it took the order; one for each request of this session's or an earlier one. */
    readonly latency: {
      readonly count: number;
      readonly sumMs: number;
      readonly meanMs: number | null;
      /** Half, 95 and 99 of a hundred were no slower than this: the upper end of a bucket, or the slowest of all. */
      readonly p50Ms: number | null;
      readonly p95Ms: number | null;
      readonly p99Ms: number | null;
      readonly mostMs: number | null;
      /** How many came within each bound, each alone; null: beyond the last. */
      readonly buckets: readonly { readonly toMs: number | null; readonly count: number }[];
    };
    /** Orders that closed something, each once when it ended, net of fees. */
    readonly closes: {
      readonly wins: number;
      readonly losses: number;
      /** Won less lost. */
      readonly netUsdt: DecimalText;
      readonly wonUsdt: DecimalText;
      readonly lostUsdt: DecimalText;
      readonly bestUsdt: DecimalText | null;
      readonly worstUsdt: DecimalText | null;
      readonly buckets: readonly { readonly toUsdt: DecimalText | null; readonly count: number }[];
    };
    readonly realisedUsdt: DecimalText;
    readonly feesUsdt: DecimalText;
    /** What went wrong, the most frequent first: `order refused -2010`, `cancel failed late`. */
    readonly errors: readonly CountView[];
    /** By the limit or rule that said no, the most frequent first. */
    readonly denials: readonly CountView[];
    /** Stops by trigger, the breaker by rule, comparisons of the books. */
    readonly events: readonly CountView[];
  };
  /** Since this console process started, or changed its mode. */
  readonly session: {
    readonly keychainFailures: readonly CountView[];
    /** Calls to the exchange that brought nothing, by why. */
    readonly failedCalls: readonly CountView[];
  };
  readonly now: {
    readonly level: 'ACTIVE' | 'REDUCING' | 'HALTED';
    readonly openOrders: number;
    readonly positions: number;
    readonly equityUsdt: DecimalText | null;
    readonly usedWeight: number | null;
  };
}
