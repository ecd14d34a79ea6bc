// What the adapter asks: an answer that is not whole, or does not come, gives no value that somebody might trade on (C15).
import { describe, expect, it } from 'vitest';
import type { SymbolId, VenueOrderId } from '../../../src-shared/domain/ids.ts';
import type { VenueFailure } from '../../../src-main/venue/port.ts';
import { createReads } from '../../../src-main/venue/reads.ts';
import { parsed, refusedWith, type Rest, type RestOutcome } from '../../../src-main/venue/rest.ts';
import { createBudget, SPOT_LIMITS } from '../../../src-main/venue/budget.ts';
import { fail } from '../../../src-shared/errors/result.ts';

const BTC = 'BTCUSDT' as SymbolId;
const ODD = 'NOSUCH' as SymbolId;
const LATE: VenueFailure = { kind: 'late', code: null, text: 'No whole answer' };
const lost: RestOutcome = { kind: 'lost', failure: LATE, sentAtMs: 0 };
const answered = (json: unknown): RestOutcome => ({ kind: 'answered', json, roundTripMs: 1, sentAtMs: 0 });
const refused = (code: number): RestOutcome => refusedWith(400, { code, msg: `error ${code}` }, 0);

const price = { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' };
const lot = { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' };
const listing = (...symbols: readonly string[]) => ({
  rateLimits: [],
  symbols: symbols.map((symbol) => ({ symbol, status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', orderTypes: ['LIMIT'], filters: [price, lot] })), // prettier-ignore
});
const rates = { maker: '0.001', taker: '0.001', buyer: '0', seller: '0' };
const commission = answered({ standardCommission: rates });

/** Reads on a venue that answers each request by its path and its symbols. */
const readsOn = (answer: (path: string, symbols: string) => RestOutcome, hasSapi = true) => {
  const asked: string[] = [];
  const call: Rest['call'] = ({ path, params }) => {
    const symbols = String(params['symbols'] ?? params['symbol'] ?? '');
    asked.push(`${path} ${symbols}`.trim());
    return Promise.resolve(answer(path, symbols));
  };
  const rest: Rest = {
    prepare: () => undefined,
    withdrawUnsent: () => undefined,
    call,
    read: async (request, schema) => {
      const outcome = await call(request);
      return outcome.kind === 'answered' ? parsed(schema, outcome.json) : fail(outcome.failure);
    },
  };
  const clock = { nowMs: () => 0, offsetMs: 0, uncertaintyMs: 0, adopt: () => undefined };
  const budget = createBudget({ limits: SPOT_LIMITS, weightCeiling: 5000, emergencyReserve: 1000 });
  return { reads: createReads({ rest, clock, budget, hasSapi }), asked };
};

describe('instruments', () => {
  it('names that the venue does not list are found out one by one, and left out', async () => {
    const { reads, asked } = readsOn((path, symbols) => {
      if (path !== 'exchangeInfo') return commission;
      return symbols.includes(ODD) ? refused(-1121) : answered(listing(BTC));
    });
    const found = await reads.instruments([BTC, ODD]);
    expect(found.ok && found.value.map(({ symbol }) => symbol)).toEqual([BTC]);
    expect(asked).toEqual([
      'exchangeInfo ["BTCUSDT","NOSUCH"]', 'exchangeInfo ["BTCUSDT"]', 'exchangeInfo ["NOSUCH"]', 'exchangeInfo ["BTCUSDT"]',
      'account/commission BTCUSDT',
    ]); // prettier-ignore
  });
  it.each([
    ['nothing is listed', (_path: string, _symbols: string) => refused(-1121), 'refused'],
    ['the venue is silent', () => lost, 'late'],
    [
      'it falls silent in the middle of finding out',
      (_path: string, symbols: string) => (symbols.includes(',') ? refused(-1121) : lost),
      'late',
    ],
    ['it answers for another symbol', (path: string) => (path === 'exchangeInfo' ? answered(listing('ETHUSDT')) : commission), 'garbled'],
    ['a symbol’s fees are not told', (path: string) => (path === 'exchangeInfo' ? answered(listing(BTC)) : lost), 'late'],
  ])('are none where %s', async (_what, answer, kind) => {
    const { reads } = readsOn(answer);
    expect(await reads.instruments([BTC, ODD])).toMatchObject({ ok: false, error: { kind } });
  });
});

describe('the rest of what is asked', () => {
  it.each([true, false])('rights are not known where nobody tells them (sapi: %s)', async (hasSapi) => {
    const { reads } = readsOn(() => lost, hasSapi);
    expect(await reads.permissions()).toEqual({ ok: false, error: LATE });
  });
  it('an order is found by the venue’s own number', async () => {
    const row = { symbol: BTC, orderId: 9, clientOrderId: 'phone', price: '1', origQty: '2', executedQty: '0', status: 'NEW', timeInForce: 'GTC', type: 'LIMIT', side: 'SELL', updateTime: 7 }; // prettier-ignore
    const { reads } = readsOn(() => answered(row));
    expect(await reads.orderOf(BTC, '9' as VenueOrderId)).toMatchObject({ ok: true, value: { clientOrderId: 'phone', timeMs: 7 } });
  });
  it('an order without any time has none', async () => {
    const row = { symbol: BTC, orderId: 9, clientOrderId: 'x', price: '1', origQty: '2', executedQty: '0', status: 'NEW', timeInForce: 'GTC', type: 'LIMIT', side: 'SELL' }; // prettier-ignore
    const { reads } = readsOn(() => answered([row, { ...row, time: 5 }]));
    const open = await reads.openOrders(null, 'normal');
    expect(open.ok && open.value.map(({ timeMs }) => timeMs)).toEqual([0, 5]);
  });
});
