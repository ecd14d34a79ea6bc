// What would happen if the trader pressed buy now: the largest market buy that no limit caps lower, held against the gate as the order
// itself would be. It shows what the gate says and decides nothing; what cannot be told is a no with its reason.
import type { BuyNow, NamedLimit } from '../../src-shared/contract/buy-now.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { roundedText, toText } from '../../src-shared/domain/money.ts';
import type { OrderOrigin } from '../../src-shared/domain/order.ts';
import type { Denial, LimitId } from '../../src-shared/errors/denial.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import { firstDenial, stateDenial } from './examine.ts';
import type { Measured } from './examine.ts';
import { gateError, judge } from './gate.ts';
import type { Judgement } from './gate.ts';
import type { Limit } from './limit.ts';
import type { GatePicture } from './picture.ts';
import { floorToStep, rulesOf } from './rules.ts';
import { largestOf, stepOf } from './sizing.ts';

/** The gate's answer for a market buy of `symbol`, of which the picture is. Never throws. */
export const buyNow = (symbol: SymbolId, origin: OrderOrigin, picture: GatePicture): BuyNow => {
  const noSales = salesDenial(symbol, origin, picture);
  try {
    return {
      ...asked(symbol, (qty) => judge({ symbol, side: 'BUY', type: 'MARKET', qty: toText(qty) }, origin, picture), picture),
      noSales,
    };
  } catch (error) {
    return { ...answer(symbol, gateError(error), null, []), noSales };
  }
};

/** What forbids every sale of a symbol alike, whatever its size and price. */
const OF_EVERY_SALE: ReadonlySet<LimitId> = new Set(['C9.venueHold', 'C12.symbolStatus']);

const salesDenial = (symbol: SymbolId, origin: OrderOrigin, picture: GatePicture): Denial | null => {
  const byState = stateDenial(false, false, picture.trading);
  if (byState !== null) return byState;
  const judgement = judge({ symbol, side: 'SELL', type: 'MARKET', qty: toText(ONE) }, origin, picture);
  // Without readings the gate itself is broken: that forbids all.
  if (judgement.verdict === 'deny' && judgement.readings.length === 0) return judgement.denial;
  return firstDenial(judgement.readings.filter(({ limit }) => OF_EVERY_SALE.has(limit.id)));
};

type BuyAlone = Omit<BuyNow, 'noSales'>;

const ONE = new Decimal(1);

const asked = (symbol: SymbolId, judged: (qty: Decimal) => Judgement, picture: GatePicture): BuyAlone => {
  const { instrument, quote } = picture;
  const free = instrument === null ? null : picture.free(instrument.quote);
  // What is not known denies whatever size there is.
  if (instrument === null || quote === null || free === null || !quote.ask.gt(0)) return judgedAs(symbol, judged(ONE), null);
  const step = stepOf(rulesOf(instrument), true);
  // More than the money can buy, so that something caps it.
  const wantedQty = Decimal.max(step.size, floorToStep(free.times(2).div(quote.ask), step));
  const { qty, judgement, cap } = largestOf(judged, wantedQty, step);
  if (qty.isZero()) return noRoom(symbol, judgement.readings, judged(step.size).readings, picture);
  const known = cap === null ? null : { qty: toText(qty), valueUsdt: roundedText(qty.times(quote.ask)), cappedBy: named(cap) };
  return judgedAs(symbol, judgement, known);
};

const isDenied = ({ reading }: Measured): boolean => reading.verdict === 'deny';

/** Not even one step fits: what forbids it is what forbids much and little alike, not what each of the two breaks by its size. */
const noRoom = (symbol: SymbolId, much: readonly Measured[], little: readonly Measured[], picture: GatePicture): BuyAlone => {
  const ofMuch = new Set(much.filter(isDenied).map(({ limit }) => limit));
  const both = little.filter((one) => isDenied(one) && ofMuch.has(one.limit));
  const denial = stateDenial(true, false, picture.trading) ?? firstDenial(both);
  invariant(denial !== null, 'what is too large for one step is so for many');
  return answer(
    symbol,
    denial,
    null,
    both.map(({ limit }) => named(limit)),
  );
};

const judgedAs = (symbol: SymbolId, judgement: Judgement, largest: BuyNow['largest']): BuyAlone => {
  const denial = judgement.verdict === 'pass' ? null : judgement.denial;
  const forbids = judgement.readings.filter(isDenied).map(({ limit }) => named(limit));
  return answer(symbol, denial, largest, forbids);
};

const answer = (symbol: SymbolId, denial: Denial | null, largest: BuyNow['largest'], forbids: readonly NamedLimit[]): BuyAlone => ({
  symbol,
  verdict: denial === null ? 'pass' : 'deny',
  largest,
  denial,
  forbids,
  text: denial === null ? sentText(largest) : refusedText(denial, largest, forbids),
});

const named = ({ id, title }: Limit): NamedLimit => ({ id, title });

const inWords = ({ id, title }: NamedLimit): string => `${title} (${id})`;

const sentText = (largest: BuyNow['largest']): string => {
  invariant(largest !== null, 'a buy that passes is capped by something');
  const { qty, valueUsdt, cappedBy } = largest;
  return `A market buy of up to ${qty}, worth ${valueUsdt} USDT, would be sent at once; ${inWords(cappedBy)} allows no more.`;
};

const refusedText = ({ code, text, advice }: Denial, largest: BuyNow['largest'], forbids: readonly NamedLimit[]): string => {
  const others = forbids.filter(({ id }) => id !== code);
  return [
    `A buy would be refused and never leave this machine. ${text} ${advice}`,
    others.length === 0 ? '' : `Forbidden besides by ${others.map(inWords).join(' and ')}.`,
    largest === null
      ? ''
      : `Were it not for ${others.length === 0 ? '' : 'all of '}that, ${inWords(largest.cappedBy)} would leave room for ${largest.valueUsdt} USDT.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
};
