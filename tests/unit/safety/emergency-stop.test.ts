// The emergency stop's own decisions (REQUIREMENTS E): a trip is never refused, a reset is a person's act, and a receipt claims only
// what was proven.
import { describe, expect, it } from 'vitest';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { OrderStatus } from '../../../src-shared/domain/order.ts';
import type { StopPhase, StopReceipt } from '../../../src-shared/domain/stop.ts';
import { canReset, isRearmDue, receiptOf, survivorsOf, tripFacts } from '../../../src-main/safety/emergency-stop.ts';
import type { StopFindings, StoppedOrder } from '../../../src-main/safety/emergency-stop.ts';
import type { StopState } from '../../../src-main/engine/state.ts';
import { BTC, text } from './pictures.ts';

const findings = (changes: Partial<StopFindings> = {}): StopFindings => ({
  tripId: 7,
  trigger: 'hotkey',
  reason: 'test',
  policy: 'flatten',
  trippedAtMs: 5000,
  orders: [],
  survivors: [],
  positions: [],
  cancelsOnWireMs: 1,
  allAcknowledgedMs: 60,
  verifiedEmptyMs: 120,
  flatMs: 200,
  ...changes,
});
const order = (status: OrderStatus, changes: Partial<StoppedOrder> = {}): StoppedOrder => ({
  clientOrderId: 'hf-abc123-000000000001',
  symbol: BTC,
  venueOrderId: '11',
  status,
  sent: true,
  endedMs: 55,
  ...changes,
});
const stop = (phase: StopPhase, changes: Partial<StopState> = {}): StopState => ({
  phase,
  tripId: 7,
  generation: 2,
  trigger: null,
  reason: '',
  policy: 'keep-positions',
  trippedAtMs: null,
  coolDownUntilMs: null,
  receipt: null,
  ...changes,
});

describe('a trip', () => {
  it.each<StopPhase>(['DISABLED', 'ARMED', 'COOLING_DOWN'])('is obeyed while %s', (phase) => {
    expect(tripFacts(stop(phase), 'button', 'why', 'flatten')).toEqual([
      { kind: 'stop.tripped', tripId: 8, trigger: 'button', reason: 'why', policy: 'flatten' },
    ]);
  });
  it('that stands is not tripped again by another press', () => {
    expect(tripFacts(stop('TRIPPED'), 'hotkey', '', 'keep-positions')).toEqual([]);
    expect(tripFacts(stop('TRIPPED', { policy: 'flatten' }), 'hotkey', '', 'keep-positions')).toEqual([]);
    expect(tripFacts(stop('TRIPPED', { policy: 'flatten' }), 'hotkey', '', 'flatten')).toEqual([]);
  });
  it('that keeps positions gives way to one that flattens', () => {
    expect(tripFacts(stop('TRIPPED'), 'button', '', 'flatten')).toMatchObject([{ tripId: 8, policy: 'flatten' }]);
  });
});

describe('a reset (E6)', () => {
  const receipt = receiptOf(findings());
  it('begins the cool-down of the policy', () => {
    expect(canReset(stop('TRIPPED', { receipt }), 7, 1000, 15)).toEqual({ ok: true, value: { coolDownUntilMs: 901_000 } });
  });
  it('is refused while nothing is tripped', () => {
    for (const phase of ['DISABLED', 'ARMED', 'COOLING_DOWN'] as const)
      expect(canReset(stop(phase, { receipt }), 7, 0, 15)).toMatchObject({ ok: false });
  });
  it('is refused unless the number is read back', () => {
    expect(canReset(stop('TRIPPED', { receipt }), 6, 0, 15)).toMatchObject({
      ok: false,
      error: expect.stringContaining('number 7, not 6'),
    });
  });
  it('is refused before the receipt, and an older receipt is none', () => {
    expect(canReset(stop('TRIPPED'), 7, 0, 15)).toMatchObject({ ok: false });
    expect(canReset(stop('TRIPPED', { receipt: { ...receipt, tripId: 6 } }), 7, 0, 15)).toMatchObject({ ok: false });
  });
  it('ends by itself when the cool-down is over, not before', () => {
    const cooling = stop('COOLING_DOWN', { coolDownUntilMs: 900 });
    expect([isRearmDue(cooling, 899), isRearmDue(cooling, 900)]).toEqual([false, true]);
    expect(isRearmDue(stop('TRIPPED', { coolDownUntilMs: 1 }), 900)).toBe(false);
    expect(isRearmDue(stop('COOLING_DOWN'), 900)).toBe(false);
  });
});

