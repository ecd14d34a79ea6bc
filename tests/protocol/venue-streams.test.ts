// Streams over real sockets through everything that ends or mutes them: no report is lost silently, no loss goes unsaid (C11), and
// nothing secret is told (Q12).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import { approved, BTC, ETH, Log, sleep, startBench, text, venueFor, type Bench } from './venue-harness.ts';

describe('on a good connection', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ eventsPerSecond: 200 });
  });
  afterEach(() => bench.close());

  it('quotes and trades of all symbols stream, depth and candles only of the one on screen', async () => {
    for (const symbol of [BTC, ETH]) {
      await bench.log.until('quote', (event) => event.symbol === symbol);
      await bench.log.until('trade', (event) => event.symbol === symbol);
    }
    expect([bench.log.of('depth').length, bench.log.of('candle').length]).toEqual([0, 0]);
    bench.venue.show(ETH, '1m');
    const { depth } = await bench.log.until('depth', (event) => event.depth.symbol === ETH);
    expect(depth.bids.length).toBeGreaterThan(0);
    await bench.log.until('candle', ({ candle }) => candle.symbol === ETH && candle.interval === '1m');
    bench.venue.show(BTC, '5m');
    bench.venue.show(BTC, '1m'); // wishes are gathered: five frames a second at most
    await bench.log.until('depth', (event) => event.depth.symbol === BTC);
    await bench.log.until('candle', ({ candle }) => candle.symbol === BTC && candle.interval === '1m');
    bench.venue.show(null, '1m');
    const from = bench.log.events.length;
    await sleep(1500); // a second after the unsubscription nothing of it may come
    const late = bench.log.events.slice(from + Math.floor((bench.log.events.length - from) * 0.7));
    expect(late.filter(({ kind }) => kind === 'depth')).toEqual([]);
    expect(bench.log.of('stream').filter(({ status }) => status === 'down')).toEqual([]);
  });

  it('a wish for the screen that comes before the stream is live is granted too', async () => {
    const log = new Log();
    const venue = await venueFor(bench.practice);
    const connecting = venue.connect(log.listen);
    await log.until('clock');
    await sleep(5); // somewhere within the handshake
    venue.show(BTC, '1m');
    expect((await connecting).ok).toBe(true);
    expect((await log.until('depth')).depth.symbol).toBe(BTC);
    await venue.close();
  });

  it('every execution report is told, in order, none merged (B2)', async () => {
    const orders = Array.from({ length: 40 }, () => approved());
    await Promise.all(orders.map((order) => bench.venue.submit(order)));
    await bench.venue.cancelAll(BTC, 'normal');
    const last = (): number => bench.log.of('execution').filter(({ report }) => report.execution === 'CANCELED').length;
    await bench.log.until('execution', () => last() === orders.length);
    for (const { clientOrderId } of orders) {
      const life = bench.log.of('execution').filter(({ report }) => report.clientOrderId === clientOrderId);
      expect(life.map(({ report }) => report.execution)).toEqual(['NEW', 'CANCELED']);
    }
  });

  it('what the venue repeats or reorders is passed on as it came: the engine decides (B2)', async () => {
    await bench.practice.addFault({
      match: { channel: 'user', event: 'executionReport' },
      action: { type: 'duplicate', copies: 2 },
      times: 1,
    });
    const twice = approved();
    await bench.venue.submit(twice);
    const copies = (id: string) => bench.log.of('execution').filter(({ report }) => report.clientOrderId === id).map(({ report }) => report.execution); // prettier-ignore
    await bench.log.until('execution', () => copies(twice.clientOrderId).length === 3);
    await bench.practice.addFault({ match: { channel: 'user', event: 'executionReport' }, action: { type: 'reorder' }, times: 1 });
    const swapped = approved({ type: 'MARKET' });
    await bench.venue.submit(swapped);
    await bench.log.until('execution', () => copies(swapped.clientOrderId).length >= 2);
    expect(copies(swapped.clientOrderId)).toEqual(expect.arrayContaining(['NEW', 'TRADE']));
  });

  it('deposits are told as moves', async () => {
    await bench.practice.perform({ op: 'deposit', account: 'main', asset: 'USDT', amount: '12.5' });
    const moved = await bench.log.until('balance-moved');
    expect([moved.asset, moved.delta]).toEqual(['USDT', '12.50000000']);
  });

  it('signs of life come at most once a second for each stream, pongs included', async () => {
    const from = bench.log.events.length;
    const startedMs = performance.now();
    await sleep(2500);
    const seconds = Math.ceil((performance.now() - startedMs) / 1000) + 1;
    for (const stream of ['market', 'user'] as const) {
      const signs = bench.log.events.slice(from).filter((event) => event.kind === 'alive' && event.stream === stream).length;
      expect(signs).toBeGreaterThan(0);
      expect(signs).toBeLessThanOrEqual(seconds);
    }
  });
});

