// The console's core on a practice exchange, as console.ts puts it together (engine, journal on disk, venue, replica), with a way to
// hear each fact at once: the window's deltas come merged, and a bench must not measure the merging. The policy's pace is raised as
// far as its schema goes, for a bench places in seconds what a trader places in a week.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import { ok } from '../../src-shared/errors/result.ts';
import { policySchema, type Policy } from '../../src-shared/policy/schema.ts';
import { Core } from '../../src-main/console/core.ts';
import { runSelfTest } from '../../src-main/console/self-test-run.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import { Replica } from '../../src-main/engine/replica.ts';
import { openJournal } from '../../src-main/journal/open.ts';
import type { PracticeAddresses, PracticeHandle, TestKey } from '../../src-main/practice/practice.ts';
import { createBinanceVenue } from '../../src-main/venue/binance.ts';
import { pause } from './numbers.ts';
import { WIDE_EXPOSURE } from '../support/wide.ts';

/** As the schema allows. */
export const ORDERS_PER_SECOND = 50;

/** Practice limits that a bench does not meet: it sends in a minute what Binance allows in a day. */
export const NO_LIMITS = {
  weightPerMinute: 1e8,
  rawRequestsPer5Min: 1e8,
  ordersPer10s: 1e8,
  ordersPerDay: 1e8,
  connectionsPer5Min: 1e5,
};

export const benchPolicy = (symbols: readonly string[]): Policy =>
  policySchema.parse({
    limits: {
      maxOrdersPerSecond: ORDERS_PER_SECOND,
      minSymbolIntervalMs: 0,
      maxDailyTrades: 1e5,
      maxPositions: 200,
      maxRequestWeight: 5900,
      maxOrderCountPct: 99,
      allowedSymbols: symbols,
      coolDownAfterLosses: 100,
    },
    exposure: WIDE_EXPOSURE,
  });

export interface BenchEngine {
  readonly core: Core;
  /** The client order id; throws where the gate denies. */
  place(request: OrderRequest): string;
  /** The first fact of this order that is one of `kinds`, from now on. */
  fact(clientOrderId: string, kinds: readonly Fact['kind'][]): Promise<Fact>;
  /** Counts facts of a kind from now on, as long as the engine runs. */
  count(kind: Fact['kind']): { readonly seen: number; until(count: number): Promise<void> };
  best(symbol: string): { readonly bid: number; readonly ask: number };
  close(): Promise<void>;
}

const CLOCK = { nowMs: () => Date.now(), monoMs: () => performance.now() };
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const FLUSH_MS = 16;
const PULSE_MS = 250;
const READY_MS = 20_000;

/** Starts a core on an account of the exchange and waits until it may trade, or (`begun`) only until it has begun to start. */
export const startEngine = async (
  practice: PracticeAddresses & { readonly key: TestKey },
  symbols: readonly string[],
  wait: 'active' | 'begun' = 'active',
): Promise<BenchEngine> => {
  const { restUrl, streamUrl, wsApiUrl, key } = practice;
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const policy = benchPolicy(symbols);
  const venue = await createBinanceVenue({
    addresses: { restUrl, streamUrl, wsApiUrl, hasSapi: true },
    credentials: { ...key, kind: 'hmac' },
    symbols: symbols as readonly SymbolId[],
    weightCeiling: policy.limits.maxRequestWeight,
    emergencyReserve: 100,
    nowMs: CLOCK.nowMs,
    random: Math.random,
  });
  if (!venue.ok) throw new Error(venue.error.text);
  const opened = await openJournal({ path: join(home, 'journal.sqlite'), mode: 'practice', account: 'bench' });
  if (!opened.ok) throw new Error(opened.error.text);
  const listeners = new Set<(facts: readonly SequencedFact[]) => void>();
  let flushTimer: NodeJS.Timeout | undefined;
  const core: Core = new Core({
    mode: 'practice',
    account: 'bench',
    version: 'bench',
    opened: opened.value,
    venue: venue.value,
    symbols: symbols as readonly SymbolId[],
    clock: CLOCK,
    log: silent,
    policy: ok({
      policy,
      version: 1,
      by: 'bench',
      why: 'bench',
      problem: '',
    }),
    alerts: { raise: () => undefined },
    selfTest: (of) =>
      runSelfTest(of, { mode: 'practice', home, hasWindow: false, proveKeychain: () => Promise.resolve(ok('session' as const)) }),
    onTurn: (_input, facts) => {
      if (facts.length === 0) return;
      replica.note(facts);
      flushTimer ??= setTimeout(flush, FLUSH_MS);
      for (const listener of listeners) listener(facts);
    },
  });
  const replica: Replica = new Replica(core.engine, CLOCK, () => ({
    version: 'bench',
    venue: 'bench',
    shell: {
      name: 'headless',
      lacks: [],
    },
    startedAtMs: 0,
  }));
  const flush = (): void => {
    flushTimer = undefined;
    replica.flush();
  };
  const pulse = setInterval(flush, PULSE_MS);
  core.start();
  const mayTrade = (): boolean =>
    wait === 'begun' ||
    (core.engine.trading().level === 'ACTIVE' &&
      core.engine.state.day !== null &&
      symbols.every((each) => core.engine.market.quote(each as SymbolId) !== null));
  for (let waitedMs = 0; !mayTrade(); waitedMs += 20) {
    if (waitedMs > READY_MS) throw new Error(`the core may not trade: ${JSON.stringify(core.engine.trading())}`);
    await pause(20);
  }

  return {
    core,
    place: (request) => {
      const reply = core.engine.dispatch({ kind: 'place', request, origin: 'api' });
      if (reply.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(reply)}`);
      return reply.clientOrderId;
    },
    fact: (clientOrderId, kinds) =>
      new Promise((resolve) => {
        const listener = (facts: readonly SequencedFact[]): void => {
          const found = facts.find(
            ({ fact }) => 'clientOrderId' in fact && fact.clientOrderId === clientOrderId && kinds.includes(fact.kind),
          );
          if (found === undefined) return;
          listeners.delete(listener);
          resolve(found.fact);
        };
        listeners.add(listener);
      }),
    count: (kind) => {
      let seen = 0;
      let wanted = Number.POSITIVE_INFINITY;
      let reached: () => void = () => undefined;
      listeners.add((facts) => {
        for (const { fact } of facts) if (fact.kind === kind) seen += 1;
        if (seen >= wanted) reached();
      });
      return {
        get seen() {
          return seen;
        },
        until: (count) =>
          new Promise((resolve) => {
            wanted = count;
            reached = resolve;
            if (seen >= wanted) resolve();
          }),
      };
    },
    best: (symbol) => {
      const quote = core.engine.market.quote(symbol as SymbolId);
      if (quote === null) throw new Error(`no quote of ${symbol}`);
      return { bid: quote.bid.toNumber(), ask: quote.ask.toNumber() };
    },
    close: async () => {
      clearInterval(pulse);
      clearTimeout(flushTimer);
      await core.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

/** An account of its own at the exchange, so that no one hears of another's orders. */
export const addAccount = async (practice: PracticeHandle, id: string, balances: Readonly<Record<string, string>>): Promise<TestKey> => {
  const secret = id.padEnd(64, 'x');
  await practice.perform({ op: 'addAccount', id, balances });
  const apiKey = (await practice.perform({ op: 'addKey', kind: 'HMAC', secret, account: id })) as string;
  return { apiKey, secret };
};
