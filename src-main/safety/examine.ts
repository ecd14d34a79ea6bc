// Holds an order, or the orders of a list, against every rule: the trading state, the request's own fields, the cap to the position,
// then every limit in its order. It measures all of them, so that a ticket can show them; it decides nothing beyond them.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import { ZERO_QTY } from '../../src-shared/domain/money.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { ExitPlan, ListKind, ListRole, OcoRequest, OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import { askedOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { isAtMost, isPositive } from './compare.ts';
import { aloneAs, contextOf, markOf } from './context.ts';
import type { Adds, GateContext, Place, Standing } from './context.ts';
import { denialOf } from './describe.ts';
import { exitLegs, listKindOf, ocoLegs } from './legs.ts';
import type { Leg } from './legs.ts';
import { NOT_APPLIED } from './limit.ts';
import type { Limit, Reading } from './limit.ts';
import { LIMITS } from './limits/all.ts';
import { keptOf } from './limits/exit.ts';
import { boughtAtLeast } from './limits/quote-sized.ts';
import type { GatePicture } from './picture.ts';
import { floorToStep } from './rules.ts';
import type { TradingState } from './trading-state.ts';

/** One limit and what it measured, on which order. */
export interface Measured {
  readonly limit: Limit;
  readonly reading: Reading;
  readonly context: GateContext;
}

/** An order that was looked at, with its place in the list. */
export interface Examined {
  readonly role: ListRole;
  readonly context: GateContext;
}

/** Without a context the request makes no order. `orders`: those of the list, and of a single entry its exits to come. */
export type Examination =
  | {
      readonly verdict: 'judged';
      readonly denial: Denial | null;
      readonly readings: readonly Measured[];
      /** The order itself; of an OCO the dearer leg. */
      readonly context: GateContext;
      readonly kind: ListKind | null;
      readonly orders: readonly Examined[];
    }
  | { readonly verdict: 'no-order'; readonly denial: Denial };

const NO_ORDERS: readonly Examined[] = [];

/** A single order, with its exits where it has any. Throws where the picture is impossible. */
export const examine = (request: OrderRequest, origin: OrderOrigin, picture: GatePicture): Examination => {
  const standing = standingOf(origin, request.side, picture.trading);
  const byState = stateDenial(request.side !== 'SELL', standing === 'flatten', picture.trading) ?? originDenial(origin, request.side);
  const asked = askedOf(request);
  if (typeof asked === 'string') return { verdict: 'no-order', denial: byState ?? badRequest(asked) };
  const context = contextOf(request, asked, picture, aloneAs(standing, request));
  const readings = LIMITS.map((limit) => measured(limit, context));
  const denial = byState ?? reduceOnlyDenial(context) ?? firstDenial(readings);
  if (request.exits === undefined) return { verdict: 'judged', denial, readings, context, kind: null, orders: NO_ORDERS };
  return withExits(context, request.exits, denial, readings);
};

/** The orders of a list: an entry with its exits, or the two legs of an OCO. Throws where the picture is impossible. */
export const examineList = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, picture: GatePicture): Examination => {
  const standing = standingOf(origin, wish.side, picture.trading);
  const byState = stateDenial(wish.side !== 'SELL', standing === 'flatten', picture.trading) ?? originDenial(origin, wish.side);
  if (!('type' in wish)) return examineOco(wish, standing, byState, picture);
  const asked = askedOf(wish);
  if (typeof asked === 'string') return { verdict: 'no-order', denial: byState ?? badRequest(asked) };
  const kind = listKindOf(wish, picture.instrument);
  if (kind === null || wish.exits === undefined) return { verdict: 'no-order', denial: byState ?? badRequest(NO_LIST) };
  const alone = contextOf(wish, asked, picture, aloneAs(standing, wish));
  const legs = exitsOf(alone, wish.exits);
  const adds = addsOfAll([wish, ...legs.map(({ request }) => request)]);
  const entry = contextOf(wish, asked, picture, { ...aloneAs(standing, wish), role: 'entry', adds });
  const exits = legs.map((leg) => exitContext(entry, leg, adds));
  const orders = [{ role: 'entry' as const, context: entry }, ...exits];
  const readings = readingsOf(orders);
  return { verdict: 'judged', denial: byState ?? reduceOnlyDenial(entry) ?? firstDenial(readings), readings, context: entry, kind, orders };
};

const NO_LIST = 'Only a limit buy that may rest, with exits that the exchange carries out by itself, makes an order list.';

