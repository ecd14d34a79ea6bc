// What the alarms remember (decide/alarms.ts) and never journal. Empty after a start: losing it costs one call.
import type { Decimal } from '../../src-shared/domain/decimal.ts';

export interface AlarmNotes {
  /** Monotonic ms of denied orders, oldest first. */
  denialsMs: number[];
  /** The reds of the self-test that a person was told of; empty: none. */
  reds: string;
  /** What the account was worth, oldest first, deposits and withdrawals taken out. */
  worths: { readonly atMs: number; readonly usdt: Decimal }[];
  /** The newest look was beyond the threshold: one more makes it true. */
  fell: boolean;
}

export const emptyAlarmNotes = (): AlarmNotes => ({ denialsMs: [], reds: '', worths: [], fell: false });
