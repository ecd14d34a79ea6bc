// Sizing by risk (B6): how much to buy so that no more than the policy's share of equity is lost when the stop is hit, and no more than
// the gate itself lets pass. Pure: it asks for nothing and places nothing.
import type { RiskSize } from '../../src-shared/contract/orders.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { money, parseDecimal, roundedText, toText } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Denial, LimitId } from '../../src-shared/errors/denial.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { isAbove, isPositive } from './compare.ts';
import type { Measured } from './examine.ts';
import { gateError, judge } from './gate.ts';
import type { Judgement } from './gate.ts';
import type { Limit } from './limit.ts';
import type { GatePicture } from './picture.ts';
import { floorToStep, rulesOf } from './rules.ts';
import type { Rules, Step } from './rules.ts';

export interface RiskWish {
  readonly symbol: SymbolId;
  readonly side: 'BUY';
  /** Limit price; null: at the market. */
  readonly price: DecimalText | null;
  readonly stopPrice: DecimalText;
  /** 0 … 1; null: none is given. */
  readonly confidence: number | null;
}

const HIGH_CONFIDENCE = 0.85;
const LOW_CONFIDENCE = 0.6;
const ONE = new Decimal(1);
const HUNDRED = new Decimal(100);

/** Limits that a smaller order may pass. The others forbid every size alike. */
const SIZE_LIMITS: ReadonlySet<LimitId> = new Set([
  'C1.maxOrderNotional',
  'C3.balance',
  'C4.dailyLoss',
  'C4.dailyLossPct',
  'C7.positionPct',
  'C7.symbolPct',
  'C7.strategyPct',
  'C7.totalPct',
  'C7.netDirectionPct',
  'C7.positionValue',
  'C12.lot',
  'C12.marketLot',
  'C12.notional',
  'C12.maxPosition',
  'H.orderCap',
  'H.exposureCap',
  'H.dailyLossCap',
]);

/**
 * The size whose loss at the stop, fees both ways included, is `order.riskPerTradePct` of equity times the confidence factor; rounded
 * down to the lot, then down to the largest that the gate lets pass. Denials: SIZE where no size can be worked out or none is left, and
 * whatever the gate says of every size. Never throws.
 */
export const sizeByRisk = (wish: RiskWish, origin: OrderOrigin, picture: GatePicture): Result<RiskSize, Denial> => {
  try {
    const risk = riskOf(wish, picture);
    return 'code' in risk ? fail(risk) : sized(wish, origin, picture, risk);
  } catch (error) {
    return fail(gateError(error));
  }
};

// -------------------------------------------------------------------------------------------------------- what is risked

interface Risk {
  readonly budgetUsdt: Decimal;
  readonly multiplier: Decimal;
  readonly stopDistance: Decimal;
  /** What one unit of the base loses between entry and stop, fees both ways included. */
  readonly lossPerUnitUsdt: Decimal;
  /** On which quantities are counted here. */
  readonly step: Step;
  /** The quantity that risks the budget, on the step. */
  readonly wantedQty: Decimal;
}

const riskOf = ({ price, stopPrice, confidence }: RiskWish, picture: GatePicture): Risk | Denial => {
  const { instrument, quote, equityUsdt, policy } = picture;
  if (confidence !== null && !(confidence >= 0 && confidence <= 1)) return noSize('A confidence is a number from 0 to 1.');
  if (instrument === null) return unknown('the instrument');
  if (equityUsdt === null) return unknown('the equity');
  const entry = price === null ? (quote?.ask ?? null) : parseDecimal(price);
  if (entry === null) return unknown('the best quote');
  const stop = parseDecimal(stopPrice);
  if (entry === undefined || stop === undefined || !isPositive(stop) || !isAbove(entry, stop))
    return noSize(`The stop has to lie below the entry: ${stopPrice} against ${entry?.toFixed() ?? String(price)}.`);
  const rules = rulesOf(instrument);
  const multiplier = multiplierOf(confidence, policy);
  const budgetUsdt = equityUsdt.times(money(policy.order.riskPerTradePct)).div(HUNDRED).times(multiplier);
  const lossPerUnitUsdt = entry.times(ONE.plus(rules.fee)).minus(stop.times(ONE.minus(rules.fee)));
  const step = stepOf(rules, price === null);
  const wantedQty = floorToStep(budgetUsdt.div(lossPerUnitUsdt), step);
  return { budgetUsdt, multiplier, stopDistance: entry.minus(stop), lossPerUnitUsdt, step, wantedQty };
};

const multiplierOf = (confidence: number | null, { order }: Policy): Decimal => {
  if (confidence === null) return ONE;
  if (confidence >= HIGH_CONFIDENCE) return money(order.highConfidenceFactor);
  return confidence < LOW_CONFIDENCE ? money(order.lowConfidenceFactor) : ONE;
};

