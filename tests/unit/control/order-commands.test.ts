// The commands for orders of every type, lists, changes, protection and size (B1, B5, B6, O): what reaches the console, what a person
// and a script see, and what is waited for.
import { expect, test } from 'vitest';
import type { CallResult } from '../../../src-shared/contract/contract.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { freshHome, order, position, run, startFake } from './fake-console.ts';

const ID = 'hf-abc123-000000000001';
const text = (plain: string): DecimalText => plain as DecimalText;
const refuse = (why: string) => Promise.resolve(fail({ code: 'REFUSED', text: why }) as CallResult<never>);

const placing = async () => {
  const asked: unknown[] = [];
  const fake = await startFake({
    placeOrder: (input) => {
      asked.push(input);
      fake.move(['orders', ID, order({})]);
      return Promise.resolve(ok({ clientOrderId: ID }));
    },
  });
  const place = (line: string) => run(fake.home, ['order', 'place', ...line.split(' ')]);
  return { asked, place, fake };
};

test.each([
  ['buy btcusdt --type market --qty 1', { side: 'BUY', type: 'MARKET', qty: '1' }],
  ['BUY BTCUSDT --market --quote-qty 500', { side: 'BUY', type: 'MARKET', quoteQty: '500' }],
  ['BUY BTCUSDT --market --quote 500 --trailing-stop 150', { type: 'MARKET', quoteQty: '500', exits: { trailingDeltaBps: 150 } }],
  [
    'BUY BTCUSDT --limit 60000 --qty 1 --stop-loss 59000 --take-profit 62000',
    { type: 'LIMIT', price: '60000', exits: { stopLoss: '59000', takeProfit: '62000' } },
  ],
  ['BUY BTCUSDT --type limit --limit-price 60000 --qty 1 --tif ioc', { type: 'LIMIT', price: '60000', timeInForce: 'IOC' }],
  ['SELL BTCUSDT --type stop-loss --stop-price 59000 --qty 1', { side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000' }],
  ['SELL BTCUSDT --type stop-loss --trailing-bps 100 --qty 1', { type: 'STOP_LOSS', trailingDeltaBps: 100 }],
  [
    'SELL BTCUSDT --type stop-loss --stop-price 59000 --limit-price 58900 --qty 1 --reduce-only',
    { type: 'STOP_LOSS_LIMIT', stopPrice: '59000', price: '58900', reduceOnly: true },
  ],
  ['SELL BTCUSDT --type TAKE_PROFIT --stop-price 62000 --qty 1', { type: 'TAKE_PROFIT', stopPrice: '62000' }],
  [
    'SELL BTCUSDT --type take-profit-limit --stop-price 62000 --limit-price 62000 --qty 1',
    { type: 'TAKE_PROFIT_LIMIT', stopPrice: '62000', price: '62000' },
  ],
])('order place %s asks for just that (B1)', async (line, wish) => {
  const { asked, place } = await placing();
  expect(await place(line)).toMatchObject({ exit: 0, err: '' });
  expect(asked).toEqual([
    {
      side: 'BUY',
      symbol: 'BTCUSDT',
      ...(line.includes('--qty 1') && { qty: '1' }),
      ...wish,
      ...(line.startsWith('SELL') && { side: 'SELL' }),
    },
  ]);
});

test.each([
  ['BUY BTCUSDT --type iceberg --qty 1', '"iceberg" is none'],
  ['BUY BTCUSDT --type market --market --qty 1', 'one of them'],
  ['BUY BTCUSDT --limit 1 --limit-price 2 --qty 1', 'leave --limit-price out'],
  ['SELL BTCUSDT --type stop-loss --qty 1', 'the price that triggers it'],
  ['SELL BTCUSDT --type stop-loss-limit --stop-price 5 --qty 1', 'needs a price'],
  ['SELL BTCUSDT --type stop-loss --trailing-bps 1.5 --qty 1', 'whole basis points'],
  ['BUY BTCUSDT --market --qty 1 --trailing-stop 1%', 'whole basis points'],
  ['BUY BTCUSDT --market --qty 1 --stop-loss 5 --trailing-stop 100', 'not both'],
  ['SELL BTCUSDT --market --qty 1 --stop-loss 5', 'only a buy opens a position'],
])('order place %s is bad input (exit 2) with a sentence, and places nothing', async (line, sentence) => {
  const { asked, place } = await placing();
  const ran = await place(line);
  expect(ran).toMatchObject({ exit: 2, out: '' });
  expect(ran.err).toContain(sentence);
  expect(asked).toEqual([]);
});

test.each([
  ['order oco SELL BTCUSDT --qty 1 --price 2', 'stop-price'],
  ['order replace', 'id'],
  [`order replace ${ID}`, 'what is to be different'],
  ['protect BTCUSDT', '--off alone'],
  ['protect BTCUSDT --off --stop-loss 5', '--off alone'],
  ['protect BTCUSDT --trailing far', 'whole basis points'],
  ['protect', 'symbol'],
  ['size BTCUSDT', 'stop-price'],
  ['size BTCUSDT --stop-price 5 --confidence 1.2', 'from 0 to 1'],
])('%s is bad input (exit 2) and asks for nothing', async (line, sentence) => {
  const fake = await startFake();
  const ran = await run(fake.home, line.split(' '));
  expect(ran).toMatchObject({ exit: 2, out: '' });
  expect(ran.err).toContain(sentence);
  expect(fake.faults).toEqual([]);
});

test.each(['order place', 'order oco', 'order replace', 'order cancel', 'protect', 'size'])(
  'the help of %s has an example and the exit codes',
  async (name) => {
    const { exit, out } = await run(freshHome(), [...name.split(' '), '--help']);
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n  holdfast ${name}`));
    expect(out).toContain('4  not verified');
  },
);

test('an OCO is done when the venue answered both of its orders, and one that is rejected is exit 1 by name (B1)', async () => {
  const [stop, limit] = [`${ID}-1`, `${ID}-2`];
  const legs = (role: 'stop' | 'limit') => ({ list: { listId: ID, kind: 'OCO', role } }) as const;
  let answered: 'ACCEPTED' | 'REJECTED' = 'ACCEPTED';
  const asked: unknown[] = [];
  const fake = await startFake({
    placeOco: (input) => {
      asked.push(input);
      const first = order({ clientOrderId: stop, type: 'STOP_LOSS_LIMIT', side: 'SELL', stopPrice: text('59000'), ...legs('stop') });
      fake.move(['orders', stop, first], ['orders', limit, order({ clientOrderId: limit, status: 'SENT', ...legs('limit') })]);
      setImmediate(() =>
        fake.move([
          'orders',
          limit,
          order({ clientOrderId: limit, status: answered, reason: answered === 'REJECTED' ? 'why.' : '', ...legs('limit') }),
        ]),
      );
      return Promise.resolve(ok({ clientOrderId: stop, orders: [stop, limit] }));
    },
  });
  const words = ['order', 'oco', 'sell', 'btcusdt', '--qty', '1', '--price', '62000', '--stop-price', '59000', '--limit-price', '58900'];
  const done = await run(fake.home, [...words, '--json']);
  expect(asked).toEqual([{ side: 'SELL', symbol: 'BTCUSDT', qty: '1', price: '62000', stopPrice: '59000', stopLimitPrice: '58900' }]);
  expect(done).toMatchObject({ exit: 0, err: '' });
  expect(JSON.parse(done.out)).toMatchObject({
    clientOrderId: stop,
    orders: [{ clientOrderId: stop }, { clientOrderId: limit, status: 'ACCEPTED' }],
  });
  const shown = await run(fake.home, words);
  expect(shown.out).toMatch(/stop of OCO hf-abc123-000000000001\n[\s\S]*limit of OCO/);
  expect(shown.out).toMatch(/TRIGGER[\s\S]*59000/);
  answered = 'REJECTED';
  expect(await run(fake.home, words)).toMatchObject({ exit: 1, err: `${limit} is REJECTED: why.\n` });
});

test('an order with exits is waited for with all of its list; --wait waits for its entry only', async () => {
  const ids = [`${ID}-1`, `${ID}-2`, `${ID}-3`];
  const [entry = ''] = ids;
  const leg = (id: string, at: number) =>
    order({
      clientOrderId: id,
      pending: at > 0,
      list: { listId: ID, kind: 'OTOCO', role: at === 0 ? 'entry' : at === 1 ? 'stop' : 'limit' },
    });
  const fake = await startFake({
    placeOrder: () => {
      fake.move(...ids.map((id, at) => ['orders', id, leg(id, at)] as const));
      setImmediate(() => fake.move(['orders', entry, { ...leg(entry, 0), status: 'FILLED' }]));
      return Promise.resolve(ok({ clientOrderId: entry, orders: ids }));
    },
  });
  const ran = await run(fake.home, 'order place BUY BTCUSDT --limit 60000 --qty 1 --stop-loss 5 --take-profit 9 --wait'.split(' '));
  expect(ran).toMatchObject({ exit: 0, err: '' });
  expect(ran.out).toMatch(/FILLED\s+entry of OTOCO/);
  expect(ran.out).toMatch(/stop of OTOCO hf-abc123-000000000001; waits for its entry/);
});

test('a replaced order is waited for under its new name, and the one before it is named', async () => {
  const asked: unknown[] = [];
  const next = 'hf-abc123-000000000002';
  const fake = await startFake({
    replaceOrder: (input) => {
      asked.push(input);
      fake.move(['orders', next, order({ clientOrderId: next, replaces: ID, retry: { of: ID, attempt: 2 }, price: text('60500') })]);
      return Promise.resolve(ok({ clientOrderId: next }));
    },
  });
  const ran = await run(fake.home, ['order', 'replace', ID, '--price', '60500', '--qty', '2', '--stop-price', '3']);
  expect(asked).toEqual([{ clientOrderId: ID, price: '60500', qty: '2', stopPrice: '3' }]);
  expect(ran).toMatchObject({ exit: 0, err: '' });
  expect(ran.out).toContain(`in place of ${ID}; try 2 of ${ID}`);
});

test('an order that was refused in passing is followed to its next try: the trader is told of one order, not of a refusal (B7)', async () => {
  const second = 'hf-abc123-000000000009';
  const fake = await startFake({
    placeOrder: () => {
      fake.move(['orders', ID, order({ status: 'REJECTED', reason: 'on hold', again: true })]);
      setImmediate(() => {
        fake.move(
          ['orders', ID, order({ status: 'REJECTED', reason: 'on hold' })],
          ['orders', second, order({ clientOrderId: second, status: 'SENT', retry: { of: ID, attempt: 2 } })],
        );
        setImmediate(() => fake.move(['orders', second, order({ clientOrderId: second, retry: { of: ID, attempt: 2 } })]));
      });
      return Promise.resolve(ok({ clientOrderId: ID }));
    },
  });
  const words = ['order', 'place', 'BUY', 'BTCUSDT', '--limit', '60000', '--qty', '1'];
  const ran = await run(fake.home, [...words, '--json']);
  expect(ran).toMatchObject({ exit: 0, err: '' });
  expect(JSON.parse(ran.out)).toMatchObject({
    clientOrderId: second,
    status: 'ACCEPTED',
    orders: [{ clientOrderId: ID, status: 'REJECTED' }, {}],
  });
});

test('a try that is still to come when the time is over is not verified, and says so', async () => {
  const fake = await startFake({
    placeOrder: () => {
      fake.move(['orders', ID, order({ status: 'REJECTED', reason: 'on hold', again: true })]);
      return Promise.resolve(ok({ clientOrderId: ID }));
    },
  });
  const ran = await run(fake.home, ['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1', '--timeout-ms', '60']);
  expect(ran.exit).toBe(4);
  expect(ran.err).toContain(`${ID} is REJECTED, and is tried again in a moment, after 60 ms`);
  expect(ran.out).toContain('tried again in a moment; on hold');
});

test('orders tells foreign ones and the console’s own protection from the rest', async () => {
  const fake = await startFake();
  fake.move(
    ['orders', 'phone', order({ clientOrderId: 'phone', origin: 'foreign' })],
    ['orders', ID, order({ origin: 'protection', type: 'STOP_LOSS', trailingDeltaBps: 150 })],
  );
  const { out } = await run(fake.home, ['orders']);
  expect(out).toMatch(/phone .*foreign: placed elsewhere/);
  expect(out).toMatch(/trails 150 bps.* protection/);
});

test('orders says how long an order has been in doubt and what is done about it', async () => {
  const fake = await startFake();
  const doubt = { sinceMs: Date.now() - 12_000, provableAtMs: null, asks: 3, text: 'asked 3 times; proof is due in 8 s' };
  fake.move(
    ['orders', ID, order({ status: 'UNKNOWN', doubt })],
    ['orders', 'b', order({ clientOrderId: 'b', doubt: { ...doubt, sinceMs: Date.now() + 60_000 } })],
  );
  const { out } = await run(fake.home, ['orders']);
  expect(out).toMatch(/UNKNOWN\s+in doubt for 1[234] s: asked 3 times; proof is due in 8 s/);
  expect(out).toContain('in doubt for 0 s');
});

test('protect waits until the protection stands; what does not stand in time is exit 4 with why (B5)', async () => {
  const asked: unknown[] = [];
  let works = true;
  const fake = await startFake({
    protectPosition: (input) => {
      asked.push(input);
      fake.move(['positions', 'BTCUSDT', position({ status: 'placing', by: null, coversQty: text('0'), text: 'being placed' })]);
      if (works)
        setImmediate(() => {
          // Still guarded, by the orders of the plan before.
          fake.move(
            ['positions', 'BTCUSDT', position({ text: 'the old plan' })],
            ['orders', ID, order({ side: 'SELL', cancelRequested: true })],
          );
          setImmediate(() =>
            fake.move(['positions', 'BTCUSDT', position({ text: 'a stop at 59000.', lastGapMs: 12 })], ['orders', ID, null]),
          );
        });
      return Promise.resolve(ok({ symbol: 'BTCUSDT', seq: 1 }));
    },
  });
  const done = await run(fake.home, ['protect', 'btcusdt', '--stop-loss', '59000', '--take-profit', '62000']);
  expect(asked).toEqual([{ symbol: 'BTCUSDT', plan: { stopLoss: '59000', takeProfit: '62000' } }]);
  expect(done).toMatchObject({ exit: 0, err: '' });
  expect(done.out).toContain('working: a stop at 59000. Last time without: 12 ms.');
  works = false;
  const late = await run(fake.home, ['protect', 'BTCUSDT', '--trailing', '150', '--timeout-ms', '60']);
  expect(late.exit).toBe(4);
  expect(late.err).toContain('BTCUSDT is not protected yet after 60 ms: being placed');
  expect(late.err).toContain('Not proven done: BTCUSDT');
});

test('protect --off is done when nothing stands any more; a position that ended meanwhile needs none', async () => {
  let after: ReturnType<typeof position> | null = position({ status: 'none', by: null, planOrigin: null, text: 'nobody asked' });
  const asked: unknown[] = [];
  const fake = await startFake({
    protectPosition: (input) => {
      asked.push(input);
      fake.move(['positions', 'BTCUSDT', position({})]);
      setImmediate(() => fake.move(['positions', 'BTCUSDT', after]));
      return Promise.resolve(ok({ symbol: 'BTCUSDT', seq: 1 }));
    },
  });
  const off = await run(fake.home, ['protect', 'BTCUSDT', '--off']);
  expect(asked).toEqual([{ symbol: 'BTCUSDT', plan: null }]);
  expect(off).toMatchObject({ exit: 0, err: '' });
  expect(off.out).toContain('UNPROTECTED');
  after = null;
  expect(await run(fake.home, ['protect', 'BTCUSDT', '--off', '--json'])).toMatchObject({ exit: 0, out: 'null\n' });
  const refused = await startFake({ protectPosition: () => refuse('There is no position in BTCUSDT.') });
  expect(await run(refused.home, ['protect', 'BTCUSDT', '--off'])).toMatchObject({ exit: 1, err: 'There is no position in BTCUSDT.\n' });
});

test('positions says what protection is missing, since when and why', async () => {
  const fake = await startFake();
  fake.move(['positions', 'BTCUSDT', position({ status: 'missing', by: null, missingSinceMs: 0, text: 'the exchange refused it' })]);
  expect((await run(fake.home, ['positions'])).out).toContain('MISSING since 1970-01-01 00:00:00Z: the exchange refused it');
});

test('size tells the quantity, the risk and the limit that capped it, and is not an order (B6)', async () => {
  const asked: unknown[] = [];
  const size = {
    qty: text('0.0123'),
    riskUsdt: text('199.5'),
    stopDistance: text('1000'),
    multiplier: text('1.5'),
    cappedBy: 'C1.maxOrderNotional',
    text: 'The order limit makes it smaller.',
  } as const;
  const fake = await startFake({
    sizeByRisk: (input) => {
      asked.push(input);
      return Promise.resolve(ok(size));
    },
  });
  const ran = await run(fake.home, ['size', 'btcusdt', '--stop-price', '59000', '--price', '60000', '--confidence', '0.9']);
  expect(asked).toEqual([{ symbol: 'BTCUSDT', side: 'BUY', stopPrice: '59000', price: '60000', confidence: 0.9 }]);
  expect(ran).toMatchObject({ exit: 0, err: '' });
  for (const part of ['0.0123', '199.5 USDT', '× 1.5', 'C1.maxOrderNotional']) expect(ran.out).toContain(part);
  expect(JSON.parse((await run(fake.home, ['size', 'BTCUSDT', '--stop-price', '59000', '--json'])).out)).toEqual(size);
});

test('reconcile --history shows past differences with local, venue and action, and asks the venue nothing (I)', async () => {
  const fake = await startFake();
  expect((await run(fake.home, ['reconcile', '--history'])).out).toContain('No comparison found a difference.');
  const difference = { what: 'order', key: ID, local: 'open', venue: 'canceled', action: 'ended here too' } as const;
  const comparison = { atMs: 0, why: 'the account stream was away', tookMs: 42, total: 2, differences: [difference] };
  fake.move([
    'safety',
    'reconciliation',
    { atMs: 0, differences: [], failures: 0, text: 'equal', nextAtMs: 60_000, history: [comparison] },
  ]);
  const { exit, out } = await run(fake.home, ['reconcile', '--history']);
  expect(exit).toBe(0);
  expect(out).toMatch(
    /1970-01-01 00:00:00Z {2}the account stream was away, 42 ms\nWHAT[\s\S]*open\s+canceled\s+ended here too\nand 1 more/,
  );
  expect(out).toContain('Next comparison: 1970-01-01 00:01:00Z.');
  expect(JSON.parse((await run(fake.home, ['reconcile', '--history', '--json'])).out)).toMatchObject({
    history: [comparison],
    nextAtMs: 60_000,
  });
  expect(fake.faults).toEqual([]);
});
