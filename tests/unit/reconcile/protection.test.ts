// Protection in a comparison (REQUIREMENTS I, B5, Q11): what the venue's protective orders cover against the position.
import { describe, expect, test } from 'vitest';
import { protectionDifferences } from '../../../src-main/reconcile/protection.ts';
import type { Protection } from '../../../src-main/engine/state.ts';
import type { VenueOrder } from '../../../src-main/venue/port.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { balance, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC } from '../../support/sim.ts';

const PLAN: Protection = {
  plan: { stopLoss: text('48000') },
  origin: 'cli',
  setAtMs: 0,
  trailedTo: null,
  missingSinceMs: null,
  missingWhy: '',
  lastGapMs: null,
};
const stop = (id: string, qty: string, changes: Partial<Record<keyof VenueOrder, unknown>> = {}): VenueOrder =>
  stated(id, { side: 'SELL', venueType: 'STOP_LOSS_LIMIT', qty, price: '47900', stopPrice: '48000', venueListId: null, ...changes });
/** Holds 0.01 BTC, with a plan unless told otherwise. */
const holding = (plan: Protection | null = PLAN): Rig => {
  const rig = new Rig().ready();
  rig.hold();
  rig.pass(100);
  if (plan !== null) (rig.engine.state.protections as Map<SymbolId, Protection>).set(BTC, plan);
  return rig;
};
const found = (rig: Rig, open: readonly VenueOrder[], askedAtMs = rig.nowMs) =>
  protectionDifferences(rig.engine.state, open, askedAtMs, rig.engine.market.instruments);

describe('a position with a plan', () => {
  test('that nothing protects at the exchange, or not whole, is to be protected', () => {
    expect(found(holding(), [])).toEqual([
      { what: 'protection', key: BTC, local: 'position 0.01', venue: '0 protected', action: 'to be protected' },
    ]);
    expect(found(holding(), [stop('a', '0.004'), stop('b', '0.005')])).toMatchObject([{ venue: '0.009 protected' }]);
  });

  test('is no difference when its protection fits: one stop, several, or both legs of a list counted once', () => {
    for (const open of [
      [stop('a', '0.01')],
      [stop('a', '0.004'), stop('b', '0.006', { venueType: 'STOP_LOSS' })],
      [stop('a', '0.01', { venueListId: '7' }), stop('b', '0.01', { venueListId: '7', venueType: 'LIMIT_MAKER' })],
      [stop('a', '0.02', { filledQty: '0.01' })],
    ])
      expect(found(holding(), open)).toEqual([]);
  });

  test('is not protected by a plain sell, by a buy, nor by an exit that still waits for its entry', () => {
    const open = [
      stop('a', '0.01', { venueType: 'LIMIT' }),
      stop('b', '0.01', { side: 'BUY' }),
      stop('c', '0.01', { status: 'PENDING_NEW', venueListId: '7' }),
    ];
    expect(found(holding(), open)).toMatchObject([{ venue: '0 protected', action: 'to be protected' }]);
  });

  test('below the smallest order cannot be protected and is not asked to be', () => {
    const rig = holding();
    const dust = {
      ...rig.engine.state,
      positions: new Map(
        [...rig.engine.state.positions].map(([symbol, one]) => [symbol, { ...one, qty: one.qty.div(1_000_000) as never }]),
      ),
    };
    expect(protectionDifferences(dust, [], rig.nowMs, rig.engine.market.instruments)).toEqual([]);
  });
});

test('a position without a plan misses nothing; its engine’s watch asks for the policy', () => {
  expect(found(holding(null), [])).toEqual([]);
  expect(found(holding({ ...PLAN, plan: null }), [])).toEqual([]);
});

describe('protection larger than the position (Q11)', () => {
  test('is to be cut, with a position or without one', () => {
    const rig = holding(null);
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.01')], venueTimeMs: rig.nowMs });
    rig.pass(600);
    const own = rig.rest({ side: 'SELL', qty: '0.01', price: '50500' });
    rig.pass(100);
    expect(found(rig, [stop(own, '0.011')])).toMatchObject([{ venue: '0.011 protected', action: 'to be cut to the position' }]);
    expect(found(new Rig().ready(), [stop('a', '0.01')])).toMatchObject([{ local: 'position 0', action: 'left to you: placed elsewhere' }]);
  });

  test('is left to the person where another program placed a part of it', () => {
    const rig = holding();
    rig.execute(stop('phone', '0.005'));
    rig.pass(100);
    expect(found(rig, [stop('phone', '0.005'), stop('b', '0.01')])).toMatchObject([{ action: 'left to you: placed elsewhere' }]);
  });
});

test('a symbol in motion, or that this console does not trade, is not judged', () => {
  const rig = holding();
  expect(found(rig, [], rig.nowMs - 200)).toEqual([]);
  rig.pass(600);
  rig.send({ qty: '0.003' });
  expect(found(rig, [], rig.nowMs + 1)).toEqual([]);
  expect(found(new Rig().ready(), [stop('a', '1', { symbol: 'XYZUSDT' })])).toEqual([]);
});