describe('when a stream is lost', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({}, { timings: { reportDueMs: 500 } });
  });
  afterEach(() => bench.close());

  it('a terminated user stream is subscribed again, and reports go on', async () => {
    const from = bench.log.events.length;
    await bench.practice.perform({ op: 'terminateUserStream' });
    await bench.log.stream('user', 'down', from);
    await bench.log.stream('user', 'live', from);
    const order = approved();
    await bench.venue.submit(order);
    const { report } = await bench.log.until('execution', (event) => event.report.clientOrderId === order.clientOrderId, from);
    expect(report.execution).toBe('NEW');
  });

  it('cut connections are dialled again at once', async () => {
    const from = bench.log.events.length;
    const startedMs = performance.now();
    await bench.practice.perform({ op: 'disconnect', channel: 'all' });
    for (const name of ['user', 'market'] as const) {
      await bench.log.stream(name, 'down', from);
      await bench.log.stream(name, 'live', from);
    }
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(
      bench.log
        .of('stream')
        .slice(-4)
        .filter(({ status }) => status === 'down'),
    ).toHaveLength(2); // the first dial was enough
  });

  it('a partition is noticed on both streams within 5 s (C11), and healed from', async () => {
    const from = bench.log.events.length;
    await bench.practice.perform({ op: 'partition', on: true });
    const down = await Promise.all([bench.log.stream('user', 'down', from, 5000), bench.log.stream('market', 'down', from, 5000)]);
    expect(down.map(({ text: why }) => why)).not.toContain('');
    await bench.practice.heal();
    const live = await Promise.all([bench.log.stream('user', 'live', from, 30_000), bench.log.stream('market', 'live', from, 30_000)]);
    expect(live).toHaveLength(2);
  });

  it('a market stream that answers pings but says nothing is dead within 5 s (C11)', async () => {
    const from = bench.log.events.length;
    await bench.practice.perform({ op: 'silence', on: true });
    expect((await bench.log.stream('market', 'down', from, 5000)).text).toContain('No data');
    await bench.practice.heal();
    await bench.log.stream('market', 'live', from, 30_000);
  });

  it('a reported order is not waited for, nor one that was found again as a duplicate', async () => {
    const from = bench.log.events.length;
    const order = approved();
    await bench.venue.submit(order);
    await bench.venue.submit(approved());
    await bench.log.until('execution', ({ report }) => report.clientOrderId === order.clientOrderId);
    expect(await bench.venue.submit(approved({ ...order }))).toMatchObject({ kind: 'accepted' });
    await sleep(900); // reports are due after 500 ms here
    expect(bench.log.events.slice(from).filter(({ kind }) => kind === 'stream')).toEqual([]);
  });

  it('a user stream that does not report an accepted order or cancel is dead', async () => {
    const from = bench.log.events.length;
    await bench.practice.addFault({ match: { channel: 'user' }, action: { type: 'swallow' } });
    const order = approved();
    expect((await bench.venue.submit(order)).kind).toBe('accepted');
    expect((await bench.log.stream('user', 'down', from)).text).toContain('did not report an accepted order');
    await bench.log.stream('user', 'live', from);
    const again = bench.log.events.length;
    await bench.venue.cancel(BTC, order.clientOrderId, 'normal');
    await bench.log.stream('user', 'down', again);
    await bench.practice.heal();
  });
});

describe('secrets (L2, Q12)', () => {
  it('nothing that the adapter tells or answers holds the key, the secret or a signature, whatever goes wrong', async () => {
    const practice = await startPractice({ seed: 5 });
    const venue = await venueFor(practice, { timings: { restDeadlineMs: 400, reportDueMs: 300 } });
    const log = new Log();
    const told: unknown[] = [await venue.connect(log.listen)];
    const { apiKey, secret } = practice.key;
    for (const msg of [`Signature=abcdef0123456789 of ${apiKey} is wrong`, `secret ${secret}`]) {
      await practice.addFault({ match: { channel: 'rest' }, action: { type: 'error', stage: 'before', code: -1022, msg }, times: 3 });
      await practice.addFault({ match: { channel: 'wsapi' }, action: { type: 'error', stage: 'before', code: -1022, msg }, times: 1 });
      await practice.perform({ op: 'disconnect', channel: 'all' });
      told.push(await venue.submit(approved()), await venue.account('normal'), await venue.clock());
      await log.stream('user', 'live', log.events.length);
    }
    for (const type of ['cut', 'silent'] as const) {
      await practice.addFault({ match: { channel: 'rest' }, action: { type: 'drop', stage: 'before', how: type }, times: 2 });
      told.push(await venue.submit(approved({ price: text('30001') })), await venue.openOrders(null, 'normal'));
    }
    await practice.close();
    told.push(await venue.submit(approved()), await venue.queryOrder(BTC, approved().clientOrderId));
    const everything = JSON.stringify([told, log.events]);
    expect(everything).toContain('***');
    for (const planted of [apiKey, secret, 'abcdef0123456789']) expect(everything).not.toContain(planted);
    expect(everything).not.toMatch(/signature=[^*]/i);
    await venue.close();
  });
});
