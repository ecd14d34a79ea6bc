// A full trading session of Binance's official client (@binance/spot) against the practice exchange, with an Ed25519 key and with HMAC.
// The exchange knows nothing of it; the client insists on TLS, so a door that only encrypts stands between them.
import { Spot, SpotRestAPI, SpotWebsocketAPI, SpotWebsocketStreams } from '@binance/spot';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { openTlsDoor, type TlsDoor } from './practice-tls.ts';

let practice: PracticeHandle;
let door: TlsDoor;
let hmacClient: Spot;
let ed25519Client: Spot;

beforeAll(async () => {
  practice = await startPractice({ seed: 9, eventsPerSecond: 100, balances: { USDT: '100000', BTC: '2', BNB: '10' } });
  door = await openTlsDoor(practice.restUrl);
  hmacClient = clientWith({ apiKey: practice.key.apiKey, apiSecret: practice.key.secret });
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const secret = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const apiKey = (await practice.perform({ op: 'addKey', kind: 'ED25519', secret })) as string;
  ed25519Client = clientWith({ apiKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
});
afterAll(async () => {
  await door.close();
  await practice.close();
});

function clientWith(key: { apiKey: string; apiSecret?: string; privateKey?: string }): Spot {
  const socket = { compression: false, agent: door.agent, reconnectDelay: 100 };
  return new Spot({
    configurationRestAPI: { ...key, basePath: `https://${door.host}`, httpsAgent: door.agent, timeout: 5000, retries: 0 },
    configurationWebsocketAPI: { ...key, ...socket, wsURL: `wss://${door.host}/ws-api/v3` },
    configurationWebsocketStreams: { ...socket, wsURL: `wss://${door.host}` },
  });
}

const symbol = 'BTCUSDT';
const { NewOrderSideEnum: Side, NewOrderTypeEnum: Type, NewOrderTimeInForceEnum: Tif } = SpotRestAPI;

describe.each([
  ['HMAC', () => hmacClient],
  ['Ed25519', () => ed25519Client],
] as const)('REST with %s', (_kind, which) => {
  const price = async (pct: number): Promise<number> => {
    const ticker = (await (await which().restAPI.tickerPrice({ symbol })).data()) as { price?: string };
    return Math.round(Number(ticker.price) * (1 - pct / 100));
  };

  it('information and market data', async () => {
    const api = which().restAPI;
    const info = await (await api.exchangeInfo({ symbol })).data();
    expect(info.symbols?.[0]).toMatchObject({ symbol, status: 'TRADING', baseAsset: 'BTC' });
    expect((await (await api.time()).data()).serverTime).toBeGreaterThan(0);
    expect((await (await api.depth({ symbol, limit: 5 })).data()).bids).toHaveLength(5);
    expect(await (await api.klines({ symbol, interval: SpotRestAPI.KlinesIntervalEnum.INTERVAL_1m, limit: 5 })).data()).toHaveLength(5);
    expect((await (await api.getTrades({ symbol, limit: 3 })).data()).length).toBeGreaterThan(0);
    expect(await (await api.avgPrice({ symbol })).data()).toMatchObject({ mins: 5 });
  });

  it('limit order: placed, queried, listed, cancelled', async () => {
    const api = which().restAPI;
    const order = { symbol, side: Side.BUY, type: Type.LIMIT, timeInForce: Tif.GTC, quantity: 0.001, price: await price(5) };
    const placed = await (await api.newOrder({ ...order, newClientOrderId: `official-${Date.now()}` })).data();
    expect(placed).toMatchObject({ symbol, status: 'NEW' });
    const orderId = Number(placed.orderId);
    expect(await (await api.getOrder({ symbol, orderId })).data()).toMatchObject({ orderId, isWorking: true });
    expect(await (await api.getOpenOrders({ symbol })).data()).toHaveLength(1);
    expect(await (await api.deleteOrder({ symbol, orderId })).data()).toMatchObject({ orderId, status: 'CANCELED' });
    expect(await (await api.getOpenOrders({ symbol })).data()).toHaveLength(0);
  });

  it('market order, stop and OCO; cancelled together', async () => {
    const api = which().restAPI;
    const market = await (await api.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quantity: 0.002 })).data();
    expect(market.status).toBe('FILLED');
    expect(market.fills?.length).toBeGreaterThan(0);
    await api.newOrder({
      symbol,
      side: Side.SELL,
      type: Type.STOP_LOSS_LIMIT,
      timeInForce: Tif.GTC,
      quantity: 0.001,
      stopPrice: await price(5),
      price: await price(6),
    });
    const oco = await (
      await api.orderListOco({
        symbol,
        side: SpotRestAPI.OrderListOcoSideEnum.SELL,
        quantity: 0.001,
        aboveType: SpotRestAPI.OrderListOcoAboveTypeEnum.LIMIT_MAKER,
        abovePrice: await price(-5),
        belowType: SpotRestAPI.OrderListOcoBelowTypeEnum.STOP_LOSS,
        belowStopPrice: await price(5),
      })
    ).data();
    expect(oco).toMatchObject({ contingencyType: 'OCO', listOrderStatus: 'EXECUTING' });
    expect(await (await api.getOpenOrders({ symbol })).data()).toHaveLength(3);
    expect(await (await api.deleteOpenOrders({ symbol })).data()).toHaveLength(2);
    expect(await (await api.getOpenOrders({ symbol })).data()).toHaveLength(0);
  });

  it('OTO, OTOCO, a trailing stop and its replacement', async () => {
    const api = which().restAPI;
    const at = await price(5);
    const entry = { symbol, workingPrice: at, workingQuantity: 0.001, pendingQuantity: 0.0009 };
    const oto = await api.orderListOto({
      ...entry,
      workingType: SpotRestAPI.OrderListOtoWorkingTypeEnum.LIMIT,
      workingSide: SpotRestAPI.OrderListOtoWorkingSideEnum.BUY,
      workingTimeInForce: SpotRestAPI.OrderListOtoWorkingTimeInForceEnum.GTC,
      pendingType: SpotRestAPI.OrderListOtoPendingTypeEnum.STOP_LOSS,
      pendingSide: SpotRestAPI.OrderListOtoPendingSideEnum.SELL,
      pendingStopPrice: await price(8),
    });
    expect((await oto.data()).orderReports?.map(({ status }) => status)).toEqual(['NEW', 'PENDING_NEW']);
    const otoco = await api.orderListOtoco({
      ...entry,
      workingType: SpotRestAPI.OrderListOtocoWorkingTypeEnum.LIMIT_MAKER,
      workingSide: SpotRestAPI.OrderListOtocoWorkingSideEnum.BUY,
      pendingSide: SpotRestAPI.OrderListOtocoPendingSideEnum.SELL,
      pendingAboveType: SpotRestAPI.OrderListOtocoPendingAboveTypeEnum.LIMIT_MAKER,
      pendingAbovePrice: await price(-5),
      pendingBelowType: SpotRestAPI.OrderListOtocoPendingBelowTypeEnum.STOP_LOSS,
      pendingBelowTrailingDelta: 300,
    });
    expect((await otoco.data()).orderReports?.map(({ status }) => status)).toEqual(['NEW', 'PENDING_NEW', 'PENDING_NEW']);
    const trailing = { symbol, side: Side.SELL, type: Type.STOP_LOSS, quantity: 0.001 };
    const stop = await (await api.newOrder({ ...trailing, trailingDelta: 200 })).data();
    const replaced = await api.orderCancelReplace({
      symbol,
      side: SpotRestAPI.OrderCancelReplaceSideEnum.SELL,
      type: SpotRestAPI.OrderCancelReplaceTypeEnum.STOP_LOSS,
      quantity: 0.001,
      trailingDelta: 300,
      cancelReplaceMode: SpotRestAPI.OrderCancelReplaceCancelReplaceModeEnum.STOP_ON_FAILURE,
      cancelOrderId: Number(stop.orderId),
    });
    expect(await replaced.data()).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    expect(await (await api.deleteOpenOrders({ symbol })).data()).toHaveLength(3);
  });

  it('account, trades, commission, order counts', async () => {
    const api = which().restAPI;
    const account = await (await api.getAccount({ omitZeroBalances: true })).data();
    expect(account.balances?.map((each) => each.asset).toSorted()).toEqual(['BNB', 'BTC', 'USDT']);
    expect((await (await api.myTrades({ symbol })).data()).length).toBeGreaterThan(0);
    expect((await (await api.allOrders({ symbol })).data()).length).toBeGreaterThanOrEqual(4);
    expect(await (await api.accountCommission({ symbol })).data()).toMatchObject({ symbol, discount: { discountAsset: 'BNB' } });
    expect(await (await api.rateLimitOrder()).data()).toHaveLength(2);
    const { OrderTestSideEnum, OrderTestTypeEnum } = SpotRestAPI;
    const tested = await api.orderTest({ symbol, side: OrderTestSideEnum.BUY, type: OrderTestTypeEnum.MARKET, quantity: 0.001 });
    expect(await tested.data()).toEqual({});
  });

  it('refusals arrive as errors with Binance’s code', async () => {
    const order = { symbol, side: Side.BUY, type: Type.LIMIT, timeInForce: Tif.GTC, quantity: 10, price: await price(1) };
    await expect(which().restAPI.newOrder(order)).rejects.toMatchObject({
      message: 'Account has insufficient balance for requested action.',
    });
    await expect(which().restAPI.deleteOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ message: 'Unknown order sent.' });
  });
});