describe('a receipt (E5)', () => {
  it('names the survivors that a reset must not forget; without a receipt there are none', () => {
    const receipt = receiptOf(findings({ orders: [order('CANCELED'), order('ACCEPTED'), order('UNKNOWN')] }));
    expect(survivorsOf(stop('TRIPPED', { receipt })).map(({ outcome }) => outcome)).toEqual(['not-canceled', 'unknown']);
    expect(survivorsOf(stop('TRIPPED'))).toEqual([]);
  });
  const outcome = (receipt: StopReceipt) => receipt.orders[0]?.outcome;

  it('is complete when the venue was seen empty and every end is known', () => {
    expect(receiptOf(findings({ orders: [order('CANCELED')] }))).toEqual({
      tripId: 7,
      trigger: 'hotkey',
      reason: 'test',
      policy: 'flatten',
      trippedAtMs: 5000,
      orders: [{ clientOrderId: 'hf-abc123-000000000001', symbol: BTC, venueOrderId: '11', outcome: 'canceled', ackMs: 55 }],
      positions: [],
      buckets: { orders: 'empty', algo: 'not-on-spot' },
      cancelsOnWireMs: 1,
      allAcknowledgedMs: 60,
      verifiedEmptyMs: 120,
      flatMs: 200,
      complete: true,
    });
  });
  it.each<[OrderStatus, boolean, string, boolean]>([
    ['CANCELED', true, 'canceled', true],
    ['FILLED', true, 'filled', true],
    ['EXPIRED', true, 'expired', true],
    ['REJECTED', true, 'rejected', true],
    ['REJECTED', false, 'never-sent', true],
    ['ACCEPTED', true, 'not-canceled', false],
    ['PARTIALLY_FILLED', true, 'not-canceled', false],
    ['INTENDED', false, 'unknown', false],
    ['SENT', true, 'unknown', false],
    ['UNKNOWN', true, 'unknown', false],
  ])('names an order that is %s (sent: %s) as %s', (status, sent, named, complete) => {
    const receipt = receiptOf(findings({ orders: [order(status, { sent })] }));
    expect([outcome(receipt), receipt.complete]).toEqual([named, complete]);
  });
  it('names what the venue still shows, whoever placed it, and is then not complete', () => {
    const shown = { clientOrderId: 'hf-abc123-000000000001', symbol: BTC, venueOrderId: '11' };
    const own = receiptOf(findings({ orders: [order('UNKNOWN')], survivors: [shown] }));
    expect([outcome(own), own.complete, own.buckets.orders]).toEqual(['not-canceled', false, 'not-empty']);
    const foreign = receiptOf(findings({ survivors: [{ ...shown, clientOrderId: 'web_1' }] }));
    expect(foreign.orders).toEqual([{ ...shown, clientOrderId: 'web_1', outcome: 'not-canceled', ackMs: null }]);
    expect(foreign.complete).toBe(false);
  });
  it('believes an end that was proven over an older look at the venue', () => {
    const shown = { clientOrderId: 'hf-abc123-000000000001', symbol: BTC, venueOrderId: '11' };
    expect(outcome(receiptOf(findings({ orders: [order('FILLED')], survivors: [shown] })))).toBe('filled');
  });
  it('claims nothing that no look at the venue has shown', () => {
    const blind = receiptOf(findings({ survivors: null, verifiedEmptyMs: null }));
    expect([blind.buckets.orders, blind.complete]).toEqual(['unverified', false]);
  });
  it('says what became of the positions', () => {
    const position = (left: 'nothing' | 'dust' | 'position', qtyAfter: string) => ({
      symbol: 'ETHUSDT' as SymbolId,
      qtyBefore: text('1'),
      qtyAfter: text(qtyAfter),
      left,
    });
    const positions = [position('nothing', '0'), position('dust', '0.00001'), position('position', '0.4')];
    const flat = receiptOf(findings({ positions }));
    expect(flat.positions.map((each) => each.outcome)).toEqual(['flattened', 'dust', 'not-flattened']);
    expect(flat.complete).toBe(false);
    expect(receiptOf(findings({ positions: positions.slice(0, 2) })).complete).toBe(true);
    const why = 'not sold: no journal';
    expect(receiptOf(findings({ positions: positions.map((each) => ({ ...each, why })) })).positions.map((each) => each.why)).toEqual([
      undefined,
      undefined,
      why,
    ]);
    const kept = receiptOf(findings({ policy: 'keep-positions', positions }));
    expect([kept.positions.map((each) => each.outcome), kept.complete]).toEqual([['kept', 'kept', 'kept'], true]);
  });
});
