// The proof of a reset (REQUIREMENTS I): nothing that the venue confirmed is known to it, and nothing less.
import { describe, expect, test } from 'vitest';
import type { VenueBooks } from '../../../src-main/reconcile/diff.ts';
import { probesOf, resetEvidence } from '../../../src-main/reconcile/reset.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { fillOf, NO_BOOKS, Rig, stated } from '../../support/engine-rig.ts';
import { BTC } from '../../support/sim.ts';

const OLD_MS = 20_000;
const evidence = (rig: Rig, books: Partial<VenueBooks>, askedAtMs = rig.nowMs + OLD_MS) =>
  resetEvidence(rig.engine.state, { ...NO_BOOKS, ...books }, askedAtMs);
const answers = (id: ClientOrderId, order: ReturnType<typeof stated> | null) =>
  new Map([[id, order === null ? ({ kind: 'absent' } as const) : ({ kind: 'found', order } as const)]]);
const trade = (order: string, tradeId: string, changes: Record<string, unknown> = {}) => ({
  ...fillOf(tradeId, '0.01', changes),
  symbol: BTC,
  venueOrderId: stated(order).venueOrderId,
});

describe('a confirmed order', () => {
  test('that a query does not find is missing; listed or found it disproves a reset', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    expect(evidence(rig, { queries: answers(order, null) })).toMatchObject({ known: false, missing: [`order ${order}`] });
    expect(evidence(rig, { openOrders: [stated(order)] })).toMatchObject({ known: true, missing: [] });
    expect(evidence(rig, { queries: answers(order, stated(order)) })).toMatchObject({ known: true });
    expect(evidence(rig, {})).toEqual({ known: false, missing: [], unsure: false });
  });

  test('is not known by its name alone: the number must be the same', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const other = stated(order, { venueOrderId: '1' });
    expect(evidence(rig, { openOrders: [other] }).known).toBe(false);
    expect(evidence(rig, { queries: answers(order, other) })).toMatchObject({ known: false });
  });

  test('asked for by its number and not found, or found as somebody else’s, is missing', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    expect(evidence(rig, { probes: new Map([[order, null]]) })).toMatchObject({ known: false, missing: [`order ${order}`] });
    expect(evidence(rig, { probes: new Map([[order, stated('somebody')]]) })).toMatchObject({ known: false });
    expect(evidence(rig, { probes: new Map([[order, stated(order)]]) })).toMatchObject({ known: true });
  });

  test('is no witness while queries may lag behind it, nor before the venue confirmed it', () => {
    const rig = new Rig().ready();
    const young = rig.rest();
    expect(evidence(rig, { queries: answers(young, null) }, rig.nowMs + 1)).toEqual({ known: false, missing: [], unsure: true });
    const rig2 = new Rig().ready();
    const sent = rig2.send();
    expect(evidence(rig2, { queries: answers(sent, null) })).toEqual({ known: false, missing: [], unsure: false });
    expect(probesOf(rig2.engine.state, rig2.nowMs + OLD_MS)).toEqual([]);
    expect(probesOf(rig.engine.state, rig.nowMs + 1)).toEqual([]);
  });
});

describe('a trade', () => {
  test('that its symbol’s list does not show any more is missing; shown it disproves a reset, whatever else is gone', () => {
    const rig = new Rig().ready();
    const order = rig.hold();
    expect(evidence(rig, {})).toMatchObject({ known: false, missing: [`trade buy-${order} of BTCUSDT`] });
    expect(evidence(rig, { trades: [trade(order, `buy-${order}`)], queries: answers(order, null) })).toMatchObject({ known: true });
  });

  test('of the same number at another time is another trade', () => {
    const rig = new Rig().ready();
    const order = rig.hold();
    expect(evidence(rig, { trades: [trade(order, `buy-${order}`, { timeMs: 5 })] }).known).toBe(false);
  });

  test('is no witness where it was not asked for: another symbol, an earlier time', () => {
    const rig = new Rig().ready();
    rig.hold();
    expect(evidence(rig, { asked: new Map() }).missing).toEqual([]);
    expect(evidence(rig, { asked: new Map([[BTC, rig.nowMs + 1_000_000]]) }).missing).toEqual([]);
  });
});

test('the newest five confirmed orders are asked for by number, open or ended', () => {
  const rig = new Rig().ready();
  const orders = Array.from({ length: 7 }, () => {
    rig.pass(600);
    return rig.rest({ qty: '0.003' });
  });
  const probes = probesOf(rig.engine.state, rig.nowMs + OLD_MS);
  expect(probes.map((order) => order.clientOrderId)).toEqual(orders.toReversed().slice(0, 5));
});
