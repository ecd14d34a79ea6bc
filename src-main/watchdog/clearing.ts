// Cancels everything, or (policy) all but what guards positions, until the exchange shows nothing else open, over the watchdog's own
// connection (REQUIREMENTS E8). It never gives up for what passes, waits where it is told to, and says after each step how far it is.
import type { Result } from '../../src-shared/errors/result.ts';
import type { Desk, DeskFailure, OpenOrder } from './desk.ts';
import type { WatchdogReport } from './report.ts';

export interface ClearingOptions {
  readonly desk: Desk;
  readonly symbols: readonly string[];
  /** Stops and targets stay where they are (B5). */
  readonly keepProtection: boolean;
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
/** A console that takes over waits for it only a moment: however long a wait is, it looks that often whether there is one. */
const RELIEF_LOOK_MS = 100;

const keyOf = ({ symbol, clientOrderId }: OpenOrder): string => `${symbol} ${clientOrderId}`;

type Named = WatchdogReport['canceled'][number];
type Cancel = () => Promise<Result<readonly OpenOrder[], DeskFailure>>;

const namesOf = (orders: readonly Named[]): Named[] => orders.map(({ symbol, clientOrderId }) => ({ symbol, clientOrderId }));

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
      kept: [],
      left: null,
      problem: '',
      emptyAfterMs: null,
    };
  }

  async run(): Promise<WatchdogReport | null> {
    const { relieved } = this.options;
    this.tell({});
    // What guards a position is told from the rest by a look: where it is to stay, nothing is cancelled unseen.
    const { symbols, keepProtection } = this.options;
    let todo = await this.round(keepProtection ? await this.look([]) : symbols.map((symbol) => this.whole(symbol)));
    while (true) {
      if (todo.length > 0 || this.failures > 0) {
        if (relieved() || this.isOver()) return this.report;
        if (this.isVenueGone()) return null;
        await this.wait(Math.max(this.holdMs, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.failures, 10))));
        if (relieved()) return this.report;
      } else if (await this.nothingArrivedLate()) return this.report;
      todo = await this.round(todo);
    }
  }

  /** Over before its time once somebody else took over. */
  private async wait(ms: number): Promise<void> {
    const { monoMs, sleep, relieved } = this.options;
    const untilMs = monoMs() + ms;
    for (let leftMs = ms; leftMs > 0 && !relieved(); leftMs = untilMs - monoMs()) await sleep(Math.min(RELIEF_LOOK_MS, leftMs));
  }

  private whole(symbol: string): Cancel {
    return () => this.options.desk.cancelAll(symbol);
  }

  /** All of it at once, then a look; gives back what needs another. */
  private async round(todo: readonly Cancel[]): Promise<readonly Cancel[]> {
    this.holdMs = 0;
    const failed: Cancel[] = [];
    await Promise.all(
      todo.map(async (cancel) => {
        const outcome = this.learned(await cancel());
        if (outcome === null) failed.push(cancel);
        else for (const order of outcome) this.canceled.set(keyOf(order), order);
      }),
    );
    return this.look(failed);
  }

  /** What is open and has to go, as cancels: a symbol at once, order by order where something of it stays. */
  private async look(failed: readonly Cancel[]): Promise<readonly Cancel[]> {
    const open = this.learned(await this.options.desk.openOrders());
    this.failures = failed.length === 0 && open !== null ? 0 : this.failures + 1;
    if (open === null) return failed;
    const { kept, left } = this.parted(open);
    const isEmpty = left.length === 0;
    // A cancel whose answer was lost is made good by a look that shows nothing.
    if (isEmpty) this.failures = 0;
    this.tell({ kept, left, ...(isEmpty ? { emptyAfterMs: this.elapsedMs(), problem: '' } : {}) });
    const mixed = new Set(kept.map(({ symbol }) => symbol));
    const symbols = [...new Set(left.map(({ symbol }) => symbol))].filter((symbol) => !mixed.has(symbol));
    const single = left.filter(({ symbol }) => mixed.has(symbol)).map((order) => () => this.options.desk.cancel(order));
    return [...symbols.map((symbol) => this.whole(symbol)), ...single];
  }

  private parted(open: readonly OpenOrder[]): { readonly kept: OpenOrder[]; readonly left: OpenOrder[] } {
    const stays = ({ guards }: OpenOrder): boolean => guards && this.options.keepProtection;
    return { kept: open.filter(stays), left: open.filter((order) => !stays(order)) };
  }

  private async nothingArrivedLate(): Promise<boolean> {
    await this.wait(LATE_ARRIVAL_MS);
    if (this.options.relieved()) return true;
    const open = this.learned(await this.options.desk.openOrders());
    const found = open === null ? null : this.parted(open);
    if (found?.left.length === 0) return true;
    // Shown or not known: the rounds go on.
    this.tell({ ...found, emptyAfterMs: null });
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
    const { left, kept, ...rest } = { ...this.report, ...change };
    this.report = { ...rest, canceled: namesOf([...this.canceled.values()]), kept: namesOf(kept), left: left && namesOf(left) };
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
