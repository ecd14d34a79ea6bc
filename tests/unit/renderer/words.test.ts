import { describe, expect, it } from 'vitest';
import { addCandle, dayStartOf, withCandle } from '../../../src-renderer/features/chart/candles.ts';
import { newsOf } from '../../../src-renderer/features/frame/alerts.ts';
import { spokenChange } from '../../../src-renderer/features/frame/spoken.ts';
import { byNearness, leftText, levelOf } from '../../../src-renderer/features/limits/nearness.ts';
import { matching } from '../../../src-renderer/features/palette/match.ts';
import { stopSteps } from '../../../src-renderer/features/stop/steps.ts';
import type { Replica } from '../../../src-renderer/replica/replica.ts';
import { EMPTY_VIEW } from '../../../src-shared/contract/view.ts';
import type { AlertView, CandleView, ConsoleView, LimitView, StopView } from '../../../src-shared/contract/view.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';

const limit = (title: string, usedRatio: number | null, part: Partial<LimitView> = {}): LimitView => ({
  id: 'C4.dailyLoss',
  title,
  unit: 'USDT',
  before: '0',
  after: null,
  limit: '500',
  distance: '500' as never,
  usedRatio,
  verdict: 'pass',
  formula: '',
  scope: 'openings',
  untilMs: null,
  text: '',
  ...part,
});
const RECEIPT: StopReceipt = {
  tripId: 3,
  trigger: 'button',
  reason: '',
  policy: 'keep-positions',
  trippedAtMs: 0,
  orders: [],
  positions: [],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 2,
  allAcknowledgedMs: 60,
  verifiedEmptyMs: 118,
  flatMs: null,
  complete: true,
};
const STOP: StopView = {
  phase: 'TRIPPED',
  tripId: 3,
  trigger: 'button',
  reason: '',
  policy: 'keep-positions',
  trippedAtMs: 0,
  coolDownUntilMs: null,
  progress: null,
  receipt: null,
};
const replica = (view: Partial<ConsoleView>, state: 'live' | 'waiting' = 'live'): Replica => ({
  view: { ...EMPTY_VIEW, ...view },
  seq: 1,
  link: { state },
  generation: 1,
});

describe('alerts (L4)', () => {
  const alert = (atMs: number, part: Partial<AlertView> = {}): AlertView => ({
    atMs,
    severity: 'danger',
    title: 'T',
    text: '',
    times: 1,
    ...part,
  });
  const nowMs = 10_000_000;

  it('are news once, and again when they are raised again; the oldest comes first', () => {
    const [a, b] = [alert(nowMs - 1), alert(nowMs - 2)];
    expect(newsOf({}, { a, b }, nowMs)).toEqual([b, a]);
    expect(newsOf({ a, b }, { a, b }, nowMs)).toEqual([]);
    expect(newsOf({ a }, { a: alert(nowMs) }, nowMs)).toEqual([alert(nowMs)]);
  });

  it('are no news when they are old, only inform, or are the stop, which has a place of its own', () => {
    const old = alert(nowMs - 600_000);
    expect(newsOf({}, { old, info: alert(nowMs, { severity: 'info' }), stop: alert(nowMs) }, nowMs)).toEqual([]);
  });
});

describe('gauges (M1)', () => {
  it('stand by nearness to their limit, breached ones first, unmeasured ones last', () => {
    const titles = byNearness([
      limit('b', null),
      limit('loss', 0.2),
      limit('deny', 0.1, { verdict: 'deny' }),
      limit('full', 1.2),
      limit('a', null),
    ]).map(({ title }) => title);
    expect(titles).toEqual(['deny', 'full', 'loss', 'b', 'a']);
  });

  it('keep their places while an age or a rate goes up and down below the half of its limit', () => {
    const beat = (usedRatio: number) =>
      byNearness([limit('silence', usedRatio, { unit: 'ms', id: 'C11.userStream' }), limit('loss', 0)]).map(({ title }) => title);
    expect([beat(0.05), beat(0.19), beat(0.49)]).toEqual(Array(3).fill(['loss', 'silence']));
    expect(beat(0.5)).toEqual(['silence', 'loss']);
  });

  it('do not change places for small changes, and money stands before counts', () => {
    const before = byNearness([
      limit('quote', 0.01, { unit: 'ms', id: 'C11.quoteAge' }),
      limit('weight', 0.04, { unit: 'count', id: 'C9.requestWeight' }),
      limit('loss', 0),
    ]);
    const after = byNearness([
      limit('quote', 0.09, { unit: 'ms', id: 'C11.quoteAge' }),
      limit('weight', 0.03, { unit: 'count', id: 'C9.requestWeight' }),
      limit('loss', 0),
    ]);
    expect(before.map(({ title }) => title)).toEqual(['loss', 'weight', 'quote']);
    expect(after.map(({ title }) => title)).toEqual(['loss', 'weight', 'quote']);
  });

  it('turn amber at 80 % and red at 100 %, and then say what is forbidden', () => {
    expect([0.79, 0.8, 0.999, 1].map((ratio) => levelOf(limit('x', ratio)))).toEqual(['calm', 'near', 'near', 'over']);
    expect(leftText(limit('x', 1, { text: 'no openings until 00:00 UTC' }))).toBe('no openings until 00:00 UTC');
    expect(leftText(limit('x', 0.2))).toBe('500.00 left');
    expect(leftText(limit('x', null, { verdict: 'not-applied' }))).toBe('off');
  });
});

