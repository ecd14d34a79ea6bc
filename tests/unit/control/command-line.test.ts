// The command line (O) against a console without an engine: what it asks, what it prints, and the exit code that a script relies on.
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { CallResult } from '../../../src-shared/contract/contract.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import type { StopReceipt, TripPolicy } from '../../../src-shared/domain/stop.ts';
import { connectControl } from '../../../src-main/control/client.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { controlAddress } from '../../../src-main/settings/home.ts';
import { makeJournal } from '../journal/helpers.ts';
import { SOME_FIGURES } from '../../support/figures.ts';
import { freshHome, order, position, run, startFake } from './fake-console.ts';

const ID = 'hf-abc123-000000000001';
const refuse = (code: 'DENIED' | 'REFUSED' | 'UNAVAILABLE' | 'NOT_FOUND' | 'INTERNAL', text = 'no', denial?: Denial) =>
  Promise.resolve(fail({ code, text, ...(denial && { denial }) }) as CallResult<never>);

test('without a console every command says so with exit 3, in text and in JSON', async () => {
  const home = freshHome();
  const text = await run(home, ['status']);
  expect(text).toMatchObject({ exit: 3, out: '' });
  expect(text.err).toContain('npm start');
  const json = await run(home, ['stop', '--json']);
  expect(json).toMatchObject({ exit: 3, out: '' });
  expect(JSON.parse(json.err)).toMatchObject({ error: { exit: 3, code: 'NO_CONSOLE' } });
});

test('a stop without a console names the way without one; with --direct and no key it says what is left to do (E1)', async () => {
  const home = freshHome();
  expect((await run(home, ['stop'])).err).toContain('"holdfast stop --direct" cancels everything without a console');
  const direct = await run(home, ['stop', '--direct']);
  expect(direct).toMatchObject({ exit: 4, out: '' });
  expect(direct.err).toMatch(/Cancelling from here[^]*Nothing was cancelled[^]*own app or website/);
  expect(JSON.parse((await run(home, ['stop', '--direct', '--json'])).err)).toMatchObject({ error: { exit: 4, code: 'NOT_VERIFIED' } });
});

test('a console that dies in the middle of a stop leaves nobody believing that it was heard: exit 4, and what to do', async () => {
  const home = freshHome();
  const dying = createServer((socket) => void socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => dying.listen(controlAddress(home), resolve));
  const ran = await run(home, ['stop']);
  dying.close();
  expect(ran).toMatchObject({ exit: 4, out: '' });
  expect(ran.err).toContain('give a stop again');
});

test.each([
  [['bogus']],
  [['status', 'extra']],
  [['order', 'place', 'BUY']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--qty', '1']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--market', '--limit', '1', '--qty', '1']],
  [['order', 'place', 'HOLD', 'BTCUSDT', '--market', '--qty', '1']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1e3']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1', '--quote', '5']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1', '--timeout-ms', 'soon']],
  [['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1', '--timeout-ms', '60001']],
  [['order', 'cancel']],
  [['order', 'cancel', ID, '--all']],
  [['order', 'cancel', ID, '--symbol', 'BTCUSDT']],
  [['reset', '--why', 'fixed']],
  [['reset', '--why', 'fixed', '--trip', 'one']],
  [['reset', '--why', 'fixed', '--trip', '1', '--breaker']],
  [['reset', '--why', 'fixed', '--breaker', 'weather']],
  [['reset', '--why', ' ', '--trip', '1']],
  [['order']],
  [[]],
])('bad input %j ends with exit 2, nothing on standard output, and nothing done', async (words) => {
  const fake = await startFake();
  const ran = await run(fake.home, words);
  expect(ran).toMatchObject({ exit: 2, out: '' });
  expect(ran.err).not.toBe('');
  expect(fake.faults).toEqual([]);
});

test('help tells every exit code', async () => {
  for (const words of [['--help'], ['stop', '--help'], ['order', 'place', '--help']]) {
    const { exit, out } = await run(freshHome(), words);
    expect(exit).toBe(0);
    for (const line of ['0  done', '1  refused', '2  bad input', '3  no console', '4  not verified']) expect(out).toContain(line);
  }
});

