// Own trades are complete whatever the venue's pages and windows are (I, B2).
import { describe, expect, it } from 'vitest';
import type { SymbolId, VenueOrderId } from '../../../src-shared/domain/ids.ts';
import { fail } from '../../../src-shared/errors/result.ts';
import type { Rest } from '../../../src-main/venue/rest.ts';
import { parsed } from '../../../src-main/venue/rest.ts';
import { tradesOf, tradesSince } from '../../../src-main/venue/trades.ts';

interface Row {
  readonly id: number;
  readonly orderId: number;
  readonly time: number;
}
const SYMBOL = 'BTCUSDT' as SymbolId;
const DAY = 86_400_000;
const wire = ({ id, orderId, time }: Row) => ({
  id,
  orderId,
  time,
  price: '1',
  qty: '1',
  commission: '0',
  commissionAsset: 'BNB',
  isMaker: true,
});

/** myTrades as Binance documents it: newest page by default, oldest first from a time or an id, 24 hours at most. */
const venueWith = (
  rows: readonly Row[],
  calls: Record<string, unknown>[],
  answer: (rows: readonly object[]) => unknown = (page) => page,
): Rest => ({
  prepare: () => undefined,
  withdrawUnsent: () => undefined,
  call: () => Promise.reject(new Error('not used')),
  read: (request, schema) => {
    const { startTime, endTime, fromId, orderId, limit } = request.params;
    calls.push(request.params);
    if (startTime !== undefined && Number(endTime) - Number(startTime) > DAY)
      return Promise.resolve(fail({ kind: 'refused', code: -1127, text: '' }));
    let found = rows;
    if (orderId !== undefined) found = found.filter((row) => row.orderId === Number(orderId));
    if (startTime !== undefined) found = found.filter(({ time }) => time >= Number(startTime) && time <= Number(endTime));
    if (fromId !== undefined) found = found.filter(({ id }) => id >= Number(fromId));
    const forward = startTime !== undefined || fromId !== undefined || orderId !== undefined;
    const page = forward ? found.slice(0, Number(limit)) : found.slice(-Number(limit));
    return Promise.resolve(parsed(schema, answer(page.map(wire))));
  },
});
const rowsOf = (count: number, everyMs: number, firstMs = 0): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: 990 + index, orderId: index % 2, time: firstMs + index * everyMs }));
const idsOf = (result: Awaited<ReturnType<typeof tradesSince>>) =>
  result.ok ? result.value.map(({ tradeId }) => Number(tradeId)) : result.error;

describe('trades of a symbol', () => {
  it('are one request where the newest page reaches back far enough', async () => {
    const calls: Record<string, unknown>[] = [];
    const rows = rowsOf(1500, 1000);
    expect(idsOf(await tradesSince(venueWith(rows, calls), SYMBOL, 1_200_000, 2_000_000))).toEqual(rows.slice(1200).map(({ id }) => id));
    expect(calls).toHaveLength(1);
  });
  it('are all there after days without one and pages full of them', async () => {
    const calls: Record<string, unknown>[] = [];
    const rows = rowsOf(3500, 10, 3 * DAY);
    expect(idsOf(await tradesSince(venueWith(rows, calls), SYMBOL, 1000, 4 * DAY))).toEqual(rows.map(({ id }) => id));
    expect(calls.length).toBeLessThan(10);
  });
  it('are none where there are none, and sorted as numbers', async () => {
    expect(idsOf(await tradesSince(venueWith([], []), SYMBOL, 0, 10))).toEqual([]);
    const backwards = venueWith(rowsOf(20, 1), [], (page) => page.toReversed());
    expect(idsOf(await tradesSince(backwards, SYMBOL, 0, 100))).toEqual(rowsOf(20, 1).map(({ id }) => id));
  });
  it('a venue that goes round in circles is garbled, not followed for ever', async () => {
    const rows = rowsOf(1000, 1);
    const circling = venueWith(rows, [], () => rows.map(wire));
    expect(idsOf(await tradesSince(circling, SYMBOL, 0, DAY))).toMatchObject({ kind: 'garbled' });
  });
  it.each([1, 2, 3])('a failure of request %i fails the whole: half a list is no list', async (failing) => {
    let asked = 0;
    const rows = rowsOf(2500, 1);
    const rest = venueWith(rows, []);
    const breaking: Rest = {
      ...rest,
      read: (request, schema) =>
        ++asked === failing ? Promise.resolve(fail({ kind: 'late', code: null, text: '' })) : rest.read(request, schema),
    };
    expect(idsOf(await tradesSince(breaking, SYMBOL, 0, DAY))).toMatchObject({ kind: 'late' });
  });
});

describe('trades of an order', () => {
  const order = '1' as VenueOrderId;
  it('are one request for a page, and as many as it takes for more', async () => {
    const few: Record<string, unknown>[] = [];
    expect(idsOf(await tradesOf(venueWith(rowsOf(10, 1), few), SYMBOL, order))).toHaveLength(5);
    expect(few).toHaveLength(1);
    expect(idsOf(await tradesOf(venueWith(rowsOf(4400, 1), []), SYMBOL, order))).toHaveLength(2200);
  });
  it('a failure is a failure', async () => {
    const rest: Rest = {
      prepare: () => undefined,
      withdrawUnsent: () => undefined,
      call: () => Promise.reject(new Error('not used')),
      read: () => Promise.resolve(fail({ kind: 'late', code: null, text: '' })),
    };
    expect(idsOf(await tradesOf(rest, SYMBOL, order))).toMatchObject({ kind: 'late' });
  });
});
