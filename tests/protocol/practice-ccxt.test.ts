// A full trading session of ccxt, unified and pro, against the practice exchange; the exchange knows nothing of ccxt.
// What is overridden here are addresses (BINANCE 1), as for any other host.
import ccxt, { type Order } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';

let practice: PracticeHandle;
let exchange: InstanceType<typeof ccxt.pro.binance>;
beforeAll(async () => {
  const balances = { USDT: '100000', BTC: '2', BNB: '10' };
  practice = await startPractice({ seed: 5, eventsPerSecond: 100, balances });
  exchange = await connect(practice);
});
afterAll(async () => {
  await exchange.close();
  await practice.close();
});

async function connect({ restUrl, streamUrl, wsApiUrl, key }: PracticeHandle): Promise<InstanceType<typeof ccxt.pro.binance>> {
  const api = {
    public: `${restUrl}/api/v3`,
    private: `${restUrl}/api/v3`,
    sapi: `${restUrl}/sapi/v1`,
    ws: { spot: `${streamUrl}/stream/ws`, 'ws-api': { spot: wsApiUrl } },
  };
  const client = new ccxt.pro.binance({
    apiKey: key.apiKey,
    secret: key.secret,
    enableRateLimit: false,
    urls: { api },
    options: {
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      fetchMargins: false,
      fetchOpenOrders: { warnWithoutSymbol: false },
    },
  });
  await client.loadHttpProxyAgent();
  await client.loadMarkets();
  return client;
}

const BTC = 'BTC/USDT';
type Placed = Order & { readonly id: string };
/** createOrder, whose answer has an id. */
const order = async (...args: Parameters<typeof exchange.createOrder>): Promise<Placed> => withId(await exchange.createOrder(...args));
function withId(placed: Order): Placed {
  if (typeof placed.id !== 'string') throw new TypeError('an order without an id');
  return { ...placed, id: placed.id };
}
/** A price that does not trade soon: `pct` below the market, on the tick. */
async function below(pct: number): Promise<number> {
  const { bid } = await exchange.fetchTicker(BTC);
  return Number(exchange.priceToPrecision(BTC, (bid ?? 0) * (1 - pct / 100)));
}

describe('market data', () => {
  it('the markets have their filters and precisions', () => {
    expect(Object.keys(exchange.markets ?? {}).toSorted()).toEqual(['BNB/USDT', 'BTC/USDT', 'ETH/USDT', 'SOL/USDT']);
    const market = exchange.market(BTC);
    expect(market).toMatchObject({ spot: true, active: true, precision: { price: 0.01, amount: 0.00001 } });
    expect(market.limits.cost?.min).toBe(5);
  });

  it('time, book, ticker, trades and candles', async () => {
    expect(Math.abs(((await exchange.fetchTime()) ?? 0) - Date.now())).toBeLessThan(1000);
    const book = await exchange.fetchOrderBook(BTC, 20);
    expect([book.bids.length, book.asks.length]).toEqual([20, 20]);
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    expect((await exchange.fetchTicker(BTC)).last).toBeGreaterThan(0);
    expect(Object.keys(await exchange.fetchTickers())).toHaveLength(4);
    expect((await exchange.fetchBidsAsks([BTC]))[BTC]?.bid).toBeGreaterThan(0);
    expect((await exchange.fetchTrades(BTC, undefined, 10)).length).toBeGreaterThan(0);
    expect((await exchange.fetchOHLCV(BTC, '1m', undefined, 30)).length).toBe(30);
  });
});

