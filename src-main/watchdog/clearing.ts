// Cancels everything until the exchange shows nothing open, over the watchdog's own connection (REQUIREMENTS E8). It never gives up for
// what passes, waits where it is told to, and says after each step how far it is.
import type { Result } from '../../src-shared/errors/result.ts';
import type { Desk, DeskFailure, OpenOrder } from './desk.ts';
import type { WatchdogReport } from './report.ts';

export interface ClearingOptions {
  readonly desk: Desk;
  readonly symbols: readonly string[];
  readonly why: string;
  readonly giveUpAfterMs: number;
  readonly nowMs: () => number;
  readonly monoMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** True once somebody else took over: what is left is theirs. */
  readonly relieved: () => boolean;
  /** After each step that changed something. */
  readonly tell: (report: WatchdogReport) => void;
  /** True when an exchange that refuses every connection is gone for good. */
  readonly isGone: () => boolean;
}

const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 4000;
/** An order that left just before the console died may still arrive (BINANCE 5: recvWindow): one more look after so long. */
const LATE_ARRIVAL_MS = 6000;

const keyOf = ({ symbol, clientOrderId }: OpenOrder): string => `${symbol} ${clientOrderId}`;

const namesOf = (orders: readonly OpenOrder[]): OpenOrder[] => orders.map(({ symbol, clientOrderId }) => ({ symbol, clientOrderId }));

/** Settles with the last report: complete where `emptyAfterMs` is not null. Null: there was nothing to stand in for. */
export const clearAll = async (options: ClearingOptions): Promise<WatchdogReport | null> => new Clearing(options).run();

class Clearing {
  private readonly options: ClearingOptions;
  private readonly startedMs: number;
  private readonly canceled = new Map<string, OpenOrder>();
  private report: WatchdogReport;
  private failures = 0;
  private holdMs = 0;
  private reached = false;

  constructor(options: ClearingOptions) {
    this.options = options;
    this.startedMs = options.monoMs();
    this.report = {
      version: 1,
      atMs: options.nowMs(),
      why: options.why,
      canceled: [],
      left: null,
      problem: '',
      emptyAfterMs: null,
    };
  }

  async run(): Promise<WatchdogReport | null> {
    const { sleep, relieved } = this.options;
    this.tell({});
    let symbols = this.options.symbols;
    while (true) {
      symbols = await this.round(symbols);
      if (symbols.length === 0 && this.failures === 0) {
        if (await this.nothingArrivedLate()) return this.report;
        continue;
      }
      if (relieved() || this.isOver()) return this.report;
      if (this.isVenueGone()) return null;
      await sleep(Math.max(this.holdMs, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.failures, 10))));
    }
  }

  /** One cancel a symbol, then a look; gives back the symbols that need another. */
  private async round(symbols: readonly string[]): Promise<readonly string[]> {
    this.holdMs = 0;
    const failed: string[] = [];
    await Promise.all(
      symbols.map(async (symbol) => {
        const outcome = this.learned(await this.options.desk.cancelAll(symbol));
        if (outcome === null) failed.push(symbol);
        else for (const order of outcome) this.canceled.set(keyOf(order), order);
      }),
    );
    const left = this.learned(await this.options.desk.openOrders());
    this.failures = failed.length === 0 && left !== null ? 0 : this.failures + 1;
    const again = left === null ? failed : [...new Set(left.map(({ symbol }) => symbol))];
    const isEmpty = left?.length === 0;
    // A cancel whose answer was lost is made good by a look that shows nothing.
    if (isEmpty) this.failures = 0;
    this.tell({ left: left === null ? this.report.left : [...left], ...(isEmpty ? { emptyAfterMs: this.elapsedMs(), problem: '' } : {}) });
    return again;
  }

  private async nothingArrivedLate(): Promise<boolean> {
    await this.options.sleep(LATE_ARRIVAL_MS);
    if (this.options.relieved()) return true;
    const left = this.learned(await this.options.desk.openOrders());
    if (left?.length === 0) return true;
    // Shown or not known: the rounds go on.
    this.tell({ left: left === null ? this.report.left : [...left], emptyAfterMs: null });
    return false;
  }

  private learned<T>(result: Result<T, DeskFailure>): T | null {
    if (result.ok) {
      this.reached = true;
      return result.value;
    }
    this.holdMs = Math.max(this.holdMs, result.error.holdMs);
    if (!result.error.refused) this.reached = true;
    this.report = { ...this.report, problem: result.error.text.slice(0, 1000) };
    return null;
  }

  private tell(change: Partial<WatchdogReport>): void {
    const { left, ...rest } = { ...this.report, ...change };
    this.report = { ...rest, canceled: namesOf([...this.canceled.values()]), left: left && namesOf(left) };
    if (!this.isVenueGone()) this.options.tell(this.report);
  }

  /** An exchange that went with the console was never reached: there is nothing to stand in for. */
  private isVenueGone(): boolean {
    return !this.reached && this.options.isGone();
  }

  private elapsedMs(): number {
    return Math.round(this.options.monoMs() - this.startedMs);
  }

  private isOver(): boolean {
    return this.elapsedMs() > this.options.giveUpAfterMs;
  }
}
