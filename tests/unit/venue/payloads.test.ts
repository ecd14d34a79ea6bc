// N3: whatever arrives on a stream is understood whole or not used at all, and nothing of it can throw or reach a prototype.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderStatusOf, readMarketFrame, readUserFrame } from '../../../src-main/venue/payloads.ts';

const SYMBOLS = new Set(['BTCUSDT', 'ETHUSDT']);
const market = (frame: unknown) => readMarketFrame(frame, SYMBOLS);

/** Every field of Binance's executionReport (user-data-stream.md), of a part of an order that filled. */
const report = {
  e: 'executionReport', E: 1499405658658, s: 'BTCUSDT', c: 'hf-abc123-000000000007', S: 'BUY', o: 'LIMIT', f: 'GTC', q: '1.00000000',
  p: '60000.10000000', P: '0.00000000', F: '0.00000000', g: -1, C: '', x: 'TRADE', X: 'PARTIALLY_FILLED', r: 'NONE', i: 4293153,
  l: '0.40000000', z: '0.40000000', L: '60000.00000000', n: '0.00040000', N: 'BTC', T: 1499405658657, t: 77, v: 3, I: 8641984, w: true,
  m: false, M: false, O: 1499405658657, Z: '24000.00000000', Y: '24000.00000000', Q: '0.00000000', W: 1499405658657, V: 'NONE',
}; // prettier-ignore
const inEnvelope = (event: object) => ({ subscriptionId: 0, event });
const executionOf = (event: object) => {
  const reading = readUserFrame(inEnvelope(event));
  if (reading.kind !== 'event' || reading.event.kind !== 'execution') throw new Error(JSON.stringify(reading));
  return reading.event.report;
};

