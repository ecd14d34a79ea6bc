// The safety page's own words: what the engine told, in a line each; what is missing or red comes first.
import { describe, expect, it } from 'vitest';
import type { Breach } from '../../../src-shared/domain/breaker.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import {
  alsoText,
  breakerEnd,
  drilledText,
  evidenceInOrder,
  forbidderName,
  missingOf,
  nextText,
  receiptLine,
  salesText,
  selfTestLine,
  stageName,
  stateKey,
  stateWord,
} from '../../../src-renderer/features/safety/words.ts';

const denied = (code: Denial['code']): Denial => ({ code, text: 'No.', advice: 'Wait.' });
const receipt = (changes: Partial<StopReceipt>): StopReceipt => ({
  tripId: 1,
  trigger: 'button',
  reason: '',
  policy: 'keep-positions',
  trippedAtMs: 0,
  orders: [],
  positions: [],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 1,
  allAcknowledgedMs: 2,
  verifiedEmptyMs: 3,
  flatMs: null,
  complete: true,
  ...changes,
});
const order = (outcome: StopReceipt['orders'][number]['outcome']) => ({ outcome }) as StopReceipt['orders'][number];

describe('the answer to a buy', () => {
  it('has a word of its own for a tripped stop', () => {
    expect([stateWord('HALTED', 'TRIPPED'), stateWord('HALTED', 'ARMED'), stateWord('REDUCING', 'COOLING_DOWN')]).toEqual([
      'TRIPPED',
      'HALTED',
      'REDUCING',
    ]);
  });

  it('names what forbids it, and what would do so besides', () => {
    const trades = { id: 'C5.dailyTrades', title: 'Trades today' } as const;
    const age = { id: 'C11.quoteAge', title: 'Quote age' } as const;
    expect(forbidderName({ denial: null })).toBe('nothing');
    expect(forbidderName({ denial: denied('STATE') })).toBe('the trading state');
    expect(alsoText({ denial: denied('C11.quoteAge'), forbids: [age, trades] })).toBe('and Trades today');
    expect(alsoText({ denial: denied('STATE'), forbids: [age, trades] })).toBe('and Quote age, Trades today');
    expect(alsoText({ denial: denied('STATE'), forbids: [] })).toBe('and nothing besides');
    expect(alsoText({ denial: null, forbids: [] })).toBe('neither a limit nor the trading state');
  });

  it('knows a state by its causes, and not by the seconds in their texts', () => {
    const state = (text: string, code = 'COOLING_DOWN') =>
      stateKey({ level: 'REDUCING', causes: [{ code, level: 'REDUCING', text, ends: '', untilMs: null }] });
    expect(state('14:59 more')).toBe(state('14:58 more'));
    expect(state('14:59 more')).not.toBe(state('14:59 more', 'BREAKER'));
  });

  it('says whether sales go', () => {
    expect(salesText({ noSales: null })).toMatch(/goes/);
    expect(salesText({ noSales: { ...denied('STATE'), advice: 'Cancels still go.' } })).toBe('the trading state: Cancels still go.');
    const held = { ...denied('C9.venueHold'), advice: 'Wait for the countdown; cancels go first when it ends.' };
    expect(salesText({ noSales: held })).toBe('C9.venueHold: Wait for the countdown; cancels go first when it ends.');
  });
});

describe('stop and drill', () => {
  it('a receipt in a line names what is not proven gone', () => {
    expect(receiptLine(receipt({ orders: [order('canceled')] }))).toBe('1 order, none left, verified empty');
    expect(receiptLine(receipt({ complete: false, orders: [order('canceled'), order('unknown'), order('not-canceled')] }))).toBe(
      '3 orders, 2 not proven gone, not verified empty',
    );
  });
  it('a drill says what it went through', () => {
    expect(drilledText({ orders: 6, symbols: 1 })).toBe('6 orders in 1 market');
  });
});

it('a loss is closed by a person; a failure also by a probe, where one is due', () => {
  const breach = (rule: Breach['rule']): Breach => ({ rule, text: '', value: '1' as never, limit: '1' as never });
  expect(breakerEnd({ breach: breach('daily-drawdown'), probeAtMs: null })).toBe('A loss: only a person closes it.');
  expect(breakerEnd({ breach: breach('api-errors'), probeAtMs: null })).toBe('Only a person closes it.');
  expect(breakerEnd({ breach: breach('api-errors'), probeAtMs: 5 })).toMatch(/one order that tries/);
});

it('what is missing of the evidence comes first', () => {
  const item = (id: string, verdict: 'met' | 'not-met' | 'unknown') => ({ id, title: id, verdict, text: '' });
  const evidence = [item('a', 'met'), item('b', 'unknown'), item('c', 'met'), item('d', 'not-met')];
  expect(evidenceInOrder(evidence).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
  expect(missingOf(evidence).map(({ id }) => id)).toEqual(['b', 'd']);
  expect(stageName('week-3')).toBe('Week 3');
  expect(nextText({ next: 'testnet', text: 'Not met yet: b; d.', evidence })).toBe('2 of 4 met; the rest is missing');
  expect(nextText({ next: 'testnet', text: 'Trades on testnet from then on.', evidence: [item('a', 'met')] })).toBe(
    'Trades on testnet from then on.',
  );
  expect(nextText({ next: null, text: '', evidence: [] })).toBe('nowhere from here');
  expect(nextText({ next: 'full', text: '', evidence: [] })).toBe('everything is met');
});

it('the self-test in a line is red as soon as one check is', () => {
  const item = (title: string, verdict: 'pass' | 'fail' | 'not-needed') => ({ id: title, title, verdict, text: `${title} told` });
  const line = (...items: readonly ReturnType<typeof item>[]) => selfTestLine({ atMs: 0, items });
  expect([selfTestLine(undefined), line()]).toEqual(Array(2).fill({ verdict: 'unknown', text: 'not run yet' }));
  expect(line(item('Clock', 'pass'), item('Keychain', 'not-needed'))).toEqual({
    verdict: 'good',
    text: '1970-01-01 00:00:00 UTC, 1 of 1 needed checks pass',
  });
  expect(line(item('Clock', 'fail'), item('Disk', 'pass'))).toEqual({ verdict: 'bad', text: '1970-01-01 00:00:00 UTC, Clock: Clock told' });
});
