// How a position is to be protected from now on, as a person says it (B5). It checks that the plan makes sense at the price of now and
// places nothing: the loop does that in the same turn (protect.ts).
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import { parseDecimal, toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText, Price } from '../../../src-shared/domain/money.ts';
import type { ExitPlan, OrderOrigin } from '../../../src-shared/domain/order.ts';
import { neverTaken } from '../../safety/gate.ts';
import { assess } from '../guards.ts';
import { isDust, pictureOf } from '../picture.ts';
import { notesOf } from '../protection-notes.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';
import { askedFor, trailedFrom, wantedOf } from './protect-orders.ts';
import { forgive } from './protect-tries.ts';

const BASIS_POINTS = 10_000;

const refusal = (text: string): Decision =>
  decided([], [], { kind: 'denied', denial: { code: 'BAD_REQUEST', text, advice: 'Correct it; the protection is as it was.' } });

const priceProblem = (what: string, text: DecimalText | undefined, { tick }: Instrument): string => {
  if (text === undefined) return '';
  const value = parseDecimal(text);
  if (value === undefined || !value.isPositive() || value.isZero()) return `The ${what} ${JSON.stringify(text)} is no price above 0.`;
  if (tick.isZero() || value.mod(tick).isZero()) return '';
  const below = value.div(tick).floor().times(tick);
  return `The ${what} ${text} is between two ticks: ${toText(below)} and ${toText(below.plus(tick))} are the nearest.`;
};

/** What is wrong with a plan, in one sentence; empty where nothing is. `prices`: the mark, and the last trade where one is known. */
const problemOf = ({ stopLoss, trailingDeltaBps, takeProfit }: ExitPlan, instrument: Instrument, prices: readonly Price[]): string => {
  if (stopLoss === undefined && trailingDeltaBps === undefined && takeProfit === undefined)
    return 'A protection has a stop loss, a trailing stop or a take profit.';
  if (stopLoss !== undefined && trailingDeltaBps !== undefined) return 'A stop either stands or trails: one of the two.';
  if (trailingDeltaBps !== undefined && !(Number.isInteger(trailingDeltaBps) && trailingDeltaBps >= 1 && trailingDeltaBps < BASIS_POINTS))
    return `A trailing stop keeps a whole number of basis points from 1 to ${BASIS_POINTS - 1}.`;
  const wrong = priceProblem('stop loss', stopLoss, instrument) || priceProblem('take profit', takeProfit, instrument);
  if (wrong !== '') return wrong;
  // The venue compares with the last trade (-2010, would trigger immediately); the next one will be near the mark.
  const [low, high] = [Decimal.min(...prices), Decimal.max(...prices)];
  if (stopLoss !== undefined && low.lte(stopLoss))
    return `A stop loss at ${stopLoss} would sell at once: the price is ${toText(low)}. Sell the position if that is meant.`;
  if (takeProfit !== undefined && high.gte(takeProfit))
    return `A take profit at ${takeProfit} would sell at once: the price is ${toText(high)}. Sell the position if that is meant.`;
  return '';
};

/** Why the exchange could never take the orders of this plan, so that nothing that stands is taken off for it; empty where it could. */
const neverTakenText = (context: Context, symbol: SymbolId, plan: ExitPlan): string => {
  const { state, market, trading } = context;
  const assessment = assess(state, market, symbol);
  const bid = market.quote(symbol)?.bid;
  if (assessment?.instrument === undefined || bid === undefined || state.policy === null) return '';
  const { instrument, wantedQty } = assessment;
  if (isDust(wantedQty, instrument, bid)) return '';
  const trailedTo = plan.trailingDeltaBps === undefined ? null : trailedFrom(bid, plan.trailingDeltaBps, instrument);
  const wanted = wantedOf(plan, { trailedTo }, instrument);
  const asked = askedFor(plan, wanted, wantedQty, bid, state.policy, instrument);
  const picture = pictureOf(state, market, state.policy, trading, symbol, context);
  return asked === null ? '' : (neverTaken(asked.request, 'protection', picture)?.text ?? '');
};

/** The same plan in plain numbers, so that two that mean the same are the same. */
const canonical = ({ stopLoss, trailingDeltaBps, takeProfit }: ExitPlan): ExitPlan => ({
  ...(stopLoss === undefined ? {} : { stopLoss: toText(new Decimal(stopLoss)) }),
  ...(trailingDeltaBps === undefined ? {} : { trailingDeltaBps }),
  ...(takeProfit === undefined ? {} : { takeProfit: toText(new Decimal(takeProfit)) }),
});

/** Sets, changes or (null) takes off the protection of a position. Denied with words: no position, dust, or a plan that would sell now. */
export const protect = (context: Context, symbol: SymbolId, plan: ExitPlan | null, origin: OrderOrigin): Decision => {
  const { state, market } = context;
  const position = state.positions.get(symbol);
  if (position === undefined) return refusal(`There is no position in ${symbol.slice(0, 20)} to protect.`);
  const instrument = market.instruments.get(symbol);
  const quote = market.quote(symbol);
  const mark = market.mark(symbol);
  if (plan !== null) {
    if (instrument === undefined || quote === null || mark === null)
      return refusal(`No price of ${symbol} is known, so a plan cannot be checked.`);
    if (isDust(position.qty, instrument, mark))
      return refusal(`The position in ${symbol} is too small to be sold, and so to be protected.`);
    const problem = problemOf(plan, instrument, quote.last === null ? [mark] : [mark, quote.last]);
    if (problem !== '') return refusal(problem);
    const never = neverTakenText(context, symbol, canonical(plan));
    if (never !== '') return refusal(never);
  }
  // A person's word is tried at once, whatever failed before.
  forgive(notesOf(market.protection, symbol));
  const wanted = plan === null ? null : canonical(plan);
  return decided([{ kind: 'protection.set', symbol, plan: wanted, origin }], [], { kind: 'protected' });
};