test('the looking commands show the picture, in text and as JSON', async () => {
  const fake = await startFake();
  const bare = await Promise.all(['status', 'safety', 'positions', 'orders', 'balances', 'limits'].map((name) => run(fake.home, [name])));
  // Nothing is known yet, so nothing can be opened: "safety" says so by its exit code.
  expect(bare.map(({ exit }) => exit)).toEqual([0, 1, 0, 0, 0, 0]);
  fake.move(
    [
      'status',
      'console',
      {
        mode: 'practice',
        account: 'normal',
        version: '1',
        venue: 'practice exchange',
        shell: { name: 'headless', lacks: [] },
        startedAtMs: 0,
        policyName: 'NORMAL',
        policyVersion: 3,
        equityUsdt: '10000.00',
        dayPnlUsdt: '-1.50',
        openPositions: 1,
        confirmOrders: false,
        maxPositions: 5,
      },
    ],
    ['safety', 'trading', { level: 'HALTED', causes: [{ code: 'STOP', level: 'HALTED', text: 'the stop\u001b[2J is tripped' }] }],
    [
      'safety',
      'stop',
      {
        phase: 'TRIPPED',
        tripId: 4,
        trigger: 'cli',
        reason: 'fat finger',
        policy: 'keep-positions',
        trippedAtMs: 0,
        coolDownUntilMs: 60_000,
        progress: null,
        receipt: null,
      },
    ],
    ['safety', 'hotkey', { status: 'NOT_ARMED', accelerator: 'Ctrl+Shift+F12', text: 'owned by another program', provenAtMs: null }],
    ['safety', 'selfTest', { atMs: 0, items: [{ id: 'clock', title: 'Clock', verdict: 'pass', text: '3 ms' }] }],
    ['safety', 'reconciliation', { atMs: null, differences: [], failures: 0, text: 'not yet' }],
    ['orders', ID, order({ cancelRequested: true })],
    ['orders', 'ended', order({ clientOrderId: 'ended', status: 'FILLED' })],
    ['positions', 'BTCUSDT', position(null)],
    ['balances', 'USDT', { asset: 'USDT', free: '9.5', locked: '100', total: '109.5', valueUsdt: '109.50' }],
    [
      'limits',
      'C5.dailyTrades',
      {
        id: 'C5.dailyTrades',
        title: 'Trades today',
        unit: 'count',
        before: '3',
        after: null,
        limit: '100',
        distance: '97',
        usedRatio: 0.03,
        verdict: 'pass',
        formula: 'x',
        scope: 'openings',
        untilMs: null,
        text: '',
      },
    ],
    ['health', 'clock', { name: 'clock', verdict: 'poor', text: '900 ms off' }],
  );
  const status = await run(fake.home, ['status']);
  for (const part of ['PRACTICE', 'HALTED', 'TRIPPED  (trip 4: fat finger)', 'NOT_ARMED', '10000.00 USDT', '1 of 5', 'poor: 900 ms off'])
    expect(status.out).toContain(part);
  expect(status.out).not.toContain('\u001b');
  const json = JSON.parse((await run(fake.home, ['status', '--json'])).out);
  expect(json).toMatchObject({ seq: 1, console: { mode: 'practice' }, trading: { level: 'HALTED' }, stop: { tripId: 4 }, openOrders: 1 });
  expect((await run(fake.home, ['safety'])).out).toMatch(/4 by cli.*fat finger[\s\S]*Clock\s+pass\s+3 ms/);
  expect((await run(fake.home, ['positions'])).out).toMatch(/BTCUSDT\s+LONG\s+0.5\s+60000\s+-.*dust/);
  expect((await run(fake.home, ['orders'])).out).toContain('ACCEPTED (cancelling)');
  expect(JSON.parse((await run(fake.home, ['orders', '--json'])).out)).toHaveLength(1);
  expect(JSON.parse((await run(fake.home, ['orders', '--json', '--all'])).out)).toHaveLength(2);
  expect((await run(fake.home, ['limits'])).out).toMatch(/C5.dailyTrades\s+Trades today\s+3\s+100\s+97/);
  const balances = (await run(fake.home, ['balances'])).out.split('\n');
  expect(balances[1]).toMatch(/^USDT\s+9.5\s+100\s+109.5\s+109.50$/);
});

