// Metrics (L3): counted from the facts, so that a replay gives the same numbers; told in Prometheus' text, which a reader of its own
// takes.
import { expect, test } from 'vitest';
import { prometheusText } from '../../../src-main/control/prometheus.ts';
import { Metrics } from '../../../src-main/engine/metrics.ts';
import { decodeState, encodeState } from '../../../src-main/engine/state-codec.ts';
import type { MetricsView } from '../../../src-shared/contract/metrics.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { SOME_FIGURES } from '../../support/figures.ts';
import { parsePrometheus } from '../../support/prometheus.ts';
import { replayed } from '../../support/state-text.ts';

const viewOf = (rig: Rig): MetricsView => new Metrics().view(rig.engine);
const valueOf = (figures: MetricsView, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined => {
  const samples = [...parsePrometheus(prometheusText(figures)).values()].flatMap((family) => family.samples);
  return samples.find((sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
};

/** A session with one of each: taken, denied, adopted, cancelled, refused, held back. */
const session = (): Rig => {
  const rig = new Rig().ready();
  const order = rig.send();
  rig.nowMs += 7;
  rig.answer(order, { kind: 'accepted', order: stated(order), fills: [] });
  rig.place({ qty: text('9') });
  rig.execute(stated('phone'));
  rig.execute(stated(order, { status: 'CANCELED' }));
  rig.pass(600);
  const refused = rig.send();
  rig.answer(refused, { kind: 'rejected', code: -2010, text: 'no', sent: true });
  rig.pass(600);
  rig.answer(rig.send(), { kind: 'rejected', code: null, text: 'no', sent: false });
  return rig;
};

test('every order counts once for what became of it, each denial by its limit, each error by its kind', () => {
  const figures = viewOf(session());
  expect(figures.journal.orders).toEqual({
    decided: 3,
    denied: 1,
    held: 1,
    sent: 3,
    taken: 1,
    refused: 1,
    doubted: 0,
    adopted: 1,
    traded: 0,
    fills: 0,
  });
  expect(figures.journal.successPct).toBe('50');
  expect(figures.journal.denials).toEqual([{ kind: 'C1.maxOrderNotional', count: 1 }]);
  expect(figures.journal.errors).toEqual([{ kind: 'order refused -2010', count: 1 }]);
  expect(figures.journal.latency).toMatchObject({ count: 1, sumMs: 7, meanMs: 7, p50Ms: 7, p99Ms: 7, mostMs: 7 });
  expect(figures.now).toMatchObject({ level: 'ACTIVE', openOrders: 1, equityUsdt: '10000' });
});

test('the Prometheus text says the same, and a collector can read it', () => {
  const figures = viewOf(session());
  expect(valueOf(figures, 'holdfast_orders_decided_total')).toBe(3);
  expect(valueOf(figures, 'holdfast_orders_denied_total', { limit: 'C1.maxOrderNotional' })).toBe(1);
  expect(valueOf(figures, 'holdfast_errors_total', { kind: 'order refused -2010' })).toBe(1);
  expect(valueOf(figures, 'holdfast_order_latency_seconds_bucket', { le: '0.005' })).toBe(0);
  expect(valueOf(figures, 'holdfast_order_latency_seconds_bucket', { le: '0.01' })).toBe(1);
  expect(valueOf(figures, 'holdfast_order_latency_seconds_bucket', { le: '+Inf' })).toBe(1);
  expect(valueOf(figures, 'holdfast_order_latency_seconds_sum')).toBe(0.007);
  expect(valueOf(figures, 'holdfast_trading_state', { state: 'ACTIVE' })).toBe(1);
  expect(valueOf(figures, 'holdfast_equity_usdt')).toBe(10_000);
});

test('buckets are told cumulative, losses stand below zero, and odd labels are escaped', () => {
  const odd = { ...SOME_FIGURES, journal: { ...SOME_FIGURES.journal, errors: [{ kind: 'a "b" \\ c\nd', count: 1 }] } };
  const families = parsePrometheus(prometheusText(odd));
  expect(families.get('holdfast_errors_total')?.samples).toEqual([
    { name: 'holdfast_errors_total', labels: { kind: 'a "b" \\ c\nd' }, value: 1 },
  ]);
  const profit = families.get('holdfast_close_profit_usdt')?.samples.map(({ labels, value }) => [labels['le'], value]);
  expect(profit).toEqual([
    ['-2', 1],
    ['0', 2],
    ['5', 6],
    ['+Inf', 6],
    [undefined, 3.75],
    [undefined, 6],
  ]);
  for (const { help, name } of families.values()) expect(help.length, name).toBeGreaterThan(5);
});

test('what is not known is not told: an empty console gives no equity, no success, no order', () => {
  const families = parsePrometheus(prometheusText(viewOf(new Rig())));
  expect([...families.keys()]).not.toContain('holdfast_equity_usdt');
  expect([...families.keys()]).not.toContain('holdfast_order_success_ratio');
  expect(families.get('holdfast_order_latency_seconds')?.samples.at(-1)?.value).toBe(0);
});

test('a list counts by its orders and is one answer; an exit that comes to life is none', () => {
  const rig = new Rig().ready();
  const ids = rig.restBracket();
  rig.execute(stated(ids[0], { status: 'FILLED', filledQty: '0.01' }), fillOf('t', '0.01'));
  for (const one of ids.slice(1)) rig.execute(stated(one, { side: 'SELL' }));
  const { orders, latency } = viewOf(rig).journal;
  expect(orders).toMatchObject({ decided: 3, taken: 3, traded: 1, fills: 1 });
  expect(latency.count).toBe(1);
});

test('what a close won or lost counts once, when it has ended, net of fees', () => {
  const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '1')] }).ready();
  const closeAt = (price: string, trade: string): void => {
    rig.pass(600);
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', price: text('50000') });
    const half = fillOf(`${trade}-1`, '0.005', { price: text(price) });
    rig.execute(stated(sale, { side: 'SELL', status: 'PARTIALLY_FILLED', filledQty: '0.005' }), half);
    expect(viewOf(rig).journal.closes.wins + viewOf(rig).journal.closes.losses).toBe(trade === 'a' ? 0 : 1);
    const rest = fillOf(`${trade}-2`, '0.005', { price: text(price) });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), rest);
  };
  closeAt('50300', 'a');
  closeAt('49250', 'b');
  const { closes, orders } = viewOf(rig).journal;
  expect(closes).toMatchObject({ wins: 1, losses: 1, wonUsdt: '3', lostUsdt: '7.5', netUsdt: '-4.5', bestUsdt: '3', worstUsdt: '-7.5' });
  expect(closes.buckets.filter(({ count }) => count > 0)).toEqual([
    { toUsdt: '-5', count: 1 },
    { toUsdt: '5', count: 1 },
  ]);
  expect(orders).toMatchObject({ traded: 4, fills: 6 });
});

