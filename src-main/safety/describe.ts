// Limits in words and for gauges: made only when somebody looks, never on the way of an order. Rounding here is for display; a
// denied value is rounded away from its limit, so that it never reads as allowed.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { LimitView } from '../../src-shared/contract/view.ts';
import type { Denial, LimitUnit } from '../../src-shared/errors/denial.ts';
import type { GateContext } from './context.ts';
import type { Limit, Raw, Reading, Sense } from './limit.ts';

const numberOf = (raw: Raw): Decimal | null => {
  if (raw === null || typeof raw === 'string') return null;
  const value = new Decimal(typeof raw === 'function' ? raw() : raw);
  return value.isFinite() ? value : null;
};

type Rounding = 0 | 1 | 4;
/** Away from zero, towards zero, and to the nearest. */
const [UP, DOWN, NEAREST]: readonly [Rounding, Rounding, Rounding] = [Decimal.ROUND_UP, Decimal.ROUND_DOWN, Decimal.ROUND_HALF_UP];

const textOf = (raw: Raw, unit: LimitUnit, rounding: Rounding = NEAREST): DecimalText | string | null => {
  if (typeof raw === 'string') return raw;
  const value = numberOf(raw);
  if (value === null) return null;
  // A monotonic clock has fractions of a millisecond that nobody reads.
  if (unit === 'ms') return value.toFixed(0, rounding);
  return unit === 'USDT' ? value.toFixed(2, rounding) : value.toFixed();
};

const UNIT_WORD: Readonly<Record<LimitUnit, string>> = {
  USDT: ' USDT',
  percent: ' %',
  count: '',
  ms: ' ms',
  base: '',
  price: '',
  list: '',
};

/** What an order's denial by a limit says: what was asked and what forbids it. */
const sentenceOf = (limit: Limit, reading: Reading, unit: LimitUnit): string => {
  const { title } = limit;
  if (reading.missing !== null) return `${title}: ${reading.missing} is not known, and what is not known is not allowed.`;
  const say: Say = (raw, rounding) => {
    const text = textOf(raw, unit, rounding);
    return text === null ? 'unknown' : `${text}${UNIT_WORD[unit]}`;
  };
  return `${title}: ${SENTENCES[limit.sense](reading, say)}${untilText(reading)}`;
};

/** The wall clock of UTC, to the second. */
const untilText = ({ untilMs }: Reading): string => {
  if (untilMs === null) return '';
  const until = new Date(untilMs);
  return Number.isNaN(until.getTime()) ? '' : ` This ends at ${until.toISOString().slice(11, 19)} UTC.`;
};

type Say = (raw: Raw, rounding?: Rounding) => string;

const SENTENCES: Readonly<Record<Sense, (reading: Reading, say: Say) => string>> = {
  'at-most': ({ after, bound }, say) => `${say(after, UP)}, and at most ${say(bound)} is allowed.`,
  below: ({ after, bound }, say) => `${say(after)}, and it must be below ${say(bound)}.`,
  'at-least': ({ after, bound }, say) => `${say(after, DOWN)}, and at least ${say(bound)} is needed.`,
  within: ({ after, floor, bound }, say) => `${say(after)}, and it must be ${rangeOf(floor, bound, say)}.`,
  around: ({ after, floor, bound }, say) => `${say(after)}, and it must be ${rangeOf(floor, bound, say)}.`,
  beyond: ({ after, floor, bound }, say) =>
    `${say(after)}, and it must be ${bound === null ? `above ${say(floor)}` : `below ${say(bound)}`}.`,
  step: ({ after, bound, floor, ceiling }, say) =>
    `${say(after)}, and it must be a multiple of ${say(bound)} ${rangeOf(floor, ceiling, say)}.`,
  listed: ({ after, bound }, say) => `${say(after)} is not ${say(bound)}.`,
};

const rangeOf = (floor: Raw, top: Raw, say: Say): string =>
  numberOf(top)?.gt(0) === true ? `from ${say(floor)} to ${say(top)}` : `from ${say(floor)} up`;

const unitOf = (limit: Limit, context: GateContext | null): LimitUnit =>
  context === null ? limit.unit : (limit.unitFor?.(context) ?? limit.unit);