test('an order is reported once the venue answered; with --wait once it is filled', async () => {
  const asked: unknown[] = [];
  const fake = await startFake({
    placeOrder: (input) => {
      asked.push(input);
      fake.move(['orders', ID, order({ status: 'SENT' })]);
      setImmediate(() => {
        fake.move(['orders', ID, order({ status: 'ACCEPTED' })]);
        setImmediate(() => fake.move(['orders', ID, order({ status: 'FILLED' })]));
      });
      return Promise.resolve(ok({ clientOrderId: ID }));
    },
  });
  const placed = await run(fake.home, [
    'order',
    'place',
    'buy',
    'btcusdt',
    '--limit',
    '60000',
    '--qty',
    '0.001',
    '--tif',
    'post-only',
    '--reduce-only',
    '--json',
  ]);
  expect(placed).toMatchObject({ exit: 0, err: '' });
  expect(JSON.parse(placed.out)).toMatchObject({ clientOrderId: ID });
  expect(asked).toEqual([
    { side: 'BUY', symbol: 'BTCUSDT', type: 'LIMIT', price: '60000', qty: '0.001', timeInForce: 'POST_ONLY', reduceOnly: true },
  ]);
  const waited = await run(fake.home, ['order', 'place', 'BUY', 'BTCUSDT', '--market', '--quote', '100', '--wait']);
  expect(waited.exit).toBe(0);
  expect(waited.out).toContain('FILLED');
});

test('a denied order is exit 1 with the limit, its formula and what to do', async () => {
  const denial: Denial = {
    code: 'C1.maxOrderNotional',
    text: '5000 is more than 1000',
    advice: 'Make it smaller.',
    formula: 'price × qty ≤ 1000',
  };
  const fake = await startFake({ placeOrder: () => refuse('DENIED', 'Denied', denial) });
  const words = ['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1'];
  const text = await run(fake.home, words);
  expect(text).toMatchObject({ exit: 1, out: '' });
  for (const part of ['C1.maxOrderNotional', 'price × qty ≤ 1000', 'Make it smaller.']) expect(text.err).toContain(part);
  expect(JSON.parse((await run(fake.home, [...words, '--json'])).err)).toMatchObject({ error: { exit: 1, code: 'DENIED', denial } });
});

test('an order that the venue rejects, or that expires while it is waited for, is exit 1; one without an answer is exit 4 by name', async () => {
  let status: 'REJECTED' | 'EXPIRED' | 'UNKNOWN' | undefined = 'REJECTED';
  const fake = await startFake({
    placeOrder: () => {
      fake.move(['orders', ID, status === undefined ? null : order({ status, reason: 'because' })]);
      return Promise.resolve(ok({ clientOrderId: ID }));
    },
  });
  const words = ['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1', '--timeout-ms', '60'];
  expect(await run(fake.home, words)).toMatchObject({ exit: 1, err: expect.stringContaining('REJECTED: because') });
  status = 'EXPIRED';
  expect(await run(fake.home, [...words, '--wait'])).toMatchObject({ exit: 1 });
  for (const open of ['UNKNOWN', undefined] as const) {
    status = open;
    expect(await run(fake.home, words)).toMatchObject({ exit: 4, err: expect.stringContaining(`Not proven done: ${ID}`) });
  }
});

test('a cancel is done when the orders have ended, and names those that have not', async () => {
  const asked: unknown[] = [];
  const fake = await startFake({
    cancelOrder: ({ clientOrderId }) => {
      if (clientOrderId !== ID) return refuse('NOT_FOUND', 'no such order');
      setImmediate(() => fake.move(['orders', ID, order({ status: 'CANCELED' })]));
      return Promise.resolve(ok({ clientOrderId }));
    },
    cancelAll: (input) => {
      asked.push(input);
      setImmediate(() => fake.move(['orders', 'b', order({ clientOrderId: 'b', status: 'CANCELED' })]));
      return Promise.resolve(ok({ requested: 2 }));
    },
  });
  fake.move(['orders', ID, order({})]);
  expect(await run(fake.home, ['order', 'cancel', ID])).toMatchObject({ exit: 0, out: expect.stringContaining('CANCELED') });
  expect(await run(fake.home, ['order', 'cancel', 'x'])).toMatchObject({ exit: 1 });
  fake.move(['orders', 'b', order({ clientOrderId: 'b' })], ['orders', 'c', order({ clientOrderId: 'c', symbol: 'ETHUSDT' })]);
  expect(await run(fake.home, ['order', 'cancel', '--all', '--symbol', 'btcusdt'])).toMatchObject({ exit: 0 });
  const all = await run(fake.home, ['order', 'cancel', '--all', '--timeout-ms', '60']);
  expect(all).toMatchObject({ exit: 4, err: expect.stringContaining('Not proven done: c') });
  expect(asked).toEqual([{ symbol: 'BTCUSDT' }, {}]);
});