describe('user frames', () => {
  it('an execution report gives the order, the fill and the fee in its own asset (B2)', () => {
    expect(executionOf(report)).toEqual({
      clientOrderId: 'hf-abc123-000000000007',
      order: {
        clientOrderId: 'hf-abc123-000000000007', venueOrderId: '4293153', symbol: 'BTCUSDT', side: 'BUY', venueType: 'LIMIT',
        timeInForce: 'GTC', qty: '1.00000000', price: '60000.10000000', stopPrice: '0.00000000', trailingDeltaBps: null, venueListId: null,
        filledQty: '0.40000000', status: 'PARTIALLY_FILLED', timeMs: 1499405658657,
      }, // prettier-ignore
      execution: 'TRADE',
      fill: {
        tradeId: '77',
        price: '60000.00000000',
        qty: '0.40000000',
        fee: '0.00040000',
        feeAsset: 'BTC',
        maker: false,
        timeMs: 1499405658657,
      },
      reason: '',
      eventTimeMs: 1499405658658,
    });
  });

  it('on a cancel the client id is that of the order, not of the cancel', () => {
    const cancel = { ...report, x: 'CANCELED', X: 'CANCELED', c: 'the-cancels-own', C: 'hf-abc123-000000000007', t: -1, N: null };
    expect(executionOf(cancel)).toMatchObject({ clientOrderId: 'hf-abc123-000000000007', execution: 'CANCELED', fill: null });
  });

  it('a leg of a list names its list, a trailing stop its distance, a pending exit that it waits (B1)', () => {
    const pending = {
      ...report,
      x: 'NEW',
      X: 'PENDING_NEW',
      o: 'STOP_LOSS_LIMIT',
      P: '59000.00000000',
      g: 12,
      d: 50,
      D: -1,
      t: -1,
      N: null,
    };
    expect(executionOf(pending)).toMatchObject({
      execution: 'NEW',
      order: { status: 'PENDING_NEW', venueType: 'STOP_LOSS_LIMIT', stopPrice: '59000.00000000', venueListId: '12', trailingDeltaBps: 50 },
    });
    expect(executionOf({ ...report, d: 0 }).order.trailingDeltaBps).toBeNull();
    for (const wrong of [-5, '50', 0.5, null]) expect(readUserFrame(inEnvelope({ ...report, d: wrong })).kind).toBe('garbled');
  });

  it('ids too long for a number arrive as text and stay exact', () => {
    expect(executionOf({ ...report, i: '123456789012345678' }).order.venueOrderId).toBe('123456789012345678');
  });

  it('a fill without a fee is a fill', () => {
    expect(executionOf({ ...report, n: '0', N: null }).fill).toMatchObject({ fee: '0' });
    expect(readUserFrame(inEnvelope({ ...report, n: '0.1', N: null })).kind).toBe('garbled');
  });

  it('an order that expired says why', () => {
    const expired = { ...report, x: 'TRADE_PREVENTION', X: 'EXPIRED_IN_MATCH', r: 'STP' };
    expect(executionOf(expired)).toMatchObject({ execution: 'TRADE_PREVENTION', order: { status: 'EXPIRED' }, reason: 'STP' });
    const ended = { ...report, x: 'EXPIRED', X: 'EXPIRED', t: -1, N: null, eR: 'OCO_TRIGGER' };
    expect(executionOf(ended).reason).toBe('OCO_TRIGGER');
    expect(executionOf({ ...ended, eR: 'REJECTED', r: 'INSUFFICIENT_BALANCES' }).reason).toBe('INSUFFICIENT_BALANCES');
    expect(readUserFrame(inEnvelope({ ...ended, eR: 7 })).kind).toBe('garbled');
  });

  it.each(
    Object.keys({
      s: 0,
      S: 0,
      o: 0,
      f: 0,
      q: 0,
      p: 0,
      P: 0,
      g: 0,
      C: 0,
      x: 0,
      X: 0,
      i: 0,
      l: 0,
      z: 0,
      L: 0,
      n: 0,
      N: 0,
      T: 0,
      t: 0,
      m: 0,
      E: 0,
      r: 0,
    }),
  )('a report whose field %s is missing or of a wrong kind is not used', (field) => {
    for (const wrong of [undefined, {}, [], NaN, 1.5, '', true, 'x'.repeat(100)]) {
      if ((field === 'm' && wrong === true) || (['C', 'r'].includes(field) && wrong === '')) continue;
      expect(readUserFrame(inEnvelope({ ...report, [field]: wrong }))).toMatchObject({ kind: 'garbled' });
    }
  });

  it.each(['NaN', 'Infinity', '1e5', ' 1', '-0.1', '1,0', '0x10', '٣'])('a quantity of %j is no quantity', (qty) => {
    expect(readUserFrame(inEnvelope({ ...report, l: qty })).kind).toBe('garbled');
  });

  it('a report that speaks through a prototype says nothing (N3)', () => {
    expect(readUserFrame(inEnvelope(Object.create(report) as object)).kind).toBe('garbled');
    const polluting = JSON.parse('{"subscriptionId":0,"event":{"__proto__":{"e":"executionReport","polluted":true}}}') as unknown;
    expect(readUserFrame(polluting).kind).toBe('garbled');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('balances, moves, endings and what says nothing to us', () => {
    const position = { e: 'outboundAccountPosition', E: 5, u: 4, B: [{ a: 'USDT', f: '1.5', l: '0' }] };
    expect(readUserFrame(position)).toEqual({
      kind: 'event',
      event: { kind: 'balances', entries: [{ asset: 'USDT', free: '1.5', locked: '0' }], venueTimeMs: 5 },
    });
    expect(readUserFrame(inEnvelope({ e: 'balanceUpdate', E: 5, a: 'BTC', d: '-0.5', T: 4 }))).toMatchObject({
      event: { kind: 'balance-moved', asset: 'BTC', delta: '-0.5' },
    });
    expect(readUserFrame(inEnvelope({ e: 'eventStreamTerminated', E: 5 })).kind).toBe('ending');
    expect(readUserFrame({ event: { e: 'serverShutdown', E: 5 } }).kind).toBe('ending');
    expect(readUserFrame(inEnvelope({ e: 'listStatus' })).kind).toBe('nothing');
    expect(readUserFrame(inEnvelope({ e: 'externalLockUpdate' })).kind).toBe('nothing');
    expect(readUserFrame(inEnvelope({ e: 'somethingNew' })).kind).toBe('garbled');
    expect(readUserFrame(inEnvelope({ ...position, B: [{ a: 'USDT', f: '-1', l: '0' }] })).kind).toBe('garbled');
  });
});

describe('market frames', () => {
  it('a best quote has no event name on spot', () => {
    expect(market({ stream: 'btcusdt@bookTicker', data: { u: 1, s: 'BTCUSDT', b: '1.1', B: '2', a: '1.2', A: '3' } })).toEqual({
      kind: 'event',
      event: { kind: 'quote', symbol: 'BTCUSDT', bid: '1.1', ask: '1.2' },
    });
    expect(market({ e: 'bookTicker', s: 'BTCUSDT', b: '1.1', a: '1.2' }).kind).toBe('event');
  });
  it('an empty side is no quote, a crossed one is garbled', () => {
    expect(market({ s: 'BTCUSDT', b: '0.00', a: '1.2' }).kind).toBe('nothing');
    expect(market({ s: 'BTCUSDT', b: '1.3', a: '1.2' }).kind).toBe('garbled');
    expect(market({ s: 'BTCUSDT', b: '1.2', a: '1.2' }).kind).toBe('event');
  });
  it('trades, candles and depth', () => {
    expect(market({ stream: 's', data: { e: 'trade', s: 'ETHUSDT', p: '3000.5', q: '1' } })).toMatchObject({
      event: { kind: 'trade', price: '3000.5' },
    });
    const k = { t: 60_000, T: 119_999, s: 'BTCUSDT', i: '1m', o: '1', c: '2', h: '3', l: '0.5', v: '0', x: true };
    expect(market({ stream: 's', data: { e: 'kline', E: 1, s: 'BTCUSDT', k } })).toMatchObject({
      event: { kind: 'candle', candle: { openTimeMs: 60_000, open: '1', high: '3', low: '0.5', close: '2', volume: '0', closed: true } },
    });
    const book = { lastUpdateId: 1, bids: [['1', '2']], asks: [['3', '4']] };
    expect(market({ stream: 'ethusdt@depth20@100ms', data: book })).toEqual({
      kind: 'event',
      event: { kind: 'depth', depth: { symbol: 'ETHUSDT', bids: [['1', '2']], asks: [['3', '4']] } },
    });
    expect(market(book).kind).toBe('garbled'); // it could be any symbol's
    expect(market({ stream: 'ethusdt@depth20', data: { ...book, asks: [['3']] } }).kind).toBe('garbled');
    expect(market({ e: 'serverShutdown', E: 1 }).kind).toBe('ending');
  });
  it('a symbol that nobody asked for is garbled', () => {
    expect(market({ s: 'DOGEUSDT', b: '1', a: '2' }).kind).toBe('garbled');
    expect(market({ stream: 'dogeusdt@depth20', data: { lastUpdateId: 1, bids: [], asks: [] } }).kind).toBe('garbled');
  });
});

describe('fuzz (N3)', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true, maxDepth: 4 });
  it('no value whatever makes a reader throw, and none is taken for an execution', () => {
    fc.assert(
      fc.property(anything, (frame) => {
        expect(['garbled', 'nothing', 'ending']).toContain(readUserFrame(frame).kind);
        expect(['garbled', 'nothing', 'ending']).toContain(market(frame).kind);
      }),
      { numRuns: 2000 },
    );
  });
  it('a report with any field replaced gives a report whose amounts are decimals, or nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(report)), anything, (field, value) => {
        const reading = readUserFrame(inEnvelope({ ...report, [field]: value }));
        if (reading.kind !== 'event' || reading.event.kind !== 'execution') return;
        const { order, fill } = reading.event.report;
        const amounts = [order.qty, order.price, order.filledQty, ...(fill === null ? [] : [fill.price, fill.qty, fill.fee])];
        for (const amount of amounts) expect(amount).toMatch(/^\d+(\.\d+)?$/);
        expect(orderStatusOf(order.status)).toBe(order.status);
      }),
      { numRuns: 3000 },
    );
  });
});