describe('the pressed stop (E1, E5)', () => {
  const words = (stop: Partial<StopView>) => stopSteps({ ...STOP, ...stop }).map(({ done, text }) => `${done ? '+' : '-'} ${text}`);
  const progress = { cancelsSent: 2, cancelsAcknowledged: 1, cancelsTotal: 3, openOrders: 2, verifiedEmpty: false, flat: null };

  it('shows each phase as main reports it', () => {
    expect(words({ progress })).toEqual(['+ latched', '- cancels sent 2/3', '- acknowledged 1/3', '- verifying, 2 open']);
    expect(words({ progress: { ...progress, cancelsSent: 3, cancelsAcknowledged: 3, verifiedEmpty: true, flat: false } })).toEqual([
      '+ latched',
      '+ cancels sent 3/3',
      '+ acknowledged 3/3',
      '+ verified empty',
      '- flattening',
    ]);
  });

  it('never claims an empty venue that was not verified, and names what is left by its count', () => {
    const survivor = { clientOrderId: 'a', symbol: 'BTCUSDT', venueOrderId: null, outcome: 'not-canceled', ackMs: null } as never;
    expect(words({ receipt: { ...RECEIPT, orders: [survivor], verifiedEmptyMs: null, complete: false } })).toEqual([
      '+ latched',
      '- orders settled 0/1',
      '- not verified empty',
    ]);
    expect(words({ receipt: RECEIPT })).toEqual(['+ latched', '+ orders settled 0/0', '+ verified empty']);
    expect(words({})).toEqual(['+ latched', '- waiting for the console']);
  });
});

describe('what a screen reader hears (M5)', () => {
  it('says state changes of trading, stop and link, and nothing about prices', () => {
    const active = replica({ safety: { trading: { level: 'ACTIVE', causes: [] } } });
    const halted = replica({
      safety: {
        trading: { level: 'HALTED', causes: [{ code: 'STOP', level: 'HALTED', text: 'Emergency stop #3.', ends: '', untilMs: null }] },
        stop: STOP,
      },
    });
    expect(spokenChange(active, halted)).toBe('Emergency stop tripped. Trading is halted. Emergency stop #3.');
    expect(spokenChange(active, { ...active, link: { state: 'stale', why: '', sinceMs: 0 } })).toMatch(/stale.*the stop works/);
    expect(spokenChange(active, { ...active, view: { ...active.view, balances: {} } })).toBe('');
  });

  it('does not read out the whole past when the first picture arrives', () => {
    const order = { clientOrderId: 'a', side: 'BUY', symbol: 'BTCUSDT', status: 'FILLED' } as never;
    expect(spokenChange(replica({}, 'waiting'), replica({ orders: { a: order } }))).not.toMatch(/filled/);
    expect(spokenChange(replica({}), replica({ orders: { a: order } }))).toBe('buy BTCUSDT filled.');
  });
});

describe('candles', () => {
  const candle = (minute: number, open = '1'): CandleView => ({
    symbol: 'X',
    interval: '1m',
    openTimeMs: minute * 60_000,
    open: open as never,
    high: '2' as never,
    low: '1' as never,
    close: '2' as never,
    volume: '1' as never,
  });

  it('replace the newest, follow it, and never rewrite the past', () => {
    const two = [candle(1), candle(2)];
    expect(withCandle(two, candle(2, '9')).map(({ open }) => open)).toEqual(['1', '9']);
    expect(withCandle(two, candle(3))).toHaveLength(3);
    expect(withCandle(two, candle(1, '9'))).toBe(two);
  });

  it('measure the day from its first candle', () => {
    expect(dayStartOf([candle(1439, '5'), candle(1440, '6'), candle(1441, '7')])).toEqual({ open: '6', label: '00:00 UTC' });
    expect(dayStartOf([])).toBeUndefined();
  });

  it('measure the day from its own first candle when a day begins while the window is open', () => {
    const evening = { candles: [candle(1438, '4'), candle(1439, '5')], dayStart: { open: '1', label: '00:00 UTC' } };
    expect(addCandle(evening, candle(1439, '5')).dayStart).toEqual({ open: '1', label: '00:00 UTC' });
    const morning = addCandle(evening, candle(1440, '6'));
    expect(morning.dayStart).toEqual({ open: '6', label: '00:00 UTC' });
    expect(addCandle(morning, candle(1441, '7')).dayStart).toEqual(morning.dayStart);
  });
});

describe('the palette', () => {
  it('finds by every word typed, in any order', () => {
    const all = ['Buy at market', 'Sell at market', 'Market BTC/USDT'].map((name) => ({ name, run: () => undefined }));
    expect(matching(all, 'market SELL').map(({ name }) => name)).toEqual(['Sell at market']);
    expect(matching(all, '')).toHaveLength(3);
    expect(matching(all, 'zzz')).toEqual([]);
  });
});