describe.each([
  ['HMAC, by signature', () => hmacClient, false],
  ['Ed25519, by session', () => ed25519Client, true],
] as const)('WS-API with %s', (_kind, which, session) => {
  it('trades and hears its own reports on the user data stream', async () => {
    const connection = await which().websocketAPI.connect();
    const events: Record<string, unknown>[] = [];
    if (session) {
      const answers = await connection.sessionLogon();
      expect(JSON.stringify(answers)).toContain('authorizedSince');
    }
    const { stream } = session ? await connection.userDataStreamSubscribe() : await connection.userDataStreamSubscribeSignature();
    stream.on('message', (event: unknown) => void events.push(event as Record<string, unknown>));
    const place = { symbol, side: SpotWebsocketAPI.OrderPlaceSideEnum.BUY, quantity: 0.001 };
    const market = await connection.orderPlace({ ...place, type: SpotWebsocketAPI.OrderPlaceTypeEnum.MARKET });
    expect(market.data).toMatchObject({ status: 'FILLED' });
    const { orderId } = market.data as { orderId: number };
    const last = (await connection.tickerPrice({ symbol })).data as { price?: string };
    const limit = await connection.orderPlace({
      ...place,
      type: SpotWebsocketAPI.OrderPlaceTypeEnum.LIMIT,
      timeInForce: SpotWebsocketAPI.OrderPlaceTimeInForceEnum.GTC,
      price: Math.round(Number(last.price) * 0.95),
    });
    expect(limit.rateLimits?.map((each) => each.rateLimitType)).toEqual(['ORDERS', 'ORDERS', 'REQUEST_WEIGHT']);
    const restingId = (limit.data as { orderId: number }).orderId;
    expect((await connection.orderStatus({ symbol, orderId: restingId })).data).toMatchObject({ status: 'NEW' });
    expect((await connection.openOrdersCancelAll({ symbol })).data).toHaveLength(1);
    const states = (id: number): readonly unknown[] =>
      events.filter((each) => each['e'] === 'executionReport' && Number(each['i']) === id).map((each) => each['X']);
    while (!states(restingId).includes('CANCELED')) await new Promise(setImmediate);
    expect(states(orderId).at(-1)).toBe('FILLED');
    expect(states(restingId)).toEqual(['NEW', 'CANCELED']);
    expect(events.some((each) => each['e'] === 'outboundAccountPosition')).toBe(true);
    await connection.disconnect();
  });
});

