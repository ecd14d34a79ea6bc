// The contract's calls, each as a few lines over the running core. An order is acknowledged only when its intent is on disk; a stop is
// obeyed before anything is awaited.
import type { CallError, CallResult, Caller, Handlers, KeyStatus, Preferences } from '../../src-shared/contract/contract.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Snapshot } from '../../src-shared/contract/view.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { StopReceipt } from '../../src-shared/domain/stop.ts';
import type { SequencedFact } from '../engine/facts.ts';
import type { Reply } from '../engine/inputs.ts';
import type { Metrics } from '../engine/metrics.ts';
import { pictureOf } from '../engine/picture.ts';
import { momentOf } from '../engine/ports.ts';
import { preview } from '../safety/gate.ts';
import type { Core } from './core.ts';

const RECONCILE_TIMEOUT_MS = 30_000;

/** What the handlers need of the console around the core. */
export interface ConsoleDesk {
  readonly core: () => Core;
  readonly metrics: () => Metrics;
  readonly snapshot: () => Snapshot;
  readonly proveHotkey: () => CallResult<{ readonly waitMs: number }>;
  readonly switchMode: (mode: Mode, confirmation: string) => Promise<Result<string, string>>;
  /** A switch of mode is under way: nothing new may come to the mode that is being left. */
  readonly isSwitching: () => boolean;
  readonly keys: {
    status(): Promise<readonly KeyStatus[]>;
    set(mode: 'testnet' | 'mainnet', apiKey: string, secret: string): Promise<Result<KeyStatus, string>>;
    delete(mode: 'testnet' | 'mainnet'): Promise<Result<KeyStatus, string>>;
    test(mode: 'testnet' | 'mainnet'): Promise<Result<string, string>>;
  };
  readonly preferences: { get(): Preferences; set(preferences: Preferences): Preferences };
}

const refuse = (code: CallError['code'], text: string): CallResult<never> => fail({ code, text });

const unknownSymbol = (symbol: SymbolId): CallResult<never> =>
  refuse('NOT_FOUND', `${symbol} is not among the symbols that this console knows.`);

const originOf = (caller: Caller): OrderOrigin => (caller.from === 'window' ? 'window' : 'cli');

/** The schema's output carries `undefined` for absent fields; the engine's request leaves them out. */
const requestOf = (input: Readonly<Record<string, unknown>>): OrderRequest =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as unknown as OrderRequest;

const failureOf = (reply: Reply): CallResult<never> => {
  if (reply.kind === 'denied')
    return fail({
      code: reply.denial.code === 'UNKNOWN_ORDER' ? 'NOT_FOUND' : 'DENIED',
      text: `${reply.denial.text} ${reply.denial.advice}`,
      denial: reply.denial,
    });
  if (reply.kind === 'refused') return refuse('REFUSED', reply.text);
  return refuse('INTERNAL', 'The engine gave no answer.');
};

const stringResult = <T>(result: Result<T, string>): CallResult<T> => (result.ok ? result : refuse('REFUSED', result.error));

/** What a person is told has happened is on disk first: a kill in the next instant must not take it back. */
const durably = async <T>(desk: ConsoleDesk, value: T): Promise<CallResult<T>> => {
  try {
    await desk.core().setup.opened.journal.flush();
    return ok(value);
  } catch {
    return refuse(
      'UNAVAILABLE',
      'The journal cannot be written, so this is not kept: no order is sent, and trading is halted until it can.',
    );
  }
};

/** The stop is at work whatever the disk does: its answer waits for journal or latch file to have it, but not for ever. */
const LATCH_DURABLE_MS = 1000;
const latched = async (desk: ConsoleDesk, tripId: number): Promise<CallResult<{ readonly tripId: number }>> => {
  const patience = new Promise((resolve) => setTimeout(resolve, LATCH_DURABLE_MS).unref());
  await Promise.race([desk.core().latchDurable(), patience]);
  return ok({ tripId });
};