const receipt = (fields: Partial<StopReceipt>): StopReceipt => ({
  tripId: 4,
  trigger: 'cli',
  reason: 'fat finger',
  policy: 'flatten',
  trippedAtMs: 0,
  orders: [{ clientOrderId: ID, symbol: 'BTCUSDT' as never, venueOrderId: '1', outcome: 'canceled', ackMs: 12.34 }],
  positions: [{ symbol: 'BTCUSDT' as never, qtyBefore: '1' as never, qtyAfter: '0' as never, outcome: 'flattened' }],
  buckets: { orders: 'empty', algo: 'not-on-spot' },
  cancelsOnWireMs: 1,
  allAcknowledgedMs: 12.34,
  verifiedEmptyMs: 40,
  flatMs: null,
  complete: true,
  ...fields,
});

test('stop prints the receipt and ends 0 only when all is proven stopped (E5)', async () => {
  const asked: unknown[] = [];
  let answer: CallResult<StopReceipt> = ok(receipt({}));
  const fake = await startFake({
    tripStop: (input) => {
      asked.push(input);
      return Promise.resolve(ok({ tripId: 4 }));
    },
    awaitReceipt: () => Promise.resolve(answer),
  });
  const good = await run(fake.home, ['stop', '--reason', 'fat finger', '--flatten']);
  expect(good).toMatchObject({ exit: 0, err: '' });
  expect(good.out).toMatch(/everything, verified[\s\S]*hf-abc123-000000000001\s+BTCUSDT\s+canceled\s+12.3 ms/);
  answer = ok(
    receipt({
      complete: false,
      orders: [{ clientOrderId: ID, symbol: 'BTCUSDT' as never, venueOrderId: null, outcome: 'unknown', ackMs: null }],
      buckets: { orders: 'unverified', algo: 'not-on-spot' },
    }),
  );
  const bad = await run(fake.home, ['stop', '--json', '--keep']);
  expect(bad.exit).toBe(4);
  expect(JSON.parse(bad.out)).toMatchObject({ complete: false });
  expect(JSON.parse(bad.err)).toMatchObject({ error: { exit: 4, survivors: [`BTCUSDT ${ID}`, 'orders bucket unverified'] } });
  fake.move(['orders', 'left', order({ clientOrderId: 'left' })]);
  answer = fail({ code: 'UNAVAILABLE', text: 'no receipt within 100 ms.' });
  expect(await run(fake.home, ['stop', '--timeout-ms', '100'])).toMatchObject({
    exit: 4,
    err: expect.stringContaining('Not proven done: left'),
  });
  expect(asked).toEqual([{ reason: 'fat finger', positions: 'flatten' }, { reason: '', positions: 'keep-positions' }, { reason: '' }]);
});

