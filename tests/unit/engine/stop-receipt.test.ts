// The receipt as proof (E5): it carries the hash of its own text, the journal holds the same one, and no change goes unnoticed.
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { receiptText } from '../../../src-shared/domain/receipt-text.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import { Rig, stated } from '../../support/engine-rig.ts';

const hashOf = (receipt: StopReceipt): string => hash('sha256', receiptText(receipt));
const receiptsOf = (rig: Rig): readonly StopReceipt[] => rig.of('stop.receipted').map(({ receipt }) => receipt);

const stopped = (): Rig => {
  const rig = new Rig().ready();
  const order = rig.rest();
  rig.trip();
  rig.stopCanceled({ kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] });
  rig.openOrdersSeen([]);
  return rig;
};

test('E5: a receipt carries the SHA-256 of its own text, in the journal and on the screen alike', () => {
  const rig = stopped();
  const [receipt] = receiptsOf(rig);
  expect(receipt?.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(receipt?.hash).toBe(hashOf(receipt as StopReceipt));
  expect(rig.engine.state.stop.receipt).toEqual(receipt);
  expect(receipt?.buckets).toEqual({ orders: 'empty', algo: 'not-on-spot' });
});

test('E5: a receipt that is not complete yet carries its own, and the one that follows another', () => {
  const rig = new Rig().ready();
  rig.rest();
  rig.trip();
  rig.pass(5000);
  const [interim] = receiptsOf(rig);
  expect(interim).toMatchObject({ complete: false });
  expect(interim?.hash).toBe(hashOf(interim as StopReceipt));
});

test('E5: an export keeps the hash whatever becomes of the order of its fields', () => {
  const receipt = rigReceipt();
  const turned = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(receipt)) as StopReceipt).toReversed());
  expect(hashOf(turned as unknown as StopReceipt)).toBe(receipt.hash);
});

const rigReceipt = (): StopReceipt => receiptsOf(stopped())[0] as StopReceipt;

test('E5: whatever is changed of a receipt, it no longer matches its hash', () => {
  const receipt = rigReceipt();
  const changed: readonly Partial<StopReceipt>[] = [
    { tripId: 2 },
    { reason: 'nothing happened' },
    { policy: 'flatten' },
    { complete: false },
    { verifiedEmptyMs: 1 },
    { buckets: { orders: 'empty', algo: 'empty' } },
    { orders: [] },
    { orders: receipt.orders.map((order) => ({ ...order, outcome: 'filled' as const })) },
    { orders: receipt.orders.map((order) => ({ ...order, ackMs: (order.ackMs ?? 0) + 0.001 })) },
  ];
  for (const change of changed) expect(hashOf({ ...receipt, ...change }), JSON.stringify(change)).not.toBe(receipt.hash);
});

test('E5: orders that nobody here had known are on the receipt too once a cancel ended them', () => {
  const rig = new Rig().ready();
  rig.trip();
  const phone = stated('phone', { status: 'CANCELED' });
  rig.stopCanceled({ kind: 'canceled', orders: [phone, stated('alive')] });
  rig.openOrdersSeen([]);
  expect(receiptsOf(rig)[0]).toMatchObject({
    complete: true,
    orders: [{ clientOrderId: 'phone', symbol: phone.symbol, venueOrderId: phone.venueOrderId, outcome: 'canceled' }],
  });
});

test('E5: in the first moment of a start, before any symbol is known, nothing is called acknowledged that was never sent', () => {
  const rig = new Rig();
  rig.trip();
  rig.openOrdersSeen([stated('phone')]);
  expect(rig.engine.market.stop?.acknowledgedAtMs).toBeNull();
  rig.pass(200);
  rig.stopCanceled({ kind: 'canceled', orders: [stated('phone', { status: 'CANCELED' })] }, [stated('phone').symbol]);
  expect(rig.engine.market.stop?.acknowledgedAtMs).not.toBeNull();
  rig.pass(200);
  rig.openOrdersSeen([]);
  expect(receiptsOf(rig)[0]).toMatchObject({ complete: true, orders: [{ clientOrderId: 'phone', outcome: 'canceled' }] });
});