type OrderCalls =
  | 'previewOrder'
  | 'previewOco'
  | 'placeOrder'
  | 'placeOco'
  | 'replaceOrder'
  | 'protectPosition'
  | 'sizeByRisk'
  | 'cancelOrder'
  | 'cancelAll';

const notYet = (): Promise<CallResult<never>> => Promise.resolve(refuse('UNAVAILABLE', 'This is not built yet: nothing was done.'));

const orderHandlers = (desk: ConsoleDesk): Pick<Handlers, OrderCalls> => {
  return {
    previewOco: notYet,
    placeOco: notYet,
    replaceOrder: notYet,
    protectPosition: notYet,
    sizeByRisk: notYet,
    previewOrder: async (input, caller) => {
      const { engine, setup } = desk.core();
      if (engine.state.policy === null) return refuse('UNAVAILABLE', 'No policy is loaded, so no order can be judged.');
      const picture = pictureOf(
        engine.state,
        engine.market,
        engine.state.policy,
        engine.trading(),
        input.symbol as SymbolId,
        momentOf(setup.clock),
      );
      return ok(preview(requestOf(input), originOf(caller), picture));
    },
    placeOrder: async (input, caller) => {
      if (desk.isSwitching()) return refuse('REFUSED', 'The mode is being switched: no order is taken until that is done.');
      const reply = desk.core().engine.dispatch({ kind: 'place', request: requestOf(input), origin: originOf(caller) });
      return reply.kind === 'placed' ? durably(desk, { clientOrderId: reply.clientOrderId }) : failureOf(reply);
    },
    cancelOrder: async (input, caller) => {
      const reply = desk.core().engine.dispatch({ kind: 'cancel', clientOrderId: input.clientOrderId, origin: originOf(caller) });
      return reply.kind === 'requested' ? ok({ clientOrderId: input.clientOrderId }) : failureOf(reply);
    },
    cancelAll: async (input, caller) => {
      const { engine, setup } = desk.core();
      const symbol = (input.symbol as SymbolId | undefined) ?? null;
      if (symbol !== null && !setup.symbols.includes(symbol) && !engine.state.books.has(symbol)) return unknownSymbol(symbol);
      const reply = engine.dispatch({ kind: 'cancel-all', symbol, origin: originOf(caller) });
      return reply.kind === 'requested' ? ok({ requested: reply.count }) : failureOf(reply);
    },
  };
};

const receiptOf = (facts: readonly SequencedFact[], tripId: number): SequencedFact | undefined =>
  facts.find(({ fact }) => fact.kind === 'stop.receipted' && fact.receipt.tripId === tripId && fact.receipt.complete);

const stopHandlers = (desk: ConsoleDesk): Pick<Handlers, 'tripStop' | 'awaitReceipt' | 'resetStop' | 'proveHotkey'> => ({
  tripStop: async (input, caller) => {
    const reply = desk.core().engine.dispatch({
      kind: 'trip',
      trigger: caller.from === 'window' ? 'button' : 'cli',
      reason: input.reason,
      positions: input.positions ?? null,
    });
    return reply.kind === 'tripped' ? latched(desk, reply.tripId) : failureOf(reply);
  },
  awaitReceipt: async ({ tripId, timeoutMs }): Promise<CallResult<StopReceipt>> => {
    const core = desk.core();
    const now = (): StopReceipt | null => (core.engine.state.stop.receipt?.tripId === tripId ? core.engine.state.stop.receipt : null);
    if (now()?.complete !== true) await core.until((facts) => receiptOf(facts, tripId), timeoutMs);
    const receipt = now();
    if (receipt !== null) return durably(desk, receipt);
    return refuse(
      'UNAVAILABLE',
      `Stop ${tripId} has no receipt yet: it is still at work and goes on. Look at the exchange's own app as well.`,
    );
  },
  resetStop: async (input, caller) => {
    const reply = desk.core().engine.dispatch({ kind: 'reset', by: caller.user, why: input.why, readBackTripId: input.readBackTripId });
    return reply.kind === 'reset' ? durably(desk, { coolDownUntilMs: reply.coolDownUntilMs }) : failureOf(reply);
  },
  proveHotkey: () => Promise.resolve(desk.proveHotkey()),
});

