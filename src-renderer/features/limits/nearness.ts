// In which order gauges stand and what each says. Pure; the engine has judged already.
import type { LimitView } from '../../../src-shared/contract/view.ts';
import { parseDecimal } from '../../../src-shared/domain/money.ts';
import { formatInUnit } from '../../components/numbers.ts';

const NEAR = 0.8;

/** 0 for a limit in money, 1 for one in counts, times and the rest. */
const rank = ({ unit }: LimitView): 0 | 1 => (unit === 'USDT' || unit === 'percent' ? 0 : 1);
/** From here on a limit counts as coming nearer. Below, ages and rates go up and down every second and mean nothing. */
const HALF = 5;
/** Tenths of the limit from the half on: finer steps would make gauges change places all day. -1 without a measure. */
const tenths = ({ usedRatio }: LimitView): number => {
  if (usedRatio === null) return -1;
  const used = Math.floor(usedRatio * 10);
  return used < HALF ? 0 : used;
};

/** Breached first, then by the used tenths of the limit where it is half used, money before counts; those without a measure last. */
export const byNearness = (limits: readonly LimitView[]): readonly LimitView[] =>
  limits.toSorted(
    (a, b) =>
      Number(b.verdict === 'deny') - Number(a.verdict === 'deny') ||
      tenths(b) - tenths(a) ||
      rank(a) - rank(b) ||
      a.id.localeCompare(b.id, 'en', { numeric: true }),
  );

/** 80 % is near, 100 % or a denial is over (VISUAL). */
export const levelOf = (limit: LimitView): 'over' | 'near' | 'calm' =>
  limit.verdict === 'deny' || (limit.usedRatio ?? 0) >= 1 ? 'over' : (limit.usedRatio ?? 0) >= NEAR ? 'near' : 'calm';

/** What a gauge says in words: its state, then what is left. */
export const leftText = (limit: LimitView): string => {
  if (limit.verdict === 'not-applied') return 'off';
  if (levelOf(limit) === 'over') return limit.text === '' ? 'forbids now' : limit.text;
  if (parseDecimal(limit.limit)?.isZero() === true) return 'clear';
  return limit.distance === null ? 'pass' : `${formatInUnit(limit.distance, limit.unit)} left`;
};

const SCOPES: Readonly<Record<LimitView['scope'], string>> = {
  openings: 'for openings; sales and closings go on',
  orders: 'for every order',
  everything: 'for everything that is sent, the stop’s own sales too',
};

/** Which orders a limit holds for. */
export const scopeText = ({ scope }: LimitView): string => SCOPES[scope];