describe('trading', () => {
  it('a limit order rests, is found, and is cancelled', async () => {
    const placed = await order(BTC, 'limit', 'buy', 0.001, await below(5), { clientOrderId: 'ccxt-limit-1' });
    expect(placed).toMatchObject({ status: 'open', clientOrderId: 'ccxt-limit-1', filled: 0 });
    expect((await exchange.fetchOrder(placed.id, BTC)).status).toBe('open');
    expect((await exchange.fetchOpenOrders(BTC)).map((order) => order.id)).toEqual([placed.id]);
    expect((await exchange.fetchOpenOrders()).map((order) => order.id)).toEqual([placed.id]);
    expect((await exchange.cancelOrder(placed.id, BTC)).status).toBe('canceled');
    expect((await exchange.fetchOrders(BTC)).at(-1)).toMatchObject({ id: placed.id, status: 'canceled' });
  });

  it('a market order fills, with its fees and trades', async () => {
    const placed = await order(BTC, 'market', 'buy', 0.002);
    expect(placed).toMatchObject({ status: 'closed', filled: 0.002, remaining: 0 });
    const trades = await exchange.fetchMyTrades(BTC);
    const own = trades.filter((trade) => trade.order === placed.id);
    expect(own.reduce((sum, trade) => sum + Number(trade.amount), 0)).toBeCloseTo(0.002, 8);
    expect(own[0]?.fee).toMatchObject({ currency: 'BTC' });
    const byQuote = await exchange.createMarketBuyOrderWithCost(BTC, 100);
    expect(byQuote.status).toBe('closed');
    expect(byQuote.cost).toBeLessThanOrEqual(100);
  });

  it('post-only, IOC and FOK behave as they are called', async () => {
    const { ask } = await exchange.fetchTicker(BTC);
    await expect(exchange.createOrder(BTC, 'limit', 'buy', 0.001, Number(ask) * 1.01, { postOnly: true })).rejects.toThrow(
      ccxt.InvalidOrder,
    );
    const ioc = await exchange.createOrder(BTC, 'limit', 'buy', 0.001, await below(3), { timeInForce: 'IOC' });
    expect([ioc.status, ioc.filled]).toEqual(['expired', 0]);
    const fok = await exchange.createOrder(BTC, 'limit', 'sell', 0.001, await below(1), { timeInForce: 'FOK' });
    expect(fok.status).toBe('closed');
  });

  it('a stop waits for its price, a trailing stop is taken', async () => {
    const stop = await order(BTC, 'STOP_LOSS_LIMIT', 'sell', 0.001, await below(6), { stopPrice: await below(5), timeInForce: 'GTC' });
    expect((await exchange.fetchOrder(stop.id, BTC)).triggerPrice).toBeGreaterThan(0);
    const trailing = await order(BTC, 'STOP_LOSS', 'sell', 0.001, undefined, { trailingDelta: 500 });
    expect(new Set((await exchange.fetchOpenOrders(BTC)).map((open) => open.id))).toEqual(new Set([stop.id, trailing.id]));
    expect(await exchange.cancelAllOrders(BTC)).toHaveLength(2);
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(0);
  });

  it('an OCO through the implicit endpoint', async () => {
    const { last } = await exchange.fetchTicker(BTC);
    const at = (factor: number): string => String(exchange.priceToPrecision(BTC, Number(last) * factor));
    const list = (await exchange.privatePostOrderListOco({
      symbol: 'BTCUSDT', side: 'SELL', quantity: '0.001', aboveType: 'LIMIT_MAKER', abovePrice: at(1.05),
      belowType: 'STOP_LOSS_LIMIT', belowStopPrice: at(0.95), belowPrice: at(0.94), belowTimeInForce: 'GTC',
    })) as { orderListId: string; orders: readonly unknown[] }; // prettier-ignore
    expect(list.orders).toHaveLength(2);
    await exchange.privateDeleteOrderList({ symbol: 'BTCUSDT', orderListId: list.orderListId });
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(0);
  });

  it('OTO and OTOCO with a trailing exit through the implicit endpoints, and cancelOrder of one of them ends the list', async () => {
    const { last } = await exchange.fetchTicker(BTC);
    const at = (factor: number): string => String(exchange.priceToPrecision(BTC, Number(last) * factor));
    const working = {
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: at(0.95),
      workingQuantity: '0.001',
      workingTimeInForce: 'GTC',
    };
    const pending = { symbol: 'BTCUSDT', ...working, pendingSide: 'SELL', pendingQuantity: '0.0009' };
    type List = { readonly orderReports: readonly { readonly orderId: string; readonly status: string }[] };
    const statuses = ({ orderReports }: List): readonly string[] => orderReports.map(({ status }) => status);
    const oto = (await exchange.privatePostOrderListOto({ ...pending, pendingType: 'STOP_LOSS', pendingTrailingDelta: 300 })) as List;
    expect(statuses(oto)).toEqual(['NEW', 'PENDING_NEW']);
    const otoco = (await exchange.privatePostOrderListOtoco({
      ...pending, pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: at(1.05), pendingBelowType: 'STOP_LOSS', pendingBelowTrailingDelta: 300,
    })) as List; // prettier-ignore
    expect(statuses(otoco)).toEqual(['NEW', 'PENDING_NEW', 'PENDING_NEW']);
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(5);
    await exchange.cancelOrder(oto.orderReports[1]?.orderId ?? '', BTC);
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(3);
    expect(await exchange.cancelAllOrders(BTC)).toHaveLength(1); // one list
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(0);
  });

  it('an attached stopLoss object reaches the venue as a parameter that nobody reads: it protects nothing (BINANCE 7)', async () => {
    const stopLoss = { triggerPrice: await below(8) };
    await expect(exchange.createOrder(BTC, 'limit', 'buy', 0.001, await below(5), { stopLoss })).rejects.toThrow('-1104');
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(0);
  });

  it('editOrder goes through cancelReplace', async () => {
    const placed = await order(BTC, 'limit', 'buy', 0.001, await below(5));
    const edited = await exchange.editOrder(placed.id, BTC, 'limit', 'buy', 0.002, await below(6));
    expect(edited.id).not.toBe(placed.id);
    expect((await exchange.fetchOpenOrders(BTC)).map((order) => [order.id, order.amount])).toEqual([[edited.id, 0.002]]);
    await exchange.cancelAllOrders(BTC);
  });

  it('errors come as ccxt classes by their codes', async () => {
    const price = await below(5);
    await expect(exchange.createOrder(BTC, 'limit', 'buy', 10, price)).rejects.toThrow(ccxt.InsufficientFunds);
    await expect(exchange.fetchOrder('999999999', BTC)).rejects.toThrow(ccxt.OrderNotFound);
    await expect(exchange.cancelOrder('999999999', BTC)).rejects.toThrow(ccxt.OrderNotFound);
  });

  it('balance, fees and key permissions', async () => {
    const balance = await exchange.fetchBalance();
    expect(balance['USDT']?.free).toBeGreaterThan(0);
    const { account } = await practice.state();
    for (const { asset, free } of account.balances) expect(balance[asset]?.free ?? 0).toBe(Number(free));
    expect(await exchange.privateGetAccountCommission({ symbol: 'BTCUSDT' })).toMatchObject({ symbol: 'BTCUSDT' });
    expect(await exchange.sapiGetAccountApiRestrictions()).toMatchObject({ enableWithdrawals: false });
  });
});