const checkHandlers = (desk: ConsoleDesk): Pick<Handlers, 'reconcile' | 'selfTest' | 'metrics' | 'showChart' | 'subscribe'> => ({
  subscribe: () => Promise.resolve(ok(desk.snapshot())),
  reconcile: async () => {
    const core = desk.core();
    const done = core.until(
      (facts) => facts.find(({ fact }) => fact.kind === 'reconciled' || fact.kind === 'reconcile.failed'),
      RECONCILE_TIMEOUT_MS,
    );
    core.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    const fact = (await done)?.fact;
    if (fact?.kind === 'reconciled') return ok({ differences: fact.differences });
    return refuse(
      'UNAVAILABLE',
      fact?.kind === 'reconcile.failed'
        ? `The books could not be compared: ${fact.text}`
        : 'The exchange did not answer in time; the comparison goes on.',
    );
  },
  selfTest: async () => ok({ items: await desk.core().runSelfTest() }),
  metrics: () => Promise.resolve(ok({ prometheus: desk.metrics().prometheus(desk.core().engine) })),
  showChart: async (input) => {
    const core = desk.core();
    const symbol = input.symbol as SymbolId;
    if (!core.engine.market.instruments.has(symbol)) return unknownSymbol(symbol);
    core.show(symbol, input.interval);
    const candles = await core.setup.venue.candles(symbol, input.interval, 300);
    return candles.ok ? ok({ candles: candles.value }) : refuse('UNAVAILABLE', candles.error.text);
  },
});

/** A question to the journal as the answer of a call: what it cannot tell is said in words. */
const fromJournal = async <T>(question: Promise<T>): Promise<CallResult<T>> => {
  try {
    return ok(await question);
  } catch (error) {
    return refuse(error instanceof RangeError ? 'NOT_FOUND' : 'UNAVAILABLE', error instanceof Error ? error.message : String(error));
  }
};

const journalHandlers = (desk: ConsoleDesk): Pick<Handlers, 'verifyJournal' | 'journalPage' | 'replayAt'> => ({
  verifyJournal: async () => {
    const report = await desk.core().setup.opened.verify();
    return report.verdict === 'whole'
      ? ok({ facts: report.facts, headHash: report.headHash, text: report.text })
      : refuse('REFUSED', report.text);
  },
  journalPage: (input) => fromJournal(desk.core().replay.page(input)),
  replayAt: (input) => {
    const { console } = desk.snapshot().view.status;
    if (console === undefined) return Promise.resolve(refuse('UNAVAILABLE', 'The console is still starting.'));
    const { version, venue, shell, startedAtMs } = console;
    return fromJournal(desk.core().replay.viewAt(input, { version, venue, shell, startedAtMs }));
  },
});

export const createHandlers = (desk: ConsoleDesk): Handlers => ({
  ...orderHandlers(desk),
  ...journalHandlers(desk),
  ...stopHandlers(desk),
  ...checkHandlers(desk),
  switchMode: async (input) => {
    const switched = await desk.switchMode(input.mode, input.confirmation);
    return switched.ok ? ok({ text: switched.value }) : refuse('REFUSED', switched.error);
  },
  keyStatus: async () => ok(await desk.keys.status()),
  setKey: async (input) => stringResult(await desk.keys.set(input.mode, input.apiKey, input.secret)),
  deleteKey: async (input) => stringResult(await desk.keys.delete(input.mode)),
  testKey: async (input) => {
    const tested = await desk.keys.test(input.mode);
    return tested.ok ? ok({ text: tested.value }) : refuse('REFUSED', tested.error);
  },
  getPreferences: () => Promise.resolve(ok(desk.preferences.get())),
  setPreferences: (input) => Promise.resolve(ok(desk.preferences.set(input))),
});
