// In which order gauges stand and what each says. Pure; the engine has judged already.
import type { LimitView } from '../../../src-shared/contract/view.ts';
import { formatInUnit } from '../../components/numbers.ts';

const NEAR = 0.8;

/** Breached first, then by the used part of the limit; those without a measure last, by name. */
export const byNearness = (limits: readonly LimitView[]): readonly LimitView[] =>
  limits.toSorted(
    (a, b) =>
      Number(b.verdict === 'deny') - Number(a.verdict === 'deny') ||
      (b.usedRatio ?? -1) - (a.usedRatio ?? -1) ||
      a.title.localeCompare(b.title),
  );

/** 80 % is near, 100 % or a denial is over (VISUAL). */
export const levelOf = (limit: LimitView): 'over' | 'near' | 'calm' =>
  limit.verdict === 'deny' || (limit.usedRatio ?? 0) >= 1 ? 'over' : (limit.usedRatio ?? 0) >= NEAR ? 'near' : 'calm';

/** What a gauge says in words: its state, then what is left. */
export const leftText = (limit: LimitView): string => {
  if (limit.verdict === 'not-applied') return 'off';
  if (levelOf(limit) === 'over') return limit.text === '' ? 'forbids now' : limit.text;
  return limit.distance === null ? 'pass' : `${formatInUnit(limit.distance, limit.unit)} left`;
};