test.each<[string[], { reason?: string; positions?: TripPolicy }, RegExp]>([
  [['stop', 'now'], {}, /Not understood.*: now/],
  [['stop', '--all', '--reason', 'fat finger'], { reason: 'fat finger' }, /Not understood.*: --all/],
  [['stop', '--reason'], {}, /--reason had no text/],
  [['stop', '--reason', '--flatten'], { positions: 'flatten' }, /--reason had no text/],
  [['stop', '--flatten', '--keep'], { positions: 'keep-positions' }, /exclude each other; positions were kept/],
  [['stop', '--timeout-ms', '70000'], {}, /--timeout-ms takes whole milliseconds up to 60000/],
  [['stop', '--timeout-ms', 'soon'], {}, /--timeout-ms/],
  [['stop', '--timeout-ms'], {}, /--timeout-ms/],
  [['stop', '--home'], {}, /the usual home was stopped/],
  [['STOP'], {}, /^$/],
  [['--reason', 'stop', '--keep', 'stop'], { reason: 'stop', positions: 'keep-positions' }, /^$/],
])('%j stops first and complains afterwards (E1)', async (words, asked, complaint) => {
  const trips: unknown[] = [];
  const fake = await startFake({
    tripStop: (input) => {
      trips.push(input);
      return Promise.resolve(ok({ tripId: 4 }));
    },
    awaitReceipt: () => Promise.resolve(ok(receipt({}))),
  });
  expect(await run(fake.home, words)).toMatchObject({ exit: 0, err: expect.stringMatching(complaint) as string });
  expect(trips).toEqual([{ reason: '', ...asked }]);
  const json = await run(fake.home, [...words, '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ complete: true });
  if (json.err !== '') expect(JSON.parse(json.err)).toEqual({ complaints: [expect.stringMatching(complaint)] });
});

test('a word "stop" in another place stops nothing', async () => {
  const fake = await startFake();
  for (const words of [
    ['reset', '--why', 'stop'],
    ['--home', fake.home, 'reset', '--why', 'stop'],
  ])
    expect(await run(fake.home, words)).toMatchObject({ exit: 2 });
  expect(fake.faults).toEqual([]);
});

test('a reason that is too long is cut, by the command line and by the contract, and never refused (E1)', async () => {
  const reasons: string[] = [];
  const fake = await startFake({
    tripStop: ({ reason }) => {
      reasons.push(reason);
      return Promise.resolve(ok({ tripId: 4 }));
    },
    awaitReceipt: () => Promise.resolve(ok(receipt({}))),
  });
  expect(await run(fake.home, ['stop', '--reason', '💥'.repeat(100_000)])).toMatchObject({ exit: 0 });
  const client = await connectControl(fake.server.address);
  expect(await client.call('tripStop', { reason: ` ${'x'.repeat(5000)}` })).toMatchObject({ ok: true });
  client.close();
  expect(reasons).toEqual(['💥'.repeat(200), 'x'.repeat(200)]);
});

test('an order with a slip names the field and what was written', async () => {
  const fake = await startFake();
  const ran = await run(fake.home, ['order', 'place', 'BUY', 'BTCUSDT', '--market', '--qty', '1e3']);
  expect(ran).toMatchObject({ exit: 2, err: 'qty: "1e3" is no plain positive decimal, as 0.015\n' });
});

test('reset, reconcile, self-test, journal and metrics pass on what the console says', async () => {
  let red = false;
  const fake = await startFake({
    resetStop: ({ readBackTripId }) =>
      readBackTripId === 4 ? Promise.resolve(ok({ coolDownUntilMs: 0 })) : refuse('REFUSED', 'that is not the trip'),
    resetBreaker: ({ readBackRule }) =>
      readBackRule === 'api-errors' ? Promise.resolve(ok({ rule: readBackRule })) : refuse('REFUSED', 'that is not the breach'),
    reconcile: () =>
      Promise.resolve(ok({ differences: [{ what: 'order' as const, key: ID, local: 'SENT', venue: 'none', action: 'ask again' }] })),
    selfTest: () =>
      Promise.resolve(ok({ items: [{ id: 'clock', title: 'Clock', verdict: red ? ('fail' as const) : ('pass' as const), text: '' }] })),
    verifyJournal: () => Promise.resolve(ok({ facts: 3, headHash: 'ff', text: '3 facts' })),
    metrics: () => Promise.resolve(ok({ figures: SOME_FIGURES, prometheus: '# HELP up\nup 1\n' })),
    tripStop: () => refuse('INTERNAL'),
  });
  expect(await run(fake.home, ['reset', '--why', 'fixed', '--trip', '4'])).toMatchObject({
    exit: 0,
    out: expect.stringContaining('1970-01-01'),
  });
  expect(await run(fake.home, ['reset', '--why', 'line is back', '--breaker', 'api-errors'])).toMatchObject({
    exit: 0,
    out: expect.stringContaining('The circuit breaker is closed (api-errors)') as string,
  });
  expect(await run(fake.home, ['reset', '--why', 'x', '--breaker', 'daily-drawdown'])).toMatchObject({
    exit: 1,
    err: 'that is not the breach\n',
  });
  expect(await run(fake.home, ['reset', '--why', 'fixed', '--trip', '5'])).toMatchObject({ exit: 1, err: 'that is not the trip\n' });
  expect((await run(fake.home, ['reconcile'])).out).toMatch(/order\s+hf-.*SENT\s+none\s+ask again/);
  expect(await run(fake.home, ['selftest'])).toMatchObject({ exit: 0 });
  red = true;
  expect(await run(fake.home, ['selftest', '--json'])).toMatchObject({ exit: 1, err: expect.stringContaining('Clock') });
  expect(await run(fake.home, ['journal', 'verify'])).toMatchObject({ exit: 0, out: '3 facts\nhead ff\n' });
  expect(await run(fake.home, ['metrics', '--prometheus'])).toMatchObject({ exit: 0, out: '# HELP up\nup 1\n' });
  const metrics = await run(fake.home, ['metrics']);
  expect(metrics.out).toContain('21 decided, 3 denied, 20 sent, 19 taken, 1 refused');
  expect(metrics.out).toMatch(/99 % within +62 ms\n/);
  expect(metrics.out).toMatch(/C1\.maxOrderNotional +3\n/);
  expect(JSON.parse((await run(fake.home, ['metrics', '--json'])).out)).toEqual(SOME_FIGURES);
  expect(await run(fake.home, ['stop'])).toMatchObject({ exit: 1 });
});

test('journal verify --file follows the chain of a file with no console at all', async () => {
  const home = freshHome();
  const file = path.join(home, 'journal.sqlite');
  await makeJournal(file, 12);
  const whole = await run(home, ['journal', 'verify', '--file', file, '--json']);
  expect(whole).toMatchObject({ exit: 0, err: '' });
  expect(JSON.parse(whole.out)).toMatchObject({ verdict: 'whole', facts: 12 });
  expect(await run(home, ['journal', 'verify', '--file', `${file}.none`])).toMatchObject({ exit: 1, out: '' });
});

test('watch prints what happens until Ctrl+C, and ends with exit 4 when the console goes away', async () => {
  const fake = await startFake();
  const end = Promise.withResolvers<void>();
  const printed: string[] = [];
  const running = run(fake.home, ['watch'], end.promise, (text) => printed.push(text));
  const json = run(fake.home, ['watch', '--json'], undefined, (text) => printed.push(text));
  await expect.poll(() => fake.listeners()).toBe(2);
  fake.move(
    ['log', '1', { seq: 1, atMs: 0, severity: 'warning', text: 'a line' }],
    ['orders', ID, order({})],
    ['orders', 'gone', null],
    ['safety', 'trading', { level: 'REDUCING', causes: [{ code: 'X', level: 'REDUCING', text: 'quotes are old' }] }],
    ['safety', 'stop', { phase: 'ARMED', reason: '' }],
    ['balances', 'USDT', { asset: 'USDT' }],
  );
  fake.push({ kind: 'market', frame: { quotes: {}, candle: null, depth: null } });
  await expect.poll(() => printed.filter((text) => text.startsWith('stop ARMED') || text.includes('"deltas"')).length).toBe(2);
  end.resolve();
  const { exit, out } = await running;
  expect(exit).toBe(0);
  for (const part of ['state unknown', 'warning  a line', `${ID} BUY BTCUSDT ACCEPTED`, 'state REDUCING quotes are old', 'stop ARMED'])
    expect(out).toContain(part);
  await fake.server.close();
  const ended = await json;
  expect(ended.exit).toBe(4);
  expect(
    ended.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).kind),
  ).toEqual(['snapshot', 'deltas']);
});

test('the program itself starts without database, exchange library or schema library, and hands its exit code to the shell', () => {
  const cli = fileURLToPath(new URL('../../../src-main/control/cli.ts', import.meta.url));
  const script = `process.argv.splice(1, 0, 'cli'); process.on('exit', () => console.error(JSON.stringify(process.moduleLoadList.filter((name) => name.includes('sqlite')))));
    const { registerHooks } = await import('node:module');
    registerHooks({ load: (url, context, next) => { if (/\\/(ccxt|zod|electron|keytar)\\//.test(url)) throw new Error('loaded ' + url); return next(url, context); } });
    await import(${JSON.stringify(cli)});`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script, 'status', '--json', '--home', freshHome()], {
    encoding: 'utf8',
  });
  expect(ran.status).toBe(3);
  expect(ran.stderr).toContain('NO_CONSOLE');
  expect(ran.stderr).not.toContain('loaded');
  expect(ran.stderr.trim().split('\n').at(-1)).toBe('[]');
});