const examineOco = (wish: OcoRequest, standing: Standing, byState: Denial | null, picture: GatePicture): Examination => {
  const legs = ocoLegs(wish);
  const adds = addsOfAll(legs.map(({ request }) => request));
  const orders: Examined[] = [];
  for (const { role, request } of legs) {
    const asked = askedOf(request);
    if (typeof asked === 'string') return { verdict: 'no-order', denial: byState ?? badRequest(`${LEG_NAME[role]}: ${asked}`) };
    orders.push({ role, context: contextOf(request, asked, picture, { ...aloneAs(standing, request), role, adds }) });
  }
  const [stop, limit] = orders;
  invariant(stop !== undefined && limit !== undefined, 'an OCO has two legs');
  const { context } = dearer(limit.context, stop.context) ? limit : stop;
  const readings = readingsOf(orders);
  return {
    verdict: 'judged',
    denial: byState ?? reduceOnlyDenial(context) ?? firstDenial(readings),
    readings,
    context,
    kind: 'OCO',
    orders,
  };
};

const dearer = (a: GateContext, b: GateContext): boolean =>
  a.worstUsdt !== null && b.worstUsdt !== null && !isAtMost(a.worstUsdt, b.worstUsdt);

// -------------------------------------------------------------------------------------------------------------- exits

/** The exits of an entry, sized to what can be sold after fees, and never above. None where nothing is left: C1 says so. */
const exitsOf = (entry: GateContext, plan: ExitPlan): readonly Leg[] => {
  const { rules, policy, twiceMark } = entry;
  const bought = boughtAtLeast(entry);
  if (rules === null || bought === null) return [];
  const kept = keptOf(bought, rules);
  if (!isPositive(kept)) return [];
  const [from] = entryPricesOf(entry);
  return exitLegs(plan, kept, rules.instrument, policy, from ?? (twiceMark === null ? null : markOf(twiceMark)));
};

/** Where the entry may open the position; empty for one at market, which does so where the market is. */
const entryPricesOf = ({ price, stopPrice }: GateContext): readonly Decimal[] => [price, stopPrice].filter((each) => each !== null);

const exitContext = (entry: GateContext, { role, request }: Leg, adds: Adds): Examined => {
  const asked = askedOf(request);
  invariant(typeof asked !== 'string', 'exits are made of a plan that makes sense');
  const place: Place = { standing: 'exit', role, adds, entryPrices: entryPricesOf(entry), entryWaits: entry.stopPrice !== null };
  return { role, context: contextOf(request, asked as Asked, entry.picture, place) };
};

/** A single entry: its exits are placed when it has filled, and must be possible then as well as can be told now. */
const withExits = (context: GateContext, plan: ExitPlan, denial: Denial | null, readings: readonly Measured[]): Examination => {
  const legs = exitsOf(context, plan);
  const alone = addsOfAll(legs.map(({ request }) => request));
  const adds = legs.length > 1 ? alone : { ...alone, lists: 0 };
  const orders = legs.map((leg) => exitContext(context, leg, adds));
  const all = mergedReadings([readings, ...orders.map((order) => readingsOfOne(order.context))]);
  return { verdict: 'judged', denial: denial ?? firstDenial(all), readings: all, context, kind: null, orders };
};

const addsOfAll = (requests: readonly OrderRequest[]): Adds => ({
  orders: requests.length,
  algos: requests.filter(({ type }) => isConditional(type)).length,
  lists: 1,
  buys: requests.filter(({ side }) => side === 'BUY').length,
});

// ----------------------------------------------------------------------------------------------------------- readings

const readingsOfOne = (context: GateContext): readonly Measured[] => LIMITS.map((limit) => measured(limit, context));
const readingsOf = (orders: readonly Examined[]): readonly Measured[] =>
  mergedReadings(orders.map(({ context }) => readingsOfOne(context)));

/** One reading a limit: the first that denies, else the first order's that it holds for. */
const mergedReadings = (all: readonly (readonly Measured[])[]): readonly Measured[] =>
  LIMITS.map((_, at) => {
    const ofLimit = all.map((readings) => readings[at]);
    const found =
      ofLimit.find((one) => one?.reading.verdict === 'deny') ?? ofLimit.find((one) => one?.reading.verdict === 'pass') ?? ofLimit[0];
    invariant(found !== undefined, 'every limit was measured');
    return found;
  });

const holdsFor = ({ scope }: Limit, { standing, opens }: GateContext): boolean =>
  standing === 'flatten' || standing === 'exit' ? scope === 'everything' : scope !== 'openings' || opens;