/** The denial of an order by a limit, with exact numbers. */
export const denialOf = (limit: Limit, reading: Reading, context: GateContext): Denial => {
  const unit = unitOf(limit, context);
  const exact = (raw: Raw): string | null => (typeof raw === 'string' ? raw : (numberOf(raw)?.toFixed() ?? null));
  const value = exact(reading.after);
  const bound = boundText(limit, reading, exact);
  return {
    code: limit.id,
    text: sentenceOf(limit, reading, unit),
    advice: reading.missing === null ? limit.advice(reading, context) : 'Wait until it is known; the health page says what is missing.',
    formula: limit.formula,
    ...(value === null ? {} : { value }),
    ...(bound === null ? {} : { limit: bound }),
  };
};

const boundText = (limit: Limit, reading: Reading, text: (raw: Raw) => string | null): string | null => {
  if (limit.sense === 'beyond') {
    const [below, above] = [text(reading.bound), text(reading.floor)];
    return below === null ? above && `> ${above}` : `< ${below}`;
  }
  if (limit.sense !== 'within' && limit.sense !== 'around') return text(reading.bound);
  const [low, high] = [text(reading.floor), text(reading.bound)];
  if (low === null) return null;
  return high === null ? `≥ ${low}` : `${low} – ${high}`;
};

type Numbers = { readonly after: Decimal; readonly bound: Decimal | null; readonly floor: Decimal | null };

const room = ({ after, bound }: Numbers): Decimal | null => bound?.minus(after) ?? null;
const overFloor = ({ after, floor }: Numbers): Decimal | null => (floor === null ? null : after.minus(floor));
const nearerEnd = (numbers: Numbers): Decimal | null => {
  const [above, below] = [room(numbers), overFloor(numbers)];
  return above === null || below === null ? below : Decimal.min(above, below);
};

/** What is left, in the limit's unit; null where distance has no meaning. */
const DISTANCES: Readonly<Partial<Record<Sense, (numbers: Numbers) => Decimal | null>>> = {
  'at-most': room,
  below: room,
  'at-least': (numbers) => room(numbers)?.neg() ?? null,
  within: nearerEnd,
  around: nearerEnd,
  beyond: (numbers) => room(numbers) ?? overFloor(numbers),
};

/** Used part of the limit, to four decimals: 0 … 1 and beyond; null where it has no meaning. */
const usedRatioOf = (sense: Sense, { after, bound, floor }: Numbers): number | null => {
  if (bound === null) return null;
  if (sense === 'at-most' || sense === 'below') return ratio(after, bound);
  if (sense !== 'around' || floor === null) return null;
  const middle = bound.plus(floor).div(2);
  return ratio(after.minus(middle).abs(), bound.minus(middle));
};

const ratio = (used: Decimal, of: Decimal): number => (of.gt(0) ? Number(used.div(of).toFixed(4)) : used.gt(0) ? 1 : 0);

/** One row of the preview, or one gauge when there is no order (`context` null). */
export const viewOf = (limit: Limit, reading: Reading, context: GateContext | null): LimitView => {
  const unit = unitOf(limit, context);
  const [after, bound, floor] = [numberOf(reading.after), numberOf(reading.bound), numberOf(reading.floor)];
  const distance = after === null ? null : (DISTANCES[limit.sense]?.({ after, bound, floor }) ?? null);
  const rounding = reading.verdict === 'deny' && limit.sense === 'at-most' ? UP : NEAREST;
  return {
    id: limit.id,
    title: limit.title,
    unit,
    before: textOf(reading.before, unit),
    after: textOf(reading.after, unit, rounding),
    limit: boundText(limit, reading, (raw) => textOf(raw, unit)),
    distance: distance === null ? null : (textOf(distance, unit) as DecimalText),
    usedRatio: after === null ? null : usedRatioOf(limit.sense, { after, bound, floor }),
    verdict: reading.verdict,
    formula: limit.formula,
    scope: limit.scope,
    untilMs: reading.untilMs,
    text: reading.verdict === 'deny' ? sentenceOf(limit, reading, unit) : (limit.resets ?? ''),
  };
};

/** What it forbids now, and where; else whose value it is. */
const standingText = (reading: Reading): string => {
  const { verdict, about } = reading;
  if (verdict === 'deny') return `Forbids openings${about === null ? '' : ` in ${about}`} now.${untilText(reading)}`;
  return about === null ? '' : `The most stands in ${about}.`;
};

/** Gauges without an order: the value as it stands; the verdict says whether one more opening would fit. */
export const gaugeOf = (limit: Limit, reading: Reading): LimitView => {
  const standing: Reading = { ...reading, after: reading.before };
  const view = viewOf(limit, standing, null);
  if (reading.missing !== null) return view;
  return {
    ...view,
    text: [standingText(reading), limit.resets ?? ''].filter((part) => part !== '').join(' '),
  };
};
