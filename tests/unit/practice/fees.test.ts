// Commissions (B2, B3): from what was received, or from BNB at 75 % of the rate while there is enough of it.
import { describe, expect, it } from 'vitest';
import { fixture, good, limit, SYMBOL, type Fixture } from './support.ts';

function lastTrade({ core }: Fixture, account = 'a') {
  return core.myTrades(account, SYMBOL, { limit: 1 })[0];
}

/** One BNB at 600 USDT. */
function withBnb(bnb: string, bnbDiscount = true): Fixture {
  const market = fixture({ accounts: [{ id: 'a', balances: { USDT: '1000000', BTC: '20', BNB: bnb }, bnbDiscount }] });
  market.core.applyTrade('BNBUSDT', { price: '600', qty: '1', buyerIsMaker: true, timeMs: market.now() }, market.now());
  return market;
}

describe('commission', () => {
  it('a buyer pays in the base asset, a seller in the quote asset', () => {
    const market = fixture();
    good(market.place({ side: 'BUY', quantity: '0.5' }));
    expect(lastTrade(market)).toMatchObject({ commission: '0.00050000', commissionAsset: 'BTC', isMaker: false });
    good(market.place({ side: 'SELL', quantity: '0.5' }));
    expect(lastTrade(market)).toMatchObject({ commission: '29.99950000', commissionAsset: 'USDT' });
    expect(market.balance('BTC').free).toBe('19.99950000');
  });

  it('makers pay the maker rate', () => {
    const market = fixture({ accounts: [{ id: 'a', balances: { BTC: '20' }, makerRate: '0.0002', takerRate: '0.0004' }] });
    good(market.place(limit('SELL', '60000.5', '0.5')));
    market.trade('60001', '0.5', 'asks');
    expect(lastTrade(market)).toMatchObject({ commission: '6.00005000', commissionAsset: 'USDT', isMaker: true });
  });

  it('is paid in BNB at 75 % of the rate, converted at the price of BNB', () => {
    const market = withBnb('1');
    good(market.place({ side: 'BUY', quantity: '0.5' }));
    // 30000.5 USDT × 0.1 % × 75 % ÷ 600 = 0.037500625 BNB, rounded down to 8 decimals.
    expect(lastTrade(market)).toMatchObject({ commission: '0.03750062', commissionAsset: 'BNB' });
    expect(market.balance('BTC').free).toBe('20.50000000');
    expect(market.balance('BNB').free).toBe('0.96249938');
  });

  it('falls back to the received asset at the full rate when the BNB does not suffice', () => {
    const market = withBnb('0.0375');
    good(market.place({ side: 'BUY', quantity: '0.5' }));
    expect(lastTrade(market)).toMatchObject({ commission: '0.00050000', commissionAsset: 'BTC' });
    expect(market.balance('BNB').free).toBe('0.03750000');
  });

  it('is not paid in BNB when the discount is off or BNB has no price yet', () => {
    const off = withBnb('1', false);
    good(off.place({ side: 'BUY', quantity: '0.5' }));
    expect(lastTrade(off)?.commissionAsset).toBe('BTC');
    off.core.setBnbDiscount('a', true);
    good(off.place({ side: 'SELL', quantity: '0.5' }));
    expect(lastTrade(off)?.commissionAsset).toBe('BNB');
    const unpriced = fixture({ accounts: [{ id: 'a', balances: { USDT: '1000000', BNB: '1' }, bnbDiscount: true }] });
    good(unpriced.place({ side: 'BUY', quantity: '0.5' }));
    expect(lastTrade(unpriced)?.commissionAsset).toBe('BTC');
  });

  it('the execution report, the answer and the trade list agree', () => {
    const market = fixture();
    const order = good(market.place({ side: 'BUY', quantity: '0.5' }));
    const report = market.reports().at(-1);
    expect([report?.n, report?.N, report?.t]).toEqual(order.fills.map((fill) => [fill.commission, fill.commissionAsset, fill.tradeId])[0]);
    expect(lastTrade(market)).toMatchObject({ id: report?.t, commission: report?.n });
  });
});
