// How the watchdog empties an exchange (E8): against a desk in memory that fails as exchanges do, in virtual time.
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { clearAll } from '../../../src-main/watchdog/clearing.ts';
import type { ClearingOptions } from '../../../src-main/watchdog/clearing.ts';
import type { Desk, DeskFailure, OpenOrder } from '../../../src-main/watchdog/desk.ts';
import type { WatchdogReport } from '../../../src-main/watchdog/report.ts';

const open = (symbol: string, clientOrderId: string, guards = false): OpenOrder => ({ symbol, clientOrderId, guards });
/** As a report names it. */
const order = (symbol: string, clientOrderId: string) => ({ symbol, clientOrderId });
const down: DeskFailure = { text: 'The connection failed: ECONNREFUSED', holdMs: 0, refused: true };
const busy: DeskFailure = { text: 'Too many requests', holdMs: 30_000, refused: false };

class Exchange implements Desk {
  open: OpenOrder[];
  nowMs = 0;
  readonly calls: string[] = [];
  readonly told: WatchdogReport[] = [];
  /** What the next calls fail with, by what they start with. */
  readonly failing: { readonly call: string; readonly failure: DeskFailure; times: number; readonly lost?: true }[] = [];
  readonly arriving: { readonly atMs: number; readonly order: OpenOrder }[] = [];

  constructor(open: OpenOrder[]) {
    this.open = open;
  }

  private failureOf(call: string): { readonly failure: DeskFailure; readonly lost?: true } | undefined {
    this.calls.push(call);
    for (const late of this.arriving.splice(0)) {
      if (late.atMs <= this.nowMs) this.open.push(late.order);
      else this.arriving.push(late);
    }
    const rule = this.failing.find((one) => one.times > 0 && call.startsWith(one.call));
    if (rule !== undefined) rule.times -= 1;
    return rule;
  }

  async cancelAll(symbol: string) {
    const failed = this.failureOf(`cancel ${symbol}`);
    const canceled = this.open.filter((one) => one.symbol === symbol);
    if (failed === undefined || failed.lost === true) this.open = this.open.filter((one) => one.symbol !== symbol);
    return failed === undefined ? ok(canceled) : fail(failed.failure);
  }

  async cancel({ symbol, clientOrderId }: OpenOrder) {
    const failed = this.failureOf(`cancel ${symbol} ${clientOrderId}`);
    if (failed !== undefined) return fail(failed.failure);
    const canceled = this.open.filter((one) => one.clientOrderId === clientOrderId);
    this.open = this.open.filter((one) => one.clientOrderId !== clientOrderId);
    return ok(canceled);
  }

  async openOrders() {
    const failed = this.failureOf('look');
    return failed === undefined ? ok([...this.open]) : fail(failed.failure);
  }

  async close() {
    // Nothing is open here.
  }

  clear(options: Partial<ClearingOptions> = {}): Promise<WatchdogReport | null> {
    return clearAll({
      desk: this,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      keepProtection: false,
      why: 'the console hung',
      giveUpAfterMs: 600_000,
      nowMs: () => 1_700_000_000_000 + this.nowMs,
      monoMs: () => this.nowMs,
      sleep: async (ms) => {
        this.nowMs += ms;
      },
      relieved: () => false,
      isGone: () => false,
      tell: (report) => this.told.push(report),
      ...options,
    });
  }
}

