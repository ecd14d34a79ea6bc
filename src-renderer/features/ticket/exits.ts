// The exits of a position as they are typed, in the ticket before it is opened and in the protection's dialog after: prices, or percent
// of the entry; the stop may trail. Pure; the gate and the exchange judge them.
import type { ExitPlanInput } from '../../../src-shared/contract/contract.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { floorTo, parseDecimal, toText } from '../../../src-shared/domain/money.ts';
import { formatDecimal } from '../../components/numbers.ts';
import { Lacks, typedBps, typedDecimal } from './typed.ts';

/** Each a price or (`2%`) a distance from the entry. Empty: none. */
export interface TypedExits {
  readonly stopLoss: string;
  readonly takeProfit: string;
  /** The stop loss follows the price: its field is a distance then. */
  readonly trails: boolean;
}

/** What the exits are counted from, and on which grid they lie. Absent: percents cannot be worked out yet. */
export interface ExitBasis {
  /** The entry's price: what was paid, the limit, the trigger, or what the market asks now. */
  readonly entry: string | undefined;
  readonly tick: string | undefined;
}

/** An exit as a price: typed as one, or as percent (`2%`) below or above the entry, on the tick. */
const exitPrice = (typed: string, where: 'below' | 'above', { entry, tick }: ExitBasis): string | undefined => {
  if (!/%\s*$/.test(typed)) return typedDecimal(typed);
  const bps = typedBps(typed);
  const [from, step] = [parseDecimal(entry), parseDecimal(tick)];
  if (bps === undefined || from === undefined || step === undefined || step.isZero()) return undefined;
  const part = new Decimal(bps).div(10_000);
  return toText(floorTo(from.times(where === 'below' ? new Decimal(1).minus(part) : part.plus(1)), step));
};

/** Where the exits would sell; undefined where nothing (or nothing that makes sense) is typed, and of a stop that trails. */
export const exitPrices = ({ stopLoss, takeProfit, trails }: TypedExits, basis: ExitBasis) => ({
  stopLoss: trails ? undefined : exitPrice(stopLoss, 'below', basis),
  takeProfit: exitPrice(takeProfit, 'above', basis),
});

/** Where the stop stands at the entry; a trailing one its distance below. */
export const firstStop = ({ stopLoss, trails }: TypedExits, basis: ExitBasis): string | undefined =>
  exitPrice(trails ? `${stopLoss.replace(/%\s*$/, '')}%` : stopLoss, 'below', basis);

/** The plan that was typed, undefined for none at all, or what is wrong with it. */
export const exitsOf = (typed: TypedExits, basis: ExitBasis): ExitPlanInput | undefined | Lacks => {
  const plan: { stopLoss?: string; trailingDeltaBps?: number; takeProfit?: string } = {};
  const { stopLoss, takeProfit } = exitPrices(typed, basis);
  if (typed.stopLoss.trim() !== '' && typed.trails) {
    const bps = typedBps(typed.stopLoss);
    if (bps === undefined) return new Lacks('The trailing distance is no percent from 0.01 to 100');
    plan.trailingDeltaBps = bps;
  } else if (typed.stopLoss.trim() !== '') {
    if (stopLoss === undefined) return new Lacks('The stop loss is neither a price nor a percent');
    plan.stopLoss = stopLoss;
  }
  if (typed.takeProfit.trim() !== '') {
    if (takeProfit === undefined) return new Lacks('The take profit is neither a price nor a percent');
    plan.takeProfit = takeProfit;
  }
  return Object.keys(plan).length === 0 ? undefined : plan;
};

/**
 * What an exit comes to, as `at 59 780, −19.40`: its price, and what that wins or loses on a quantity that cost `entry` a piece. The exit's
 * own fee is not in it. Without a quantity the price alone; empty where there is no exit.
 */
export const outcomeOf = (price: string | undefined, entry: string | undefined, qty: string | undefined): string => {
  const [at, from, size] = [parseDecimal(price), parseDecimal(entry), parseDecimal(qty)];
  if (price === undefined || at === undefined || from === undefined) return '';
  if (size === undefined) return `at ${formatDecimal(price)}`;
  return `at ${formatDecimal(price)}, ${formatDecimal(at.minus(from).times(size).toFixed(2, Decimal.ROUND_HALF_UP), 2, 'always')}`;
};