describe('market streams', () => {
  it('quotes, trades, depth and candles', async () => {
    const connection = await hmacClient.websocketStreams.connect();
    const heard = new Map<string, unknown>();
    const hear =
      (name: string) =>
      (message: unknown): void =>
        void heard.set(name, message);
    connection.bookTicker({ symbol: 'btcusdt' }).on('message', hear('bookTicker'));
    connection.trade({ symbol: 'btcusdt' }).on('message', hear('trade'));
    connection
      .diffBookDepth({ symbol: 'btcusdt', updateSpeed: SpotWebsocketStreams.DiffBookDepthUpdateSpeedEnum.UPDATE_SPEED_100ms })
      .on('message', hear('depthUpdate'));
    connection.kline({ symbol: 'btcusdt', interval: SpotWebsocketStreams.KlineIntervalEnum.INTERVAL_1s }).on('message', hear('kline'));
    while (heard.size < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(heard.get('bookTicker')).toMatchObject({ s: 'BTCUSDT' });
    expect(heard.get('trade')).toMatchObject({ e: 'trade' });
    expect(heard.get('depthUpdate')).toMatchObject({ e: 'depthUpdate' });
    expect(heard.get('kline')).toMatchObject({ e: 'kline' });
    await connection.disconnect();
  });
});

it('the exchange met no exception of its own in all this', async () => {
  expect((await practice.state()).internalErrors).toEqual([]);
});