describe('clearing', () => {
  it('cancels each symbol once, sees it empty, and looks again for what arrived late', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a'), open('ETHUSDT', 'b')]);
    const report = await exchange.clear();
    expect(exchange.calls).toEqual(['cancel BTCUSDT', 'cancel ETHUSDT', 'look', 'look']);
    expect(report).toMatchObject({ canceled: [order('BTCUSDT', 'a'), order('ETHUSDT', 'b')], left: [], emptyAfterMs: 0, problem: '' });
  });

  it('says that it acts before the first answer is there', async () => {
    const exchange = new Exchange([]);
    const clearing = exchange.clear();
    expect(exchange.told[0]).toMatchObject({ why: 'the console hung', canceled: [], left: null, emptyAfterMs: null });
    await clearing;
  });

  it('cancels what it was never told of: whatever symbol the exchange still shows', async () => {
    const exchange = new Exchange([open('DOGEUSDT', 'phone')]);
    expect(await exchange.clear()).toMatchObject({ canceled: [order('DOGEUSDT', 'phone')], left: [], emptyAfterMs: expect.any(Number) });
  });

  it('an order that was still on its way when the console died is cancelled too', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.arriving.push({ atMs: 4000, order: open('ETHUSDT', 'late') });
    expect(await exchange.clear()).toMatchObject({ canceled: [order('BTCUSDT', 'a'), order('ETHUSDT', 'late')], left: [] });
    expect(exchange.open).toEqual([]);
  });

  it('one symbol that fails holds up no other, and is tried until it is gone', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a'), open('ETHUSDT', 'b')]);
    exchange.failing.push({ call: 'cancel ETHUSDT', failure: { text: 'Internal error', holdMs: 0, refused: false }, times: 4 });
    expect(await exchange.clear()).toMatchObject({ left: [], problem: '' });
    expect(exchange.calls.filter((call) => call === 'cancel BTCUSDT')).toHaveLength(1);
    expect(exchange.open).toEqual([]);
  });

  it('a cancel whose answer was lost is believed when the exchange shows nothing', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({
      call: 'cancel BTCUSDT',
      failure: { text: 'No whole answer', holdMs: 0, refused: false },
      times: 1,
      lost: true,
    });
    expect(await exchange.clear()).toMatchObject({ canceled: [], left: [], emptyAfterMs: 0 });
  });

  it('a hold is waited out, with no request under it', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({ call: '', failure: busy, times: 3 });
    const report = await exchange.clear();
    expect(exchange.nowMs).toBeGreaterThanOrEqual(30_000);
    expect(report).toMatchObject({ left: [], canceled: [order('BTCUSDT', 'a')] });
  });

  it('waits longer each time while nothing answers, and takes the work up when something does', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({ call: '', failure: down, times: 60 });
    expect(await exchange.clear()).toMatchObject({ left: [], canceled: [order('BTCUSDT', 'a')] });
    expect(exchange.nowMs / 20, 'at most every four seconds in the end').toBeGreaterThan(3000);
  });

  it('gives up in the end, and names what is left', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({
      call: 'cancel',
      failure: { text: 'Unknown error', holdMs: 0, refused: false },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await exchange.clear({ giveUpAfterMs: 60_000 })).toMatchObject({
      left: [order('BTCUSDT', 'a')],
      problem: 'Unknown error',
      emptyAfterMs: null,
    });
  });

  it('leaves the rest to a console that took over', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({ call: 'cancel', failure: down, times: Number.POSITIVE_INFINITY });
    expect(await exchange.clear({ relieved: () => exchange.nowMs > 1000 })).toMatchObject({ left: [order('BTCUSDT', 'a')] });
    expect(exchange.nowMs).toBeLessThan(10_000);
  });

  it('under a hold it hears at once that a console took over, and cancels nothing of what that has placed since', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    exchange.failing.push({ call: '', failure: { ...busy, holdMs: 120_000 }, times: 3 });
    await exchange.clear({ relieved: () => exchange.nowMs > 1000 });
    expect(exchange.nowMs).toBeLessThan(2000);
    expect(exchange.calls).toEqual(['cancel BTCUSDT', 'cancel ETHUSDT', 'look']);
    expect(exchange.open).toHaveLength(1);
  });

  it('nor does it hold up a console that takes over while it waits for what arrives late', async () => {
    const exchange = new Exchange([open('BTCUSDT', 'a')]);
    const report = await exchange.clear({ relieved: () => exchange.nowMs > 1000 });
    expect(exchange.nowMs).toBeLessThan(2000);
    expect(report).toMatchObject({ canceled: [order('BTCUSDT', 'a')], left: [], emptyAfterMs: 0 });
  });

  it('an exchange that ended with the console leaves nothing to do, and no report', async () => {
    const exchange = new Exchange([]);
    exchange.failing.push({ call: '', failure: down, times: Number.POSITIVE_INFINITY });
    expect(await exchange.clear({ isGone: () => true })).toBeNull();
    expect(exchange.told).toEqual([]);
  });

  describe('that keeps protection (B5, E8)', () => {
    it('leaves what guards positions, cancels the rest of its symbol one by one and other symbols whole', async () => {
      const exchange = new Exchange([open('BTCUSDT', 'entry'), open('BTCUSDT', 'stop', true), open('ETHUSDT', 'a'), open('ETHUSDT', 'b')]);
      const report = await exchange.clear({ keepProtection: true });
      expect(exchange.calls).toEqual(['look', 'cancel ETHUSDT', 'cancel BTCUSDT entry', 'look', 'look']);
      expect(report).toMatchObject({ kept: [order('BTCUSDT', 'stop')], left: [], emptyAfterMs: 0 });
      expect(exchange.open).toEqual([open('BTCUSDT', 'stop', true)]);
    });

    it('cancels nothing unseen: it looks until the exchange answers', async () => {
      const exchange = new Exchange([open('BTCUSDT', 'entry'), open('BTCUSDT', 'stop', true)]);
      exchange.failing.push({ call: 'look', failure: down, times: 5 });
      expect(await exchange.clear({ keepProtection: true })).toMatchObject({ canceled: [order('BTCUSDT', 'entry')], left: [] });
      expect(exchange.calls.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'look'));
      expect(exchange.open).toEqual([open('BTCUSDT', 'stop', true)]);
    });

    it('an order whose cancel fails is tried until it is gone, and one that arrives late goes too', async () => {
      const exchange = new Exchange([open('BTCUSDT', 'entry'), open('BTCUSDT', 'stop', true)]);
      exchange.failing.push({ call: 'cancel', failure: down, times: 3 });
      exchange.arriving.push({ atMs: 5000, order: open('BTCUSDT', 'late') });
      const report = await exchange.clear({ keepProtection: true });
      expect(report?.canceled).toEqual([order('BTCUSDT', 'entry'), order('BTCUSDT', 'late')]);
      expect(exchange.open).toEqual([open('BTCUSDT', 'stop', true)]);
    });

    it('where policy wants everything gone, protection goes as well', async () => {
      const exchange = new Exchange([open('BTCUSDT', 'stop', true)]);
      expect(await exchange.clear()).toMatchObject({ canceled: [order('BTCUSDT', 'stop')], kept: [], left: [] });
    });
  });
});
