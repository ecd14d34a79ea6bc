// Reconciliation with all parts in place (REQUIREMENTS I): the real console core and venue adapter against the practice exchange in
// virtual time, over a restart.
import { expect, test } from 'vitest';
import { dayPnlOf, equityOf } from '../../../src-main/engine/equity.ts';
import { MemoryPlatter } from '../../support/memory-journal.ts';
import { ACCOUNT } from '../../support/sim-wire.ts';
import { BTC, ETH, Sim, START_MS } from '../../support/sim.ts';
import { replayed, stateText } from '../../support/state-text.ts';

const phone = (sim: Sim, side: 'BUY' | 'SELL', quantity: string, symbol = ETH): void => {
  const placed = sim.core.placeOrder(ACCOUNT, { symbol, side, type: 'MARKET', quantity }, sim.time.trueMs());
  expect(placed.ok).toBe(true);
};
const dayPnl = ({ engine }: Sim): number => dayPnlOf(engine.state, equityOf(engine.state, engine.market))?.toNumber() ?? Number.NaN;
const isUp = (sim: Sim) => (): boolean => sim.engine.trading().level === 'ACTIVE';

test('what the phone bought and sold while the console was off, in a symbol never traded here, is imported and no deposit', async () => {
  const sim = await new Sim({ seed: 5, eventsPerSecond: 15 }).start();
  await sim.time.pass(20_000);
  sim.crash(1);
  phone(sim, 'BUY', '0.5');
  await sim.time.pass(5000);
  phone(sim, 'SELL', '0.2');
  await sim.time.pass(60_000);
  await sim.start();
  await sim.until('it trades again', isUp(sim), 60_000);
  expect(sim.factsOf('balance.moved')).toEqual([]);
  expect(sim.factsOf('order.adopted').map(({ symbol, side }) => `${side} ${symbol}`)).toEqual(['BUY ETHUSDT', 'SELL ETHUSDT']);
  expect(sim.engine.state.positions.get(ETH)?.qty.toNumber()).toBeCloseTo(0.2995, 6);
  expect(sim.engine.state.traded.has(BTC)).toBe(false);
  expect(Math.abs(dayPnl(sim))).toBeLessThan(20);
});

test('an exchange that began anew while the console was off is a reset: no loss, no deposit, and it goes on', async () => {
  const platter = new MemoryPlatter();
  const before = await new Sim({ seed: 5, eventsPerSecond: 15, platter }).start();
  before.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
  await before.time.pass(1000);
  const open = before.placed({ side: 'BUY', type: 'LIMIT', qty: '0.01', price: '59000' });
  await before.time.pass(3000);
  const lost = dayPnl(before);
  before.crash(1);

  const after = new Sim({ seed: 6, eventsPerSecond: 15, platter, startMs: START_MS + 60_000, balances: { USDT: '3000', BTC: '0.1' } });
  await after.start();
  await after.until('it trades again', isUp(after), 60_000);
  const { state } = after.engine;
  expect(after.factsOf('venue.reset')).toHaveLength(1);
  expect(after.order(open)).toMatchObject({ status: 'CANCELED', reason: 'the exchange was reset' });
  expect(state.positions.size).toBe(0);
  expect(after.factsOf('balance.moved')).toEqual([]);
  // The new account moves with its 0.1 BTC; what the reset itself brought or took would be thousands.
  expect(Math.abs(dayPnl(after) - lost)).toBeLessThan(60);
  expect(after.alerts.map((alert) => alert.title)).toContain('The exchange was reset');
  const next = after.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
  await after.time.pass(3000);
  expect(after.order(next).status).toBe('FILLED');
  after.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
  await after.time.pass(3000);
  expect(after.engine.state.reconciliation).toMatchObject({ differences: [], failures: 0 });
  expect(stateText(replayed(after.facts))).toBe(stateText(after.engine.state));
});
