// N3: whatever the exchange, or someone in its place, answers: each answer's reader gives a whole value or none. Nothing throws, no amount
// is anything but a plain decimal, and no prototype is reached. Frames of streams are in tests/unit/venue/payloads.test.ts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import * as answers from '../../src-main/venue/answers.ts';
import { readError } from '../../src-main/venue/errors.ts';
import { isDecimalText } from '../../src-shared/domain/money.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';

const READERS: readonly (readonly [string, z.ZodType])[] = [
  ...Object.entries(answers).flatMap(([name, reader]) => ('safeParse' in reader ? [[name, reader] as const] : [])),
  ['candlesOf', answers.candlesOf('BTCUSDT' as SymbolId, '1m', 1_700_000_000_000)],
];

/** Binance's answers, each with every field that is read. */
const ORDER = {
  symbol: 'BTCUSDT', orderId: 28, orderListId: -1, clientOrderId: 'hf-abc123-000000000007', origClientOrderId: 'hf-abc123-000000000007',
  transactTime: 1507725176595, price: '60000.00', origQty: '0.001', executedQty: '0.0005', status: 'PARTIALLY_FILLED', timeInForce: 'GTC',
  type: 'LIMIT', side: 'BUY', fills: [{ price: '60000.00', qty: '0.0005', commission: '0.00', commissionAsset: 'BTC', tradeId: 56 }],
}; // prettier-ignore
const TRADE = {
  symbol: 'BTCUSDT', id: 28457, orderId: 100234, price: '60000.1', qty: '0.01', quoteQty: '600.001', commission: '0.1',
  commissionAsset: 'BNB', time: 1499865549590, isBuyer: true, isMaker: false,
}; // prettier-ignore
const ACCOUNT = { canTrade: true, balances: [{ asset: 'BTC', free: '1.0', locked: '0.5' }] };
const GOOD: readonly unknown[] = [
  ORDER,
  [ORDER],
  { orderListId: 1, orderReports: [ORDER] },
  [TRADE],
  ACCOUNT,
  { serverTime: 1 },
  { code: -2010, msg: 'no' },
];

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, '', '-1', '1e5', 'NaN', '0x10', '１', Number.NaN, -1, 1.5, 2 ** 53, [], {}, true, 'x'.repeat(10_000), {
    __proto__: null,
  }),
  fc.anything({ maxDepth: 2 }),
);

type Path = readonly (string | number)[];
const pathsOf = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]))];
const replaced = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((one: unknown, index) => (index === key ? replaced(one, rest, by) : one));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
};

/** A good answer with one part of it replaced by something odd. */
const almost = fc
  .constantFrom(...GOOD)
  .chain((good) => fc.tuple(fc.constant(good), fc.constantFrom(...pathsOf(good)), odd))
  .map(([good, path, by]) => replaced(good, path, by));

/** Every text under a name that is an amount. */
const amounts = (value: unknown): readonly unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        ['price', 'qty', 'filledQty', 'stopPrice', 'fee', 'free', 'locked'].includes(key) ? [inner] : amounts(inner),
      );

test('the answers that these properties start from are understood', () => {
  for (const good of GOOD.slice(0, -1)) expect(READERS.some(([, reader]) => reader.safeParse(good).success)).toBe(true);
});

test.each(READERS)('%s reads any answer whole or not at all', (_, reader) => {
  fc.assert(
    fc.property(fc.oneof(almost, fc.anything({ maxDepth: 4, withNullPrototype: true })), (answer) => {
      const read = reader.safeParse(answer);
      if (!read.success) return;
      for (const amount of amounts(read.data)) expect(amount === null || isDecimalText(amount)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any error answer is one in words of bounded length', () => {
  fc.assert(
    fc.property(fc.oneof(almost, fc.anything()), (answer) => {
      const error = readError(answer);
      expect(JSON.stringify(error).length).toBeLessThan(2000);
    }),
  );
});
