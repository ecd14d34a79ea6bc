// The practice exchange's state: whatever happened, the changes that were kept make the same accounts again, orders, lists and ids
// included, and an exchange that goes on from them keeps its books (REQUIREMENTS A1: practice is an account, not a demo).
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../src-main/practice/core/instruments.ts';
import { foldState, type ExchangeState, type StateChange } from '../../src-main/practice/core/state.ts';
import { stateChangeSchema, stateSchema } from '../../src-main/practice/state-schema.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { ACCOUNTS, action, check, listen, newWorld, openMarket, perform, SYMBOL, type World } from './practice-world.ts';

const EVERYTHING = { limit: 100_000 };

/** All that a client can ask about the accounts. */
function answers(core: ExchangeCore): object {
  return ACCOUNTS.map((id) => ({
    account: core.account(id),
    commission: core.accountCommission(id, SYMBOL),
    open: core.openOrders(id),
    orders: core.allOrders(id, SYMBOL, EVERYTHING),
    trades: core.myTrades(id, SYMBOL, EVERYTHING),
    lists: core.allOrderLists(id, EVERYTHING),
    openLists: core.openOrderLists(id),
  }));
}

/** A record as it comes back from disk. */
const fromDisk = <T>(schema: { parse(value: unknown): T }, value: T): T => schema.parse(JSON.parse(JSON.stringify(value)));

/** Everything kept so far, as a file would have it. */
class Log {
  #state: ExchangeState;
  readonly #changes: StateChange[] = [];

  constructor(core: ExchangeCore) {
    this.#state = core.exportState();
    core.keepWith((change) => this.#changes.push(fromDisk(stateChangeSchema, change)));
  }

  read(): ExchangeState {
    this.#state = foldState(fromDisk(stateSchema, this.#state), this.#changes.splice(0));
    return this.#state;
  }
}

const restored = (state: ExchangeState, nowMs: number): ExchangeCore =>
  new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs, state });

/** What a fresh exchange over the same books would be audited against: all that the accounts hold. */
function held(core: ExchangeCore): World['deposited'] {
  return Object.fromEntries(Array.from(core.audit(), ([asset, { accounts }]) => [asset, new Decimal(accounts.toString()).div(1e8)]));
}

it('the kept changes make the same accounts at any instant, and an exchange goes on from them', () => {
  let [open, lists] = [0, 0];
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 80, size: 'max' }), fc.nat(30), (actions, restartAt) => {
      const world = newWorld();
      let log = new Log(world.core);
      for (const [i, act] of actions.entries()) {
        perform(world, act);
        const { lastPrices, ...state } = log.read();
        const again = restored({ lastPrices, ...state }, world.nowMs);
        expect(again.exportState()).toEqual({ ...world.core.exportState(), lastPrices: {} });
        expect(answers(again)).toEqual(answers(world.core));
        open += again.openOrders('a').length;
        lists += again.openOrderLists('a').length;
        if (i !== restartAt) continue;
        world.core = again;
        listen(again, world.told);
        world.deposited = held(again);
        log = new Log(again);
        world.ladder = openMarket(again, world.nowMs);
        check(world);
      }
      check(world);
    }),
    { numRuns: 60 },
  );
  // States with nothing open would prove little.
  expect(open).toBeGreaterThan(500);
  expect(lists).toBeGreaterThan(50);
});