const measured = (limit: Limit, context: GateContext): Measured => {
  if (!holdsFor(limit, context)) return { limit, reading: NOT_APPLIED, context };
  const reading = limit.measure(context);
  // The stop's flatten is refused only for what is known: a market stream that died must not keep a position open.
  return { limit, reading: context.standing === 'flatten' && reading.missing !== null ? NOT_APPLIED : reading, context };
};

const LEG_NAME: Readonly<Record<ListRole, string>> = { entry: 'The entry', stop: 'The stop', limit: 'The take profit' };

/** The first limit that forbids it, in words; null where none does. */
export const firstDenial = (readings: readonly Measured[]): Denial | null => {
  for (const { limit, reading, context } of readings) {
    if (reading.verdict !== 'deny') continue;
    const denial = denialOf(limit, reading, context);
    const { role } = context;
    return role === null || role === 'entry' ? denial : { ...denial, text: `${LEG_NAME[role]}: ${denial.text}` };
  }
  return null;
};

// -------------------------------------------------------------------------------------------------------- state and cap

export const isStopped = ({ causes }: TradingState): boolean => causes.some((cause) => cause.code === 'EMERGENCY_STOP');

/** Privileges go by what the order does in the state that there is: the name of the origin alone gives none. */
export const standingOf = (origin: OrderOrigin, side: string, trading: TradingState): Standing => {
  if (side !== 'SELL') return 'order';
  if (origin === 'stop' && isStopped(trading)) return 'flatten';
  return origin === 'protection' ? 'protection' : 'order';
};

const originDenial = (origin: OrderOrigin, side: string): Denial | null =>
  origin === 'protection' && side !== 'SELL'
    ? { code: 'REDUCE_ONLY', text: 'Protection of a position only sells.', advice: 'Nothing was sent; report this.' }
    : null;

/** What the trading state says of an order that opens or not; null: nothing against it. */
export const stateDenial = (opens: boolean, flatten: boolean, { level, causes }: TradingState): Denial | null => {
  if (level === 'ACTIVE' || flatten || (level === 'REDUCING' && !opens)) return null;
  const why = causes[0]?.text ?? 'No cause is given, so nothing is allowed.';
  // What the exchange holds back is every order and every cancel: then nothing goes on.
  const hold = causes.find(({ code }) => code === 'VENUE_HOLD');
  if (level === 'REDUCING' && hold !== undefined)
    return {
      code: 'STATE',
      text: `Nothing can be sent now. ${hold.text}`,
      advice: 'Wait for the countdown; cancels go first when it ends.',
    };
  const cancels = hold === undefined ? 'Cancels still go' : "Cancels go first when the exchange's wait is over";
  return level === 'REDUCING'
    ? {
        code: 'STATE',
        text: `Only orders that shrink a position are allowed now. ${why}`,
        advice: 'Wait until the cause ends; sells and cancels still go.',
      }
    : { code: 'STATE', text: `Trading is halted. ${why}`, advice: `${cancels}; the safety page says what ends the halt.` };
};

/**
 * C14: on spot a sell only reduces, so it is capped to the position; sells in flight count in full. The engine's own protection does
 * not stand in the way of a person: it is cancelled first and comes back for what is left. Among protection itself it counts.
 */
const reduceOnlyDenial = ({ request, opens, qty, picture, rules, standing }: GateContext): Denial | null => {
  if (opens) {
    if (request.reduceOnly !== true) return null;
    return { code: 'REDUCE_ONLY', text: 'A buy cannot shrink a spot position.', advice: 'Take reduce-only off, or sell.' };
  }
  invariant(qty !== null, 'a sale has a quantity');
  const { sellQtyOfSymbol, protectionQtyOfSymbol } = picture.inFlight;
  const counted = standing === 'order' ? sellQtyOfSymbol.minus(protectionQtyOfSymbol) : sellQtyOfSymbol;
  const held = picture.position === null ? ZERO_QTY : picture.position.qty.minus(counted);
  if (isAtMost(qty, held)) return null;
  const allowed = !isPositive(held) || rules === null ? '0' : floorToStep(held, rules.lot).toFixed();
  return {
    code: 'REDUCE_ONLY',
    text: `Selling ${qty.toFixed()} is more than the position less the sells in flight: ${held.toFixed()}.`,
    advice:
      allowed === '0'
        ? 'Nothing can be sold here; what the console did not buy is sold on the exchange itself.'
        : `Sell at most ${allowed}.`,
    value: qty.toFixed(),
    limit: allowed,
    formula: "qty ≤ position − open sells (a person's sale: without the console's own protection)",
  };
};

export const badRequest = (text: string): Denial => ({ code: 'BAD_REQUEST', text, advice: 'Correct the order; nothing was sent.' });
