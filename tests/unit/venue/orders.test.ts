// B8, BINANCE 4, 5: what is told of orders, lists and replacements is what the answer proves, however odd the answer is.
import { describe, expect, it } from 'vitest';
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import { mint, type Approved } from '../../../src-main/safety/approved.ts';
import { createOrderDesk, type OrderDesk } from '../../../src-main/venue/orders.ts';
import type { WireList, WireOrder } from '../../../src-main/venue/port.ts';
import { refusedWith, type RestCall, type RestOutcome } from '../../../src-main/venue/rest.ts';

const SENT_AT_MS = 1000;
const PROVABLE_AT_MS = SENT_AT_MS + 5000 + 1000 + 10_000 + 7;
const id = (text: string): ClientOrderId => text as ClientOrderId;

const answered = (json: unknown): RestOutcome => ({ kind: 'answered', json, roundTripMs: 1, sentAtMs: SENT_AT_MS });
const refused = (status: number, json: unknown): RestOutcome => refusedWith(status, json, SENT_AT_MS);

/** A desk whose venue answers in turn; `due` is what the stream still has to report in the end. */
const deskOn = (...outcomes: readonly RestOutcome[]): { desk: OrderDesk; calls: RestCall[]; prepared: RestCall[]; due: Set<string> } => {
  const left = [...outcomes];
  const calls: RestCall[] = [];
  const prepared: RestCall[] = [];
  const due = new Set<string>();
  const desk = createOrderDesk({
    rest: {
      prepare: (call) => void prepared.push(call),
      withdrawUnsent: () => undefined,
      call: (call) => {
        calls.push(call);
        return Promise.resolve(left.shift() ?? answered(null));
      },
      read: () => Promise.reject(new Error('not used')),
    },
    clock: { nowMs: () => 0, offsetMs: 0, uncertaintyMs: 7, adopt: () => undefined },
    recvWindowMs: 5000,
    expectReport: (clientOrderId) => ({ accepted: () => void due.add(clientOrderId), forget: () => void due.delete(clientOrderId) }),
  });
  return { desk, calls, prepared, due };
};

const wire = (clientOrderId: string): WireOrder => ({
  clientOrderId: id(clientOrderId),
  symbol: 'BTCUSDT' as SymbolId,
  side: 'SELL',
  type: 'LIMIT',
  qty: '1' as DecimalText,
  price: '9' as DecimalText,
  reduceOnly: true,
});
const order = (): Approved<WireOrder> => mint(wire('new'));
const oco = (): Approved<WireList> =>
  mint({
    listId: id('L'),
    kind: 'OCO',
    symbol: 'BTCUSDT' as SymbolId,
    orders: [
      { ...wire('L-1'), role: 'stop' },
      { ...wire('L-2'), role: 'limit' },
    ],
  });

const row = (clientOrderId: string, status = 'NEW', more: object = {}) => ({ symbol: 'BTCUSDT', orderId: 9, orderListId: -1, clientOrderId, price: '9', origQty: '1', executedQty: '0', status, timeInForce: 'GTC', type: 'LIMIT', side: 'SELL', transactTime: 7, ...more }); // prettier-ignore
const canceledRow = (clientOrderId: string) => row('the-cancels-own', 'CANCELED', { origClientOrderId: clientOrderId });
const DUPLICATE = refused(400, { code: -2010, msg: 'Duplicate order sent.' });
const unknown = (text: unknown = expect.any(String)) => ({ kind: 'unknown', text, provableAtMs: PROVABLE_AT_MS });

describe('a single order', () => {
  it('unknown is provable from the moment that it was signed, not from when somebody wanted it', async () => {
    const { desk } = deskOn({ kind: 'lost', failure: { kind: 'late', code: null, text: 'No answer' }, sentAtMs: SENT_AT_MS });
    expect(await desk.submit(order())).toEqual(unknown('No answer'));
  });
  it('an answer for a cancel-replace proves nothing about an order by itself', async () => {
    const { desk } = deskOn(refused(400, { code: -2022, msg: 'Order cancel-replace failed.' }));
    expect(await desk.submit(order())).toEqual(unknown('Order cancel-replace failed.'));
  });
  it('a duplicate is asked for; until it is found it is unknown', async () => {
    const found = deskOn(DUPLICATE, answered(row('new')));
    expect(await found.desk.submit(order())).toMatchObject({ kind: 'accepted', order: { clientOrderId: 'new' } });
    expect(found.due).toEqual(new Set()); // the stream reported it long ago
    const lost = deskOn(DUPLICATE, refused(400, { code: -2013, msg: 'Order does not exist.' }));
    expect(await lost.desk.submit(order())).toEqual(unknown('Duplicate order sent.'));
  });
});

