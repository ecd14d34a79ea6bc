// Did the drill pass (E7)? Whatever is not proven, or too late, did not; and the words carry every number.
import { describe, expect, test } from 'vitest';
import { drillVerdict } from '../../../src-main/safety/drill.ts';
import type { Drilled } from '../../../src-main/safety/drill.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import type { StopOrderOutcome, StopPositionOutcome, StopReceipt } from '../../../src-shared/domain/stop.ts';

const order = (clientOrderId: string, outcome: StopOrderOutcome['outcome'] = 'canceled', symbol = 'BTCUSDT'): StopOrderOutcome => ({
  clientOrderId,
  symbol: symbol as SymbolId,
  venueOrderId: '1',
  outcome,
  ackMs: 60,
});
const position = (outcome: StopPositionOutcome['outcome']): StopPositionOutcome => ({
  symbol: 'ETHUSDT' as SymbolId,
  qtyBefore: '1' as DecimalText,
  qtyAfter: '0' as DecimalText,
  outcome,
});
const RECEIPT: StopReceipt = {
  tripId: 1,
  trigger: 'drill',
  reason: 'Drill',
  policy: 'keep-positions',
  trippedAtMs: 0,
  orders: [order('a'), order('b'), order('c', 'filled', 'ETHUSDT')],
  positions: [],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 1.25,
  allAcknowledgedMs: 61,
  verifiedEmptyMs: 118.06,
  flatMs: null,
  complete: true,
};
const verdict = (receipt: Partial<StopReceipt> = {}, rest: Partial<Omit<Drilled, 'receipt'>> = {}) =>
  drillVerdict({ receipt: { ...RECEIPT, ...receipt }, isExample: false, leftOut: [], ...rest });

describe('a drill that passed', () => {
  test('says what was stopped and how long it took', () => {
    expect(verdict()).toEqual({
      passed: true,
      text: 'Passed: 3 orders on 2 symbols, every cancel on the wire after 1.3 ms, all acknowledged after 61.0 ms, verified empty after 118.1 ms.',
    });
  });

  test('says that examples stood in, and when positions were sold', () => {
    const { passed, text } = verdict({ policy: 'flatten', flatMs: 300, positions: [position('flattened')] }, { isExample: true });
    expect(passed).toBe(true);
    expect(text).toContain('3 example orders');
    expect(text).toContain('positions sold after 300.0 ms');
  });

  test('names what could not be copied, the first three of it', () => {
    expect(verdict({}, { leftOut: ['x.'] }).text).toMatch(/ Not copied: x\.$/);
    expect(verdict({}, { leftOut: ['x.', 'y.', 'z.'] }).text).toMatch(/ Not copied: x\. y\. z\.$/);
    expect(verdict({}, { leftOut: ['x.', 'y.', 'z.', 'w.'] })).toMatchObject({
      passed: true,
      text: expect.stringMatching(/ Not copied: x\. y\. z\. \(and 1 more\)$/),
    });
  });
});

describe('a drill that did not pass', () => {
  test.each([
    ['cancelsOnWireMs', 9.99, 10, 'every cancel on the wire within 10 ms'],
    ['allAcknowledgedMs', 149.99, 150, 'all acknowledged within 150 ms'],
    ['verifiedEmptyMs', 499.99, 500, 'verified empty within 500 ms'],
  ] as const)('%s beyond E3’s time', (key, inTime, late, words) => {
    expect(verdict({ [key]: inTime }).passed).toBe(true);
    for (const tookMs of [late, Number.NaN]) {
      const { passed, text } = verdict({ [key]: tookMs });
      expect(passed).toBe(false);
      expect(text).toContain(`Too late: ${words}`);
      expect(text).toMatch(/^NOT PASSED: /);
    }
    expect(verdict({ [key]: null })).toMatchObject({ passed: false, text: expect.stringContaining('never') });
  });

  test('with orders or positions that are not proven gone, named up to five', () => {
    const left = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, index) => order(id, index % 2 === 0 ? 'unknown' : 'not-canceled'));
    expect(verdict({ orders: left.slice(0, 1), complete: false })).toMatchObject({
      passed: false,
      text: expect.stringContaining('Not proven gone: BTCUSDT a.'),
    });
    expect(verdict({ orders: left, complete: false }).text).toMatch(
      / Not proven gone: BTCUSDT a, BTCUSDT b, BTCUSDT c, BTCUSDT d, BTCUSDT e and 1 more\.$/,
    );
    // Five are all named; and what is named is not said a second time.
    expect(verdict({ orders: left.slice(0, 5), complete: false }).text).toMatch(
      /after 118\.1 ms\. Not proven gone: BTCUSDT a, BTCUSDT b, BTCUSDT c, BTCUSDT d, BTCUSDT e\.$/,
    );
    expect(verdict({ positions: [position('not-flattened')], complete: false }).text).toContain('position ETHUSDT.');
    // Whatever the receipt calls itself.
    expect(verdict({ orders: left }).passed).toBe(false);
  });

  test('with a receipt that is not complete although nothing is named', () => {
    expect(verdict({ complete: false })).toMatchObject({ passed: false, text: expect.stringContaining('not proven complete') });
  });

  test('with every time that was too late named, and the round trip that E3 asks them for', () => {
    expect(verdict({ cancelsOnWireMs: 20, verifiedEmptyMs: null }).text).toMatch(
      / Too late: every cancel on the wire within 10 ms, verified empty within 500 ms is asked for at a round trip of 50 ms\. Close what else keeps this machine busy and drill again\.$/,
    );
  });

  test('without a single order; one is enough', () => {
    expect(verdict({ orders: [] })).toMatchObject({ passed: false, text: expect.stringContaining('No order could be drilled.') });
    expect(verdict({ orders: [order('a')] })).toMatchObject({ passed: true, text: expect.not.stringContaining('No order') });
  });
});
