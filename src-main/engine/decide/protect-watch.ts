// The watch over protection: how long a position has been without what it should have, told once it is no matter of moments, and told
// again when it works. It acts on nothing; the alarm must fire whatever keeps the loop from acting.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import type { Severity } from '../../alerts/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { Assessment } from '../guards.ts';
import { lackOf } from '../protection-view.ts';
import type { ProtectionNotes } from '../protection-notes.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { forgive } from './protect-tries.ts';

/** Protection that is missing for longer than this is an alert (L4). */
const MISSING_ALERT_MS = 3000;
/** Tries that failed are forgotten once what they were about has stood for so long. */
const FORGIVEN_MS = 30_000;
const SECOND_MS = 1000;

/** An alert about a symbol's protection: one key, so that the newest word stands in the place of those before. */
export const alertOf = (severity: Severity, symbol: SymbolId, title: string, text: string): Extract<Effect, { kind: 'alert' }> => ({
  kind: 'alert',
  severity,
  key: `protection:${symbol}`,
  title,
  text,
});

/** Since when it lacks, and what is to be told of it now. */
export const watch = (context: Context, assessment: Assessment, notes: ProtectionNotes): Decision => {
  const isWanted = assessment.plan !== null || context.state.policy?.protection.closeUnprotected === true;
  if (isWanted && !assessment.isCovered) return lacks(context, assessment, notes);
  return stands(context, assessment, notes, isWanted);
};

const stands = ({ state, nowMs, monoMs }: Context, { position }: Assessment, notes: ProtectionNotes, isWanted: boolean): Decision => {
  const { symbol } = position;
  const missingSinceMs = state.protections.get(symbol)?.missingSinceMs ?? null;
  const sinceMs = notes.lackingSinceMs;
  const wasTold = notes.toldAtMs !== null;
  notes.standingSinceMs ??= monoMs;
  notes.lackingSinceMs = null;
  notes.toldAtMs = null;
  if (monoMs - notes.standingSinceMs >= FORGIVEN_MS) forgive(notes);
  if (!isWanted || (sinceMs === null && missingSinceMs === null)) return NOTHING;
  // Where a restart lay between, only the wall clock knows: what is seen since the start is the smaller part.
  const gapMs = Math.max(0, Math.round(monoMs - (sinceMs ?? monoMs)), missingSinceMs === null ? 0 : nowMs - missingSinceMs);
  const fact: Fact = { kind: 'protection.restored', symbol, gapMs };
  const text = `It was without for ${secondsOf(gapMs)}.`;
  return decided([fact], wasTold || missingSinceMs !== null ? [alertOf('good', symbol, `${symbol} is protected again`, text)] : []);
};

const secondsOf = (ms: number): string => `${new Decimal(ms).div(SECOND_MS).toFixed(1)} s`;

const lacks = (context: Context, assessment: Assessment, notes: ProtectionNotes): Decision => {
  const { state, monoMs } = context;
  const { symbol } = assessment.position;
  notes.lackingSinceMs ??= monoMs;
  notes.standingSinceMs = null;
  if (monoMs - notes.lackingSinceMs < MISSING_ALERT_MS) return NOTHING;
  const isKnown = (state.protections.get(symbol)?.missingSinceMs ?? null) !== null;
  const graceMs = (state.policy?.protection.graceSeconds ?? 0) * SECOND_MS;
  if (isKnown && notes.toldAtMs !== null && monoMs - notes.toldAtMs < graceMs) return NOTHING;
  notes.toldAtMs = monoMs;
  const why = lackOf(context.market, context.trading, assessment, notes);
  const part = assessment.coveredQty.isZero()
    ? ''
    : ` Only ${toText(assessment.coveredQty)} of ${toText(assessment.sellableQty)} is guarded.`;
  const text = `${why}${part} ${adviceOf(context, assessment)}`;
  return decided(isKnown ? [] : [{ kind: 'protection.missing', symbol, why }], [
    alertOf(
      'danger',
      symbol,
      `${symbol} ${assessment.coveredQty.isZero() ? 'has no working protection' : 'is guarded in part only'}`,
      text,
    ),
  ]);
};

const adviceOf = ({ state, trading }: Context, { isHeldByOthers }: Assessment): string => {
  const { closeUnprotected = false, graceSeconds = 0 } = state.policy?.protection ?? {};
  if (trading.level === 'HALTED') return 'Nothing is placed while trading is halted: sell it on the exchange itself, or end the halt.';
  if (isHeldByOthers) return 'Cancel them to have it guarded.';
  return closeUnprotected
    ? `It is sold at market after ${graceSeconds} s without.`
    : 'The console keeps trying; sell it, or set other prices, if this lasts.';
};