/** Binance counts assets with at most 8 decimals: the step where a symbol names none. */
const FINEST: Step = { size: new Decimal('0.00000001'), decimals: 8 };

/** The coarser of the steps that hold for the order. */
export const stepOf = ({ lot, marketLot }: Rules, atMarket: boolean): Step => {
  const step = atMarket && marketLot !== null && isAbove(marketLot.size, lot.size) ? marketLot : lot;
  return step.size.isZero() ? FINEST : step;
};

// ------------------------------------------------------------------------------------------------------ what may be bought

const sized = (wish: RiskWish, origin: OrderOrigin, picture: GatePicture, risk: Risk): Result<RiskSize, Denial> => {
  const { wantedQty, step } = risk;
  if (!isPositive(wantedQty)) return fail(noSize(`${budgetText(risk)}: that is less than the smallest lot.`));
  const { qty, judgement, cap } = largestOf((of) => judge(orderOf(wish, of), origin, picture), wantedQty, step);
  if (judgement.verdict === 'pass') return ok(sizeOf(risk, qty, cap?.id ?? null));
  if (cap === null || qty.isZero()) return fail(judgement.denial);
  return fail({ ...judgement.denial, text: `${cap.id} leaves at most ${qty.toFixed()}, and that is denied: ${judgement.denial.text}` });
};

export interface Largest {
  /** 0: one step is too large already, and the judgement is of the quantity that was wanted. */
  readonly qty: Decimal;
  readonly judgement: Judgement;
  /** The limit that keeps it from being larger; null: it is all that was wanted. */
  readonly cap: Limit | null;
}

/** The largest quantity, on the step and at most `wantedQty`, that is too large for no limit; other rules may forbid it all the same. */
export const largestOf = (judged: (qty: Decimal) => Judgement, wantedQty: Decimal, step: Step): Largest => {
  const first = judged(wantedQty);
  let cap = capOf(first);
  if (cap === null) return { qty: wantedQty, judgement: first, cap };
  // One step is not too large, the wanted number of steps is: between the two lies the edge.
  let [low, high] = [ONE, wantedQty.div(step.size)];
  let best: Judgement = judged(step.size);
  if (capOf(best) !== null) return { qty: new Decimal(0), judgement: first, cap };
  while (high.minus(low).gt(ONE)) {
    const middle = low.plus(high).div(2).floor();
    const judgement = judged(middle.times(step.size));
    const capped = capOf(judgement);
    if (capped === null) [low, best] = [middle, judgement];
    else [high, cap] = [middle, capped];
  }
  return { qty: low.times(step.size), judgement: best, cap };
};

const orderOf = ({ symbol, side, price }: RiskWish, qty: Decimal): OrderRequest =>
  price === null ? { symbol, side, type: 'MARKET', qty: toText(qty) } : { symbol, side, type: 'LIMIT', qty: toText(qty), price };

/** The first limit for which the order is too large; null: none, whatever else forbids it. */
const capOf = ({ readings }: Judgement): Limit | null => readings.find(isTooLarge)?.limit ?? null;

const isTooLarge = ({ limit, reading }: Measured): boolean => {
  if (reading.verdict !== 'deny' || reading.missing !== null || !SIZE_LIMITS.has(limit.id)) return false;
  const most = limit.sense === 'step' ? reading.ceiling : reading.bound;
  const { after } = reading;
  return after instanceof Decimal && most instanceof Decimal && isPositive(most) ? isAbove(after, most) : limit.sense === 'at-most';
};

const budgetText = ({ budgetUsdt, lossPerUnitUsdt }: Risk): string =>
  `${roundedText(budgetUsdt)} USDT may be lost, and one unit loses ${roundedText(lossPerUnitUsdt)} USDT at the stop, fees included`;

const sizeOf = (risk: Risk, qty: Decimal, cappedBy: LimitId | null): RiskSize => {
  const { multiplier, stopDistance, lossPerUnitUsdt } = risk;
  return {
    qty: toText(qty),
    riskUsdt: toText(qty.times(lossPerUnitUsdt)),
    stopDistance: toText(stopDistance),
    multiplier: toText(multiplier),
    cappedBy,
    text: cappedBy === null ? `${budgetText(risk)}.` : `${budgetText(risk)}; ${cappedBy} allows no more than this.`,
  };
};

const ADVICE = 'Move the stop, or give the quantity yourself.';
const noSize = (text: string): Denial => ({ code: 'SIZE', text, advice: ADVICE });
const unknown = (what: string): Denial => noSize(`No size can be worked out: ${what} is not known, and what is not known is not allowed.`);
