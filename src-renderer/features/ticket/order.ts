// The ticket's arithmetic: what was typed, what request that makes, and what the button says. Pure; exact decimals; no order is
// judged here, for that is the gate's (the preview asks it on every keystroke).
import type { OrderPreview, OrderRequestInput } from '../../../src-shared/contract/contract.ts';
import type { InstrumentView } from '../../../src-shared/contract/view.ts';
import type { OrderType, Side, TimeInForce } from '../../../src-shared/domain/order.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { floorTo, parseDecimal, toText } from '../../../src-shared/domain/money.ts';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';

export interface Draft {
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly price: string;
  readonly size: string;
  /** `quote` only for market buys: the amount to spend. */
  readonly unit: 'base' | 'quote';
  readonly reduceOnly: boolean;
}

export const EMPTY_DRAFT: Draft = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '', size: '', unit: 'base', reduceOnly: false };

/** What a hand types as a plain decimal: spaces out, `.5` and `5.` completed. Undefined for anything else, commas included. */
export const typedDecimal = (typed: string): string | undefined => {
  const text = typed.replace(/[\s\u2009]/g, '');
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text)) return undefined;
  const whole = text.startsWith('.') ? `0${text}` : text.replace(/\.$/, '');
  return whole.replace(/^0+(?=\d)/, '');
};

/** As many digits before and after the point as the console's contract takes. */
const MAX_DIGITS = 18;
const isTooLong = (number: string): boolean => number.split('.').some((digits) => digits.length > MAX_DIGITS);

export const spendsQuote = (draft: Draft): boolean => draft.unit === 'quote' && draft.type === 'MARKET' && draft.side === 'BUY';

export type Wish = { readonly ok: true; readonly request: OrderRequestInput } | { readonly ok: false; readonly missing: string };

/** The request that the draft makes, or what it still lacks. */
export const wishOf = (draft: Draft, symbol: string): Wish => {
  const lacks = (missing: string): Wish => ({ ok: false, missing });
  const limit = draft.type === 'LIMIT';
  if (limit && draft.price.trim() === '') return lacks('Enter a price');
  const price = typedDecimal(draft.price);
  if (limit && price === undefined) return lacks('The price is not a number');
  if (limit && price !== undefined && isTooLong(price)) return lacks('The price has too many digits');
  if (draft.size.trim() === '') return lacks('Enter a size');
  const size = typedDecimal(draft.size);
  if (size === undefined) return lacks('The size is not a number');
  if (isTooLong(size)) return lacks('The size has too many digits');
  if (parseDecimal(size)?.isZero() === true) return lacks('The size is zero');
  return {
    ok: true,
    request: {
      symbol,
      side: draft.side,
      type: draft.type,
      ...(spendsQuote(draft) ? { quoteQty: size } : { qty: size }),
      ...(limit && price !== undefined ? { price, timeInForce: draft.timeInForce } : {}),
      ...(draft.reduceOnly ? { reduceOnly: true } : {}),
    },
  };
};

/** The text one or more steps away, on the step's grid and never below zero. An empty field steps from `from`. */
export const stepped = (typed: string, step: string, steps: number, from = '0'): string => {
  const size = parseDecimal(step);
  const at = parseDecimal(typedDecimal(typed) ?? from);
  if (size === undefined || size.isZero() || at === undefined) return typed;
  const onGrid = floorTo(at, size);
  const base = !onGrid.eq(at) && steps < 0 ? onGrid.plus(size) : onGrid;
  return Decimal.max(0, base.plus(size.times(steps))).toFixed(digitsOf(step));
};

/** Room for the taker's fee and the spread when a buy is to use all money: 0.2 %. */
const BUY_ROOM = new Decimal('0.998');

/** The largest size worth trying: what can be sold, or what the money buys. The gate still decides. */
export const largestSize = (
  side: Side,
  at: {
    readonly sellable: string | undefined;
    readonly freeQuote: string | undefined;
    readonly price: string | undefined;
  },
  instrument: Pick<InstrumentView, 'stepQty'>,
): string | undefined => {
  const step = parseDecimal(instrument.stepQty) ?? new Decimal(0);
  const price = parseDecimal(at.price);
  if (side === 'SELL') {
    const sellable = parseDecimal(at.sellable);
    return sellable === undefined ? undefined : toText(floorTo(sellable, step));
  }
  const money = parseDecimal(at.freeQuote)?.times(BUY_ROOM);
  if (money === undefined || price === undefined || price.isZero()) return undefined;
  return toText(floorTo(money.div(price), step));
};

/** The size cut down to the limit on an order's value, which is in proportion to it. As the gate counted it, worst price and all. */
export const withinOrderLimit = (size: string, preview: OrderPreview, instrument: Pick<InstrumentView, 'stepQty'>): string => {
  const row = preview.limits.find(({ id }) => id === 'C1.maxOrderNotional');
  const [wanted, value, most] = [parseDecimal(size), parseDecimal(row?.after ?? null), parseDecimal(row?.limit ?? null)];
  if (wanted === undefined || value === undefined || most === undefined || value.lte(most)) return size;
  return toText(floorTo(wanted.times(most).div(value), parseDecimal(instrument.stepQty) ?? new Decimal(0)));
};

/** What pressing the button does, in words, as `Buy 0.0160 BTC ≈ 989.40 USDT`. */
export const placeText = (draft: Draft, instrument: Pick<InstrumentView, 'base' | 'quote'>, preview: OrderPreview | undefined): string => {
  const verb = draft.side === 'BUY' ? 'Buy' : 'Sell';
  const size = typedDecimal(draft.size);
  const priced =
    draft.type === 'LIMIT'
      ? parseDecimal(typedDecimal(draft.price))
          ?.times(parseDecimal(size) ?? 0)
          .toFixed()
      : undefined;
  const worth = preview?.notionalUsdt ?? priced;
  if (spendsQuote(draft)) {
    const about = preview?.qty == null ? '' : ` ≈ ${formatDecimal(preview.qty)} ${instrument.base}`;
    return `${verb} for ${formatDecimal(size ?? null, 2)} ${instrument.quote}${about}`;
  }
  return `${verb} ${formatDecimal(size ?? null)} ${instrument.base}${worth == null ? '' : ` ≈ ${formatDecimal(worth, 2)} ${instrument.quote}`}`;
};

/** Whether the order moves this limit from a known value to another. */
export const changes = (limit: OrderPreview['limits'][number]): boolean => limit.before !== null && limit.before !== limit.after;

/** The preview's rows as a trader reads them: what forbids first, then what the order moves, then by how much is used. */
export const previewRows = (preview: OrderPreview): OrderPreview['limits'] =>
  preview.limits
    .filter((limit) => limit.verdict !== 'not-applied')
    .toSorted(
      (a, b) =>
        Number(b.verdict === 'deny') - Number(a.verdict === 'deny') ||
        Number(a.before === a.after) - Number(b.before === b.after) ||
        (b.usedRatio ?? -1) - (a.usedRatio ?? -1),
    );
