// B1, B5 over real sockets: order lists, trailing stops and cancel-replace through the venue's own requests (BINANCE 7).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListOutcome, VenueOrder, WireList } from '../../src-main/venue/port.ts';
import {
  approved,
  BTC,
  markedAgain,
  nextId,
  ocoFor,
  optionsFor,
  otocoFor,
  otoFor,
  priceAt,
  sleep,
  startBench,
  text,
  venueFor,
  type Bench,
} from './venue-harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ eventsPerSecond: 40 });
  await bench.practice.perform({ op: 'addAccount', id: 'other', balances: { USDT: '1000000', BTC: '100000' } });
});
afterAll(() => bench.close());

const ordersOf = (outcome: ListOutcome): readonly VenueOrder[] => {
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome.orders;
};
const idsOf = (list: WireList): readonly string[] => list.orders.map(({ clientOrderId }) => clientOrderId);
const statesOf = async (list: WireList): Promise<readonly string[]> =>
  Promise.all(
    list.orders.map(async ({ clientOrderId }) => {
      const found = await bench.venue.queryOrder(BTC, clientOrderId);
      return found.kind === 'found' ? found.order.status : found.kind;
    }),
  );

describe('order lists', () => {
  it('an OCO is accepted whole, its orders in their places and under their own ids', async () => {
    const list = await ocoFor(bench.practice);
    const orders = ordersOf(await bench.venue.submitList(list));
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(idsOf(list));
    expect(orders.map(({ venueType, status }) => [venueType, status])).toEqual([
      ['STOP_LOSS', 'NEW'],
      ['LIMIT_MAKER', 'NEW'],
    ]);
    const [stop, limit] = orders;
    expect(stop?.venueListId).toBe(limit?.venueListId);
    expect(stop?.venueListId).toMatch(/^\d+$/);
    for (const id of idsOf(list)) await bench.log.until('execution', ({ report }) => report.clientOrderId === id);
    expect(await bench.venue.cancel(BTC, list.orders[0]!.clientOrderId, 'normal')).toMatchObject({ kind: 'canceled' });
  });

  it('cancelling one order of a list names every order that went with it', async () => {
    const list = await ocoFor(bench.practice);
    await bench.venue.submitList(list);
    const outcome = await bench.venue.cancel(BTC, list.orders[1]!.clientOrderId, 'normal');
    if (outcome.kind !== 'canceled') throw new Error(JSON.stringify(outcome));
    expect(outcome.orders.map(({ clientOrderId, status }) => [clientOrderId, status])).toEqual(idsOf(list).map((id) => [id, 'CANCELED']));
    expect(await statesOf(list)).toEqual(['CANCELED', 'CANCELED']);
  });

  it('the exits of an OTOCO wait for the entry, and come to life when it is filled', async () => {
    const list = await otocoFor(bench.practice);
    expect(ordersOf(await bench.venue.submitList(list)).map(({ status }) => status)).toEqual(['NEW', 'PENDING_NEW', 'PENDING_NEW']);
    const from = bench.log.events.length;
    const price = String(list.orders[0]!.price);
    const order = { symbol: BTC, side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', quantity: '150', price } as const;
    await bench.practice.perform({ op: 'placeOrder', account: 'other', order }); // takes every bid down to the entry, and the entry
    for (const { clientOrderId, role } of list.orders) {
      const wanted = role === 'entry' ? 'FILLED' : 'NEW';
      await bench.log.until('execution', ({ report }) => report.clientOrderId === clientOrderId && report.order.status === wanted, from);
    }
    expect(await statesOf(list)).toEqual(['FILLED', 'NEW', 'NEW']);
    const open = await bench.venue.cancelAll(BTC, 'emergency');
    expect(open.kind === 'canceled' && open.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(idsOf(list).slice(1));
    await bench.practice.perform({ op: 'cancelAll', account: 'other', symbol: BTC }).catch(() => undefined); // all of it filled: fine
  });

  it('an entry that fills at once is FILLED in the answer, its exit still pending there and live a moment later', async () => {
    const list = await otoFor(bench.practice, { price: await priceAt(bench.practice, 20) });
    const from = bench.log.events.length;
    const orders = ordersOf(await bench.venue.submitList(list));
    expect(orders.map(({ status }) => status)).toEqual(['FILLED', 'PENDING_NEW']);
    expect(orders[1]).toMatchObject({ trailingDeltaBps: 100, stopPrice: expect.stringMatching(/^0/) as string });
    const [, exit] = idsOf(list);
    await bench.log.until('execution', ({ report }) => report.clientOrderId === exit && report.order.status === 'NEW', from);
    expect(await statesOf(list)).toEqual(['FILLED', 'NEW']);
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('a list that the venue refuses leaves nothing behind: rejected with proof', async () => {
    const list = await ocoFor(bench.practice, { stopPrice: await priceAt(bench.practice, 3) });
    expect(await bench.venue.submitList(list)).toMatchObject({ kind: 'rejected', code: -2010, sent: true });
    expect(await statesOf(list)).toEqual(['absent', 'absent']);
  });

  it('"Duplicate order sent" is the list that got through (B8)', async () => {
    const list = await ocoFor(bench.practice);
    const first = ordersOf(await bench.venue.submitList(list));
    expect(ordersOf(await bench.venue.submitList(markedAgain(list))).map(({ venueOrderId }) => venueOrderId)).toEqual(
      first.map(({ venueOrderId }) => venueOrderId),
    );
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('a list without the mark of the gate never leaves, and a mark works once', async () => {
    const list = await ocoFor(bench.practice);
    await expect(bench.venue.submitList({ ...list } as typeof list)).rejects.toThrow('mark of the gate');
    await bench.venue.submitList(list);
    await expect(bench.venue.submitList(list)).rejects.toThrow('mark of the gate');
    await bench.venue.cancelAll(BTC, 'normal');
  });
});

describe('conditional orders', () => {
  it.each([
    ['a stop loss', { side: 'SELL', type: 'STOP_LOSS' }, -5, null],
    ['a stop loss limit', { side: 'SELL', type: 'STOP_LOSS_LIMIT' }, -5, -6],
    ['a take profit', { side: 'SELL', type: 'TAKE_PROFIT' }, 5, null],
    ['a take profit limit', { side: 'BUY', type: 'TAKE_PROFIT_LIMIT' }, -5, -5],
  ] as const)('%s rests until its price is there', async (_what, fields, stopPct, pricePct) => {
    const stopPrice = await priceAt(bench.practice, stopPct);
    const priced = pricePct === null ? {} : { price: await priceAt(bench.practice, pricePct) };
    const outcome = await bench.venue.submit(approved({ ...fields, ...priced, stopPrice }));
    expect(outcome).toMatchObject({ kind: 'accepted', order: { status: 'NEW', venueType: fields.type } });
    expect(outcome.kind === 'accepted' && Number(outcome.order.stopPrice)).toBe(Number(stopPrice));
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('a trailing stop needs no stop price, and is told with its distance by answer, report and query', async () => {
    const order = approved({ side: 'SELL', type: 'STOP_LOSS', trailingDeltaBps: 150, reduceOnly: true });
    const outcome = await bench.venue.submit(order);
    expect(outcome).toMatchObject({ kind: 'accepted', order: { trailingDeltaBps: 150, status: 'NEW', venueListId: null } });
    const { report } = await bench.log.until('execution', (event) => event.report.clientOrderId === order.clientOrderId);
    expect(report.order.trailingDeltaBps).toBe(150);
    expect(await bench.venue.queryOrder(BTC, order.clientOrderId)).toMatchObject({ kind: 'found', order: { trailingDeltaBps: 150 } });
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('a stop that its price has passed already is rejected in the words of the venue', async () => {
    const stopPrice = await priceAt(bench.practice, 5);
    expect(await bench.venue.submit(approved({ side: 'SELL', type: 'STOP_LOSS', stopPrice }))).toMatchObject({
      kind: 'rejected',
      code: -2010,
      text: 'Order would trigger immediately.',
    });
  });
});

describe('cancel-replace', () => {
  it('cancels the one and places the other, and the stream reports both', async () => {
    const [old, next] = [approved(), approved({ price: text('31000') })];
    await bench.venue.submit(old);
    const from = bench.log.events.length;
    expect(await bench.venue.replace(next, old.clientOrderId)).toMatchObject({
      canceled: { kind: 'canceled', orders: [{ clientOrderId: old.clientOrderId, status: 'CANCELED' }] },
      placed: { kind: 'accepted', order: { clientOrderId: next.clientOrderId, status: 'NEW' }, fills: [] },
    });
    const reported = (id: string, status: string) =>
      bench.log.until('execution', ({ report }) => report.clientOrderId === id && report.order.status === status, from);
    await Promise.all([reported(old.clientOrderId, 'CANCELED'), reported(next.clientOrderId, 'NEW')]);
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('an order that is not open any more: nothing is placed in its stead', async () => {
    const next = approved();
    expect(await bench.venue.replace(next, nextId())).toMatchObject({
      canceled: { kind: 'not-open' },
      placed: { kind: 'rejected', sent: true, text: expect.stringContaining('was not placed') as string },
    });
    expect(await bench.venue.queryOrder(BTC, next.clientOrderId)).toEqual({ kind: 'absent' });
  });

  it('cancelled, and its replacement refused: each half is told by itself', async () => {
    const old = approved();
    await bench.venue.submit(old);
    const crossing = approved({ price: await priceAt(bench.practice, 5), timeInForce: 'POST_ONLY' });
    expect(await bench.venue.replace(crossing, old.clientOrderId)).toMatchObject({
      canceled: { kind: 'canceled' },
      placed: { kind: 'rejected', code: -2010, text: 'Order would immediately match and take.', sent: true },
    });
    expect(await bench.venue.queryOrder(BTC, old.clientOrderId)).toMatchObject({ order: { status: 'CANCELED' } });
  });

  it('a replacement that no filter would pass cancels nothing: filters come before the cancel', async () => {
    const old = approved();
    await bench.venue.submit(old);
    expect(await bench.venue.replace(approved({ price: text('30000.001') }), old.clientOrderId)).toMatchObject({
      canceled: { kind: 'failed', failure: { kind: 'refused', code: -1013 } },
      placed: { kind: 'rejected', code: -1013, sent: true },
    });
    expect(await bench.venue.queryOrder(BTC, old.clientOrderId)).toMatchObject({ order: { status: 'NEW' } });
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('one leg replaced takes its whole list with it', async () => {
    const list = await ocoFor(bench.practice);
    await bench.venue.submitList(list);
    const stopPrice = await priceAt(bench.practice, -6);
    const next = approved({ side: 'SELL', type: 'STOP_LOSS', stopPrice, reduceOnly: true });
    const outcome = await bench.venue.replace(next, list.orders[0]!.clientOrderId);
    expect(outcome.placed).toMatchObject({ kind: 'accepted', order: { status: 'NEW' } });
    const { canceled } = outcome;
    expect(canceled.kind === 'canceled' && canceled.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(idsOf(list));
    await bench.venue.cancelAll(BTC, 'normal');
  });

  it('without the mark of the gate it never leaves', async () => {
    const order = approved();
    await expect(bench.venue.replace({ ...order } as typeof order, nextId())).rejects.toThrow('mark of the gate');
  });
});

describe('what is on the wire', () => {
  it('holds the parameters that rest-api.md names and nothing else: no attached stopLoss or takeProfit of ccxt’s (BINANCE 7)', async () => {
    const seen = new Map<string, string[]>();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://localhost');
        const params = new URLSearchParams(url.search === '' ? Buffer.concat(chunks).toString() : url.search);
        seen.set(url.pathname.replace('/api/v3/', ''), [...params.keys()]);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { addresses } = optionsFor(bench.practice);
    const venue = await venueFor(bench.practice, { addresses: { ...addresses, restUrl: `http://127.0.0.1:${port}` } });
    await venue.submit(approved({ side: 'SELL', type: 'STOP_LOSS_LIMIT', price: text('29000'), stopPrice: text('30000') }));
    await venue.submitList(await ocoFor(bench.practice));
    await venue.submitList(await otoFor(bench.practice));
    await venue.submitList(await otocoFor(bench.practice));
    await venue.replace(approved(), nextId());
    await venue.close();
    server.close();
    const signed = ['timestamp', 'recvWindow', 'signature'];
    const single = ['symbol', 'side', 'type', 'quantity', 'price', 'timeInForce', 'newClientOrderId', 'newOrderRespType'];
    const list = ['symbol', 'listClientOrderId', 'newOrderRespType'];
    const working = ['workingType', 'workingSide', 'workingQuantity', 'workingPrice', 'workingTimeInForce', 'workingClientOrderId'];
    expect(Object.fromEntries([...seen].map(([path, names]) => [path, new Set(names)]))).toEqual({
      order: new Set([...single, 'stopPrice', ...signed]),
      'order/cancelReplace': new Set([...single, 'cancelReplaceMode', 'cancelRestrictions', 'cancelOrigClientOrderId', ...signed]),
      'orderList/oco': new Set([
        ...list, 'side', 'quantity', 'aboveType', 'abovePrice', 'aboveClientOrderId', 'belowType', 'belowStopPrice', 'belowClientOrderId', ...signed,
      ]),
      'orderList/oto': new Set([
        ...list, ...working, 'pendingType', 'pendingSide', 'pendingQuantity', 'pendingTrailingDelta', 'pendingClientOrderId', ...signed,
      ]),
      'orderList/otoco': new Set([
        ...list, ...working, 'pendingSide', 'pendingQuantity', 'pendingAboveType', 'pendingAbovePrice', 'pendingAboveClientOrderId',
        'pendingBelowType', 'pendingBelowStopPrice', 'pendingBelowClientOrderId', ...signed,
      ]),
    }); // prettier-ignore
  });
});

describe('the stream', () => {
  const REPORTS = { channel: 'user', event: 'executionReport' } as const;
  const DUE_MS = 800;

  it.each([
    [
      'a list',
      async (own: Bench): Promise<void> => {
        await own.venue.submitList(await ocoFor(own.practice));
      },
    ],
    [
      'a replacement',
      async (own: Bench): Promise<void> => {
        const old = approved();
        await own.venue.submit(old);
        await own.venue.replace(approved(), old.clientOrderId);
      },
    ],
  ] as const)('that does not report %s which the venue accepted is dead, and dialled again', async (_what, send) => {
    const own = await startBench({}, { timings: { reportDueMs: DUE_MS } });
    await own.practice.addFault({ match: REPORTS, action: { type: 'swallow' } });
    const from = own.log.events.length;
    await send(own);
    expect((await own.log.stream('user', 'down', from)).text).toContain('did not report');
    await own.log.stream('user', 'live', from);
    await own.close();
  });

  it('need not report exits that wait for their entry', async () => {
    const own = await startBench({}, { timings: { reportDueMs: DUE_MS } });
    await own.practice.addFault({ match: REPORTS, action: { type: 'swallow' }, skip: 1, times: 2 });
    const list = await otocoFor(own.practice);
    await own.venue.submitList(list);
    await own.log.until('execution', ({ report }) => report.clientOrderId === list.orders[0]!.clientOrderId);
    await sleep(1.5 * DUE_MS); // what must not happen has had its time
    expect(own.log.of('stream').filter(({ status }) => status === 'down')).toEqual([]);
    await own.close();
  });

  it('that repeats and reorders the reports of a list is passed on as it came: the engine decides (B2)', async () => {
    const from = bench.log.events.length;
    await bench.practice.addFault({ match: REPORTS, action: { type: 'duplicate' }, times: 1 });
    await bench.practice.addFault({ match: REPORTS, action: { type: 'reorder' }, skip: 1, times: 1 });
    const list = await ocoFor(bench.practice);
    await bench.venue.submitList(list);
    const reports = (): string[] =>
      bench.log.events.slice(from).flatMap((event) => (event.kind === 'execution' ? [event.report.clientOrderId] : []));
    await expect.poll(() => reports().length).toBe(3);
    expect(new Set(reports())).toEqual(new Set(idsOf(list)));
    await bench.practice.heal();
    await bench.venue.cancelAll(BTC, 'normal');
  });
});

it('the exchange met no exception of its own in all this', async () => {
  expect((await bench.practice.state()).internalErrors).toEqual([]);
});