test('an order in doubt that the exchange turns out to have is taken, and its wait is part of the tail', () => {
  const rig = new Rig().ready();
  const order = rig.send();
  rig.lose(order);
  rig.nowMs += 3000;
  rig.queried(order, { kind: 'found', order: stated(order) });
  expect(viewOf(rig).journal.orders).toMatchObject({ doubted: 1, taken: 1, refused: 0 });
  expect(viewOf(rig).journal.latency).toMatchObject({ count: 1, sumMs: 3000, mostMs: 3000 });
});

test('an order that lay in a restart, and one under a clock that stepped back, measure nothing', () => {
  const first = new Rig().ready();
  const lost = first.send();
  const second = first.restarted().ready();
  second.queried(lost, { kind: 'found', order: stated(lost) });
  expect(viewOf(second).journal.orders.taken).toBe(1);
  expect(viewOf(second).journal.latency.count).toBe(0);
  second.pass(600);
  const order = second.send();
  second.nowMs -= 2000;
  second.answer(order, { kind: 'accepted', order: stated(order), fills: [] });
  expect(viewOf(second).journal.latency.count).toBe(0);
});

test('Q6: a replay of the journal and a snapshot of the state give the same numbers', () => {
  const rig = session();
  const numbers = JSON.stringify(viewOf(rig).journal);
  expect(JSON.stringify(viewOf(rig.restarted()).journal)).toBe(numbers);
  expect(replayed(rig.facts).metrics).toEqual(rig.engine.state.metrics);
  expect(decodeState(encodeState(rig.engine.state)).metrics).toEqual(rig.engine.state.metrics);
});

test('this process alone knows which calls brought nothing, and what the keychain did not do', () => {
  const rig = new Rig().ready();
  const metrics = new Metrics(() => new Map([['read', 2]]));
  const failure = { kind: 'late', code: null, text: 'no answer' } as const;
  metrics.note({ kind: 'canceled', clientOrderId: 'x' as never, outcome: { kind: 'failed', failure } });
  metrics.note({ kind: 'queried', clientOrderId: 'x' as never, askedAtMs: 0, outcome: { kind: 'failed', failure }, fills: [] });
  metrics.note({
    kind: 'replaced',
    clientOrderId: 'x' as never,
    canceled: 'y' as never,
    outcome: { canceled: { kind: 'failed', failure }, placed: { kind: 'unknown', text: '', provableAtMs: 0 } },
  });
  metrics.note({ kind: 'books-seen', why: '', startedAtMs: 0, result: { ok: false, error: { ...failure, kind: 'held' } } });
  metrics.note({ kind: 'submitted', clientOrderId: 'x' as never, outcome: { kind: 'unknown', text: '', provableAtMs: 0 } });
  metrics.note({ kind: 'tick' });
  const { session: own } = metrics.view(rig.engine);
  expect(own.failedCalls).toEqual([
    { kind: 'late', count: 3 },
    { kind: 'doubt', count: 2 },
    { kind: 'held', count: 1 },
  ]);
  expect(own.keychainFailures).toEqual([{ kind: 'read', count: 2 }]);
});

test('the reader of the test is strict: what no collector should be given is refused', () => {
  const head = '# HELP a_total x\n# TYPE a_total counter\n';
  for (const bad of [
    'a_total 1\n',
    `${head}a_total 1`,
    `${head}b_total 1\n`,
    `${head}a_total -1\n`,
    `${head}a_total one\n`,
    `${head}a_total{x="1} 1\n`,
    `${head}a_total 1\na_total 2\n`,
    `${head}`,
    '# TYPE a gauge\na 1\n',
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n',
  ])
    expect(() => parsePrometheus(bad), bad).toThrow();
});