it('what is prepared is what is sent, and needs no mark: nothing leaves', async () => {
  const { desk, calls, prepared } = deskOn();
  const [one, list] = [order(), oco()];
  desk.prepare({ ...one });
  desk.prepare({ ...list });
  expect(calls).toEqual([]);
  await desk.submit(one);
  await desk.submitList(list);
  expect(prepared).toEqual(calls);
});

describe('a list', () => {
  const report = (...rows: readonly object[]) => answered({ orderListId: 4, orderReports: rows });

  it('comes back in the order in which it was sent, and the stream has to report what is live', async () => {
    const { desk, due } = deskOn(report(row('L-2', 'PENDING_NEW'), row('L-1')));
    const outcome = await desk.submitList(oco());
    expect(outcome.kind === 'accepted' && outcome.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(['L-1', 'L-2']);
    expect(due).toEqual(new Set(['L-1']));
  });
  it.each([
    ['an order is missing', report(row('L-1'))],
    ['a stranger is among them', report(row('L-1'), row('other'))],
    ['one comes twice', report(row('L-1'), row('L-2'), row('L-2'))],
    ['one makes no sense', report(row('L-1'), row('L-2', 'LOST'))],
    ['it is no list', answered(row('L-1'))],
  ])('is unknown where %s', async (_what, outcome) => {
    const { desk, due } = deskOn(outcome);
    expect(await desk.submitList(oco())).toEqual(unknown());
    expect(due).toEqual(new Set());
  });
  it('that was sent twice is accepted only when all of its orders are found', async () => {
    const all = deskOn(DUPLICATE, answered(row('L-1')), answered(row('L-2')));
    expect(await all.desk.submitList(oco())).toMatchObject({
      kind: 'accepted',
      orders: [{ clientOrderId: 'L-1' }, { clientOrderId: 'L-2' }],
    });
    const one = deskOn(DUPLICATE, answered(row('L-1')), refused(400, { code: -2013, msg: 'Order does not exist.' }));
    expect(await one.desk.submitList(oco())).toEqual(unknown('Duplicate order sent.'));
  });
  it('that never left is rejected as never sent', async () => {
    const { desk } = deskOn({ kind: 'unsent', failure: { kind: 'budget', code: null, text: 'No budget' } });
    expect(await desk.submitList(oco())).toEqual({ kind: 'rejected', code: null, text: 'No budget', sent: false });
  });
});

describe('a replacement', () => {
  const halves = (cancelResult: string, cancelResponse: unknown, newOrderResult: string, newOrderResponse: unknown) => ({ cancelResult, cancelResponse, newOrderResult, newOrderResponse }); // prettier-ignore
  const replaced = async (outcome: RestOutcome, ...more: readonly RestOutcome[]) => {
    const { desk, due } = deskOn(outcome, ...more);
    return { ...(await desk.replace(order(), id('old'))), due: [...due].toSorted() };
  };
  const canceled = { kind: 'canceled', orders: [{ clientOrderId: 'old', status: 'CANCELED' }] };
  const partly = (data: unknown) => refused(409, { code: -2021, msg: 'Order cancel-replace partially failed.', data });

  it('that succeeded is both, and the stream has to report both', async () => {
    expect(await replaced(answered(halves('SUCCESS', canceledRow('old'), 'SUCCESS', row('new'))))).toMatchObject({
      canceled,
      placed: { kind: 'accepted', order: { clientOrderId: 'new' } },
      due: ['new', 'old'],
    });
  });
  it('whose order was gone placed nothing', async () => {
    const data = halves('FAILURE', { code: -2011, msg: 'Unknown order sent.' }, 'NOT_ATTEMPTED', null);
    expect(await replaced(refused(400, { code: -2022, msg: 'Order cancel-replace failed.', data }))).toEqual({
      canceled: { kind: 'not-open', text: 'Unknown order sent.' },
      placed: { kind: 'rejected', code: -2022, text: expect.stringContaining('not placed') as string, sent: true },
      due: [],
    });
  });
  it.each([
    ['refused', { code: -2010, msg: 'No.' }, { kind: 'rejected', code: -2010, text: 'No.', sent: true }],
    ['over the order limit', { code: -1015, msg: 'Too many.' }, { kind: 'rejected', code: -1015, text: 'Too many.', sent: true }],
    ['without an answer', { code: -1007, msg: 'Timeout.' }, unknown('Timeout.')],
    ['refused without a reason', null, unknown()],
  ])('whose new order was %s says so beside the cancel', async (_what, response, placed) => {
    expect(await replaced(partly(halves('SUCCESS', canceledRow('old'), 'FAILURE', response)))).toMatchObject({
      canceled,
      placed,
      due: ['old'],
    });
  });
  it('whose new order is open already is asked for', async () => {
    const data = halves('SUCCESS', canceledRow('old'), 'FAILURE', { code: -2010, msg: 'Duplicate order sent.' });
    expect(await replaced(partly(data), answered(row('new')))).toMatchObject({ canceled, placed: { kind: 'accepted' }, due: ['old'] });
  });
  it('whose cancel had no answer placed nothing, and says that the cancel is open', async () => {
    const data = halves('FAILURE', { code: -1006, msg: 'Unexpected.' }, 'NOT_ATTEMPTED', null);
    expect(await replaced(refused(400, { code: -2022, msg: '', data }))).toMatchObject({
      canceled: { kind: 'failed', failure: { kind: 'late' } },
      placed: { kind: 'rejected' },
    });
  });
  it('one half that makes no sense does not spoil the proof of the other', async () => {
    expect(await replaced(answered(halves('SUCCESS', {}, 'SUCCESS', row('new'))))).toMatchObject({
      canceled: { kind: 'failed', failure: { kind: 'garbled' } },
      placed: { kind: 'accepted' },
      due: ['new'],
    });
    expect(await replaced(answered(halves('SUCCESS', canceledRow('old'), 'SUCCESS', {})))).toMatchObject({
      canceled,
      placed: unknown(),
      due: ['old'],
    });
  });
  it.each([
    ['no data', refused(409, { code: -2021, msg: 'x' })],
    ['odd data', partly(7)],
    ['a result that nobody knows', partly(halves('PERHAPS', null, 'FAILURE', null))],
    ['nothing but null', answered(null)],
    [
      'a 5xx that looks like halves',
      refused(502, { code: -2021, msg: 'x', data: halves('SUCCESS', canceledRow('old'), 'SUCCESS', row('new')) }),
    ],
    ['a lost answer', { kind: 'lost', failure: { kind: 'late', code: null, text: 'x' }, sentAtMs: SENT_AT_MS } as const],
  ])('with %s is open in both halves', async (_what, outcome) => {
    expect(await replaced(outcome)).toMatchObject({ canceled: { kind: 'failed' }, placed: unknown(), due: [] });
  });
  it.each([
    ['refused whole by a filter', refused(400, { code: -1013, msg: 'Filter failure: NOTIONAL' }), 'refused', true],
    ['held', refused(429, { code: -1003, msg: 'Too much.' }), 'held', true],
    ['not sent', { kind: 'unsent', failure: { kind: 'budget', code: null, text: 'x' } } as const, 'budget', false],
  ])('%s did neither', async (_what, outcome, kind, sent) => {
    expect(await replaced(outcome)).toMatchObject({ canceled: { kind: 'failed', failure: { kind } }, placed: { kind: 'rejected', sent } });
  });
});

describe('a cancel', () => {
  it('of one order of a list names all that went with it', async () => {
    const { desk, due } = deskOn(answered({ orderListId: 4, orderReports: [canceledRow('L-1'), canceledRow('L-2')] }));
    const outcome = await desk.cancel('BTCUSDT' as SymbolId, id('L-2'), 'normal');
    expect(outcome.kind === 'canceled' && outcome.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(['L-1', 'L-2']);
    expect(due).toEqual(new Set(['L-2']));
  });
});
