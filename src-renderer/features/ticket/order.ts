// The ticket's arithmetic: what was typed, what request that makes, and what the button says. Pure; exact decimals; no order is
// judged here, for that is the gate's (the preview asks it on every keystroke).
import type { OcoRequestInput, OrderPreview, OrderRequestInput } from '../../../src-shared/contract/contract.ts';
import type { InstrumentView } from '../../../src-shared/contract/view.ts';
import type { OrderType, Side, TimeInForce } from '../../../src-shared/domain/order.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { floorTo, parseDecimal, toText } from '../../../src-shared/domain/money.ts';
import { digitsOf, formatDecimal } from '../../components/numbers.ts';
import { exitsOf } from './exits.ts';
import type { ExitBasis, TypedExits } from './exits.ts';
import { Lacks, percentText, typedBps, typedDecimal } from './typed.ts';

/** The order types of the ticket: the venue's, and the two that are more than a type. */
export type TicketType = OrderType | 'TRAILING' | 'OCO';

export interface Draft extends TypedExits {
  readonly side: Side;
  readonly type: TicketType;
  readonly timeInForce: TimeInForce;
  readonly price: string;
  /** The trigger of a conditional order, and of an OCO's stop leg. */
  readonly stopPrice: string;
  /** Distance of a trailing stop in percent. */
  readonly trailingPct: string;
  readonly size: string;
  /** `quote` only for market buys: the amount to spend. */
  readonly unit: 'base' | 'quote';
  readonly reduceOnly: boolean;
}

export const EMPTY_DRAFT: Draft = {
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  price: '',
  stopPrice: '',
  trailingPct: '',
  size: '',
  unit: 'base',
  reduceOnly: false,
  stopLoss: '',
  takeProfit: '',
  trails: false,
};

/** Which fields a type has. */
export const asks = (type: TicketType): { readonly price: boolean; readonly stopPrice: boolean; readonly trailing: boolean } => ({
  price: type === 'LIMIT' || type === 'STOP_LOSS_LIMIT' || type === 'TAKE_PROFIT_LIMIT' || type === 'OCO',
  stopPrice: type !== 'LIMIT' && type !== 'MARKET' && type !== 'TRAILING',
  trailing: type === 'TRAILING',
});

/** True where the order opens a position that its exits can protect. */
export const hasExits = ({ side, type, reduceOnly }: Pick<Draft, 'side' | 'type' | 'reduceOnly'>): boolean =>
  side === 'BUY' && type !== 'OCO' && !reduceOnly;

/** As many digits before and after the point as the console's contract takes. */
const MAX_DIGITS = 18;
const isTooLong = (number: string): boolean => number.split('.').some((digits) => digits.length > MAX_DIGITS);

export const spendsQuote = (draft: Draft): boolean => draft.unit === 'quote' && draft.type === 'MARKET' && draft.side === 'BUY';

export type Wish =
  | { readonly ok: true; readonly kind: 'order'; readonly request: OrderRequestInput }
  | { readonly ok: true; readonly kind: 'oco'; readonly request: OcoRequestInput }
  | { readonly ok: false; readonly missing: string };

const numberIn = (typed: string, name: string): string | Lacks => {
  if (typed.trim() === '') return new Lacks(`Enter a ${name}`);
  const number = typedDecimal(typed);
  if (number === undefined) return new Lacks(`The ${name} is not a number`);
  return isTooLong(number) ? new Lacks(`The ${name} has too many digits`) : number;
};

/** The request that the draft makes, or what it still lacks. */
export const wishOf = (draft: Draft, symbol: string, basis: ExitBasis = { entry: undefined, tick: undefined }): Wish => {
  const lacks = ({ missing }: Lacks): Wish => ({ ok: false, missing });
  const { type, side } = draft;
  const asked = asks(type);
  const price = asked.price ? numberIn(draft.price, 'price') : undefined;
  if (price instanceof Lacks) return lacks(price);
  const stopPrice = asked.stopPrice ? numberIn(draft.stopPrice, type === 'OCO' ? 'stop price' : 'trigger price') : undefined;
  if (stopPrice instanceof Lacks) return lacks(stopPrice);
  const trailingDeltaBps = asked.trailing ? typedBps(draft.trailingPct) : undefined;
  if (asked.trailing && trailingDeltaBps === undefined) return lacks(new Lacks('Enter a trailing distance from 0.01 to 100 %'));
  const size = numberIn(draft.size, 'size');
  if (size instanceof Lacks) return lacks(size);
  if (parseDecimal(size)?.isZero() === true) return lacks(new Lacks('The size is zero'));
  if (type === 'OCO') {
    if (price === undefined || stopPrice === undefined) return lacks(new Lacks('Enter both prices'));
    return { ok: true, kind: 'oco', request: { symbol, side, qty: size, price, stopPrice } };
  }
  const exits = hasExits(draft) ? exitsOf(draft, basis) : undefined;
  if (exits instanceof Lacks) return lacks(exits);
  return {
    ok: true,
    kind: 'order',
    request: {
      symbol,
      side,
      type: type === 'TRAILING' ? 'STOP_LOSS' : type,
      ...(spendsQuote(draft) ? { quoteQty: size } : { qty: size }),
      ...(price === undefined ? {} : { price, ...(type === 'LIMIT' ? { timeInForce: draft.timeInForce } : {}) }),
      ...(stopPrice === undefined ? {} : { stopPrice }),
      ...(trailingDeltaBps === undefined ? {} : { trailingDeltaBps }),
      ...(exits === undefined ? {} : { exits }),
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
  const priced = asks(draft.type).price
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

/** The exits of the order in the words of its button, as `, stop 60 600, target 63 000`. */
export const exitsText = (wish: Wish): string => {
  if (!wish.ok) return '';
  if (wish.kind === 'oco') return `, limit ${formatDecimal(wish.request.price)} or stop ${formatDecimal(wish.request.stopPrice)}`;
  const { exits, stopPrice, trailingDeltaBps } = wish.request;
  const trigger = stopPrice === undefined ? '' : ` when the price is ${formatDecimal(stopPrice)}`;
  const trails = trailingDeltaBps === undefined ? '' : `, trailing by ${percentText(trailingDeltaBps)}`;
  const stop =
    exits?.stopLoss === undefined
      ? exits?.trailingDeltaBps === undefined
        ? ''
        : `, stop trailing by ${percentText(exits.trailingDeltaBps)}`
      : `, stop ${formatDecimal(exits.stopLoss)}`;
  const target = exits?.takeProfit === undefined ? '' : `, target ${formatDecimal(exits.takeProfit)}`;
  return `${trigger}${trails}${stop}${target}`;
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