describe('ccxt.pro', () => {
  it('watches tickers, quotes, trades, candles and the book, which equals the one by REST', async () => {
    expect((await exchange.watchTicker(BTC)).last).toBeGreaterThan(0);
    expect((await exchange.watchBidsAsks([BTC]))[BTC]?.ask).toBeGreaterThan(0);
    expect((await exchange.watchTrades(BTC)).length).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV(BTC, '1m')).length).toBeGreaterThan(0);
    const book = await exchange.watchOrderBook(BTC);
    for (let update = 0; update < 5; update++) await exchange.watchOrderBook(BTC);
    await practice.perform({ op: 'pauseFeed', on: true });
    const truth = await exchange.fetchOrderBook(BTC, 10);
    while (Number(book.nonce) < Number(truth.nonce)) await new Promise(setImmediate); // ccxt keeps this very object up to date
    const top = (levels: readonly (readonly unknown[])[]): unknown => levels.slice(0, 10).map((level) => level.slice(0, 2));
    expect([top(book.bids), top(book.asks)]).toEqual([truth.bids, truth.asks]);
    await practice.heal();
  });

  it('watches its orders, trades and balance on the WS-API user stream', async () => {
    let heard = false;
    const watched = Promise.all([closedOrder(), exchange.watchMyTrades(BTC), exchange.watchBalance()]);
    void watched.finally(() => (heard = true));
    const placed: string[] = [];
    while (!heard) placed.push((await order(BTC, 'market', 'sell', 0.001)).id); // until the subscription stands
    const [closed, trades, balance] = await watched;
    expect(placed).toContain(closed.id);
    expect(placed).toContain(trades[0]?.order);
    expect(balance['BTC']?.free).toBeGreaterThan(0);
  });

  it('places, queries and cancels over the WS-API', async () => {
    const placed = withId(await exchange.createOrderWs(BTC, 'limit', 'buy', 0.001, await below(5)));
    expect((await exchange.fetchOrderWs(placed.id, BTC)).status).toBe('open');
    expect((await exchange.cancelOrderWs(placed.id, BTC)).status).toBe('canceled');
    await exchange.createOrderWs(BTC, 'limit', 'buy', 0.001, await below(5));
    expect(await exchange.cancelAllOrdersWs(BTC)).toHaveLength(1);
    expect(await exchange.fetchOpenOrdersWs(BTC)).toHaveLength(0);
    expect((await exchange.fetchBalanceWs())['info']).toMatchObject({ accountType: 'SPOT' });
  });

  async function closedOrder(): Promise<Order> {
    for (;;) {
      const found = (await exchange.watchOrders(BTC)).find((order) => order.status === 'closed');
      if (found !== undefined) return found;
    }
  }
});

it('the exchange met no exception of its own in all this', async () => {
  expect((await practice.state()).internalErrors).toEqual([]);
});
