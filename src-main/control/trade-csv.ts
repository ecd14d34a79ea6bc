// Trades as CSV for a tax office or a spreadsheet: RFC 4180, plain decimals, times in UTC. No text in it can become a formula.
import { toText } from '../../src-shared/domain/money.ts';
import type { Trade } from '../engine/trade-book.ts';

const money = (value: Trade['feeUsdt']): string => (value === null ? '' : toText(value));

const COLUMNS: readonly (readonly [title: string, of: (trade: Trade) => string])[] = [
  ['time_utc', ({ atMs }) => new Date(atMs).toISOString()],
  ['symbol', ({ symbol }) => symbol],
  ['side', ({ side }) => side],
  ['qty', ({ qty }) => toText(qty)],
  ['price', ({ price }) => toText(price)],
  ['value_usdt', ({ valueUsdt }) => toText(valueUsdt)],
  ['fee', ({ fee }) => toText(fee)],
  ['fee_asset', ({ feeAsset }) => feeAsset],
  ['fee_usdt', ({ feeUsdt }) => money(feeUsdt)],
  ['order_id', ({ clientOrderId }) => clientOrderId],
  ['venue_order_id', ({ venueOrderId }) => venueOrderId ?? ''],
  ['trade_id', ({ tradeId }) => tradeId],
  ['liquidity', ({ maker }) => (maker ? 'maker' : 'taker')],
  ['cost_basis_usdt', ({ costBasisUsdt }) => money(costBasisUsdt)],
  ['realised_usdt', ({ realisedUsdt }) => money(realisedUsdt)],
  ['fee_realised_usdt', ({ feeRealisedUsdt }) => toText(feeRealisedUsdt)],
  ['journal_seq', ({ seq }) => String(seq)],
];

/** What a spreadsheet would take for the begin of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;

/** One field: numbers as they are, other text with its quotes doubled and never as a formula. */
const cell = (text: string): string => {
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

export const CSV_HEAD = line(COLUMNS.map(([title]) => title));

export const csvLine = (trade: Trade): string => line(COLUMNS.map(([, of]) => of(trade)));
