// What would happen if the trader pressed buy now: the largest market buy that no limit caps lower, held against the gate as the order
// itself would be. It shows what the gate says and decides nothing; what cannot be told is a no with its reason.
import type { BuyNow, NamedLimit } from '../../src-shared/contract/buy-now.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { roundedText, toText } from '../../src-shared/domain/money.ts';
import type { OrderOrigin } from '../../src-shared/domain/order.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
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
  try {
    return asked(symbol, (qty) => judge({ symbol, side: 'BUY', type: 'MARKET', qty: toText(qty) }, origin, picture), picture);
  } catch (error) {
    return answer(symbol, picture, gateError(error), null, []);
  }
};

const ONE = new Decimal(1);

const asked = (symbol: SymbolId, judged: (qty: Decimal) => Judgement, picture: GatePicture): BuyNow => {
  const { instrument, quote } = picture;
  const free = instrument === null ? null : picture.free(instrument.quote);
  // What is not known denies whatever size there is.
  if (instrument === null || quote === null || free === null || !quote.ask.gt(0)) return judgedAs(symbol, judged(ONE), picture, null);
  const step = stepOf(rulesOf(instrument), true);
  // More than the money can buy, so that something caps it.
  const wantedQty = Decimal.max(step.size, floorToStep(free.times(2).div(quote.ask), step));
  const { qty, judgement, cap } = largestOf(judged, wantedQty, step);
  if (qty.isZero()) return noRoom(symbol, judgement.readings, judged(step.size).readings, picture);
  const known = cap === null ? null : { qty: toText(qty), valueUsdt: roundedText(qty.times(quote.ask)), cappedBy: named(cap) };
  return judgedAs(symbol, judgement, picture, known);
};

const isDenied = ({ reading }: Measured): boolean => reading.verdict === 'deny';

/** Not even one step fits: what forbids it is what forbids much and little alike, not what each of the two breaks by its size. */
const noRoom = (symbol: SymbolId, much: readonly Measured[], little: readonly Measured[], picture: GatePicture): BuyNow => {
  const ofMuch = new Set(much.filter(isDenied).map(({ limit }) => limit));
  const both = little.filter((one) => isDenied(one) && ofMuch.has(one.limit));
  const denial = stateDenial(true, false, picture.trading) ?? firstDenial(both);
  invariant(denial !== null, 'what is too large for one step is so for many');
  return answer(
    symbol,
    picture,
    denial,
    null,
    both.map(({ limit }) => named(limit)),
  );
};

const judgedAs = (symbol: SymbolId, judgement: Judgement, picture: GatePicture, largest: BuyNow['largest']): BuyNow => {
  const denial = judgement.verdict === 'pass' ? null : judgement.denial;
  const forbids = judgement.readings.filter(isDenied).map(({ limit }) => named(limit));
  return answer(symbol, picture, denial, largest, forbids);
};

const answer = (
  symbol: SymbolId,
  { trading }: GatePicture,
  denial: Denial | null,
  largest: BuyNow['largest'],
  forbids: readonly NamedLimit[],
): BuyNow => ({
  symbol,
  verdict: denial === null ? 'pass' : 'deny',
  largest,
  denial,
  forbids,
  noSales: stateDenial(false, false, trading),
  text: denial === null ? sentText(largest) : refusedText(denial, largest),
});

const named = ({ id, title }: Limit): NamedLimit => ({ id, title });

const sentText = (largest: BuyNow['largest']): string => {
  invariant(largest !== null, 'a buy that passes is capped by something');
  const { qty, valueUsdt, cappedBy } = largest;
  return `A market buy of up to ${qty}, worth ${valueUsdt} USDT, would be sent at once; ${cappedBy.title} (${cappedBy.id}) allows no more.`;
};

const refusedText = ({ text, advice }: Denial, largest: BuyNow['largest']): string =>
  [
    `A buy would be refused and never leave this machine. ${text} ${advice}`,
    largest === null
      ? ''
      : `Were it not for that, ${largest.cappedBy.title} (${largest.cappedBy.id}) would leave room for ${largest.valueUsdt} USDT.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
