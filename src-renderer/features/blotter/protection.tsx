// What guards a position, in one cell: where it sells, or in red that nothing does. Pressing it opens the plan.
import type { PositionView, ProtectionView } from '../../../src-shared/contract/view.ts';
import { formatDecimal } from '../../components/numbers.ts';
import { age, measured, useNowMs } from '../../components/time.ts';
import { useLive } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { percentText } from '../ticket/typed.ts';

/** Short, for the cell: from stop to target, as `60 600 – 63 000` or `trails 1.5 % – 63 000`. */
const planText = (plan: ProtectionView): string => {
  const { stopPrice, trailingDeltaBps, takeProfit } = plan;
  if (takeProfit === null || (trailingDeltaBps === null && stopPrice === null)) return wholePlanText(plan);
  const stop = trailingDeltaBps === null ? formatDecimal(stopPrice) : `trails ${percentText(trailingDeltaBps)}`;
  return `${stop} – ${formatDecimal(takeProfit)}`;
};

const wholePlanText = ({ stopPrice, trailingDeltaBps, takeProfit }: ProtectionView): string =>
  [
    trailingDeltaBps !== null && `trails ${percentText(trailingDeltaBps)}${stopPrice === null ? '' : ` at ${formatDecimal(stopPrice)}`}`,
    trailingDeltaBps === null && stopPrice !== null && `stop ${formatDecimal(stopPrice)}`,
    takeProfit !== null && `target ${formatDecimal(takeProfit)}`,
  ]
    .filter(Boolean)
    .join(', ');

const Missing = ({ sinceMs }: { readonly sinceMs: number }) => {
  const nowMs = useNowMs();
  return <>unprotected for {age(nowMs - sinceMs)}</>;
};

const Words = ({ protection }: { readonly protection: ProtectionView }) => {
  const plan = planText(protection);
  switch (protection.status) {
    case 'working':
      return (
        <span className="good">
          {protection.by === 'console' && <span className="warn">by console </span>}
          {plan}
        </span>
      );
    case 'placing':
      return <span className="warn">placing {plan}</span>;
    case 'partial':
      return (
        <span className="bad">
          only {formatDecimal(protection.coversQty)}: {plan}
        </span>
      );
    case 'missing':
      return (
        <strong className="bad">
          {protection.missingSinceMs === null ? 'unprotected' : <Missing sinceMs={protection.missingSinceMs} />}
        </strong>
      );
    case 'none':
      return <span className="bad">unprotected</span>;
  }
};

/** The words of the cell, and more of them: who guards it, since when not, and the newest time without. */
const titleOf = (protection: ProtectionView): string => {
  const { text, by, lastGapMs, status } = protection;
  return [
    wholePlanText(protection),
    text,
    by === 'exchange' && status === 'working' ? 'Held by the exchange: it works when this console is gone.' : '',
    by === 'console' ? 'Moved by this console: it stands still while the console is gone.' : '',
    lastGapMs === null ? '' : `Newest time without: ${measured(lastGapMs)}.`,
  ]
    .filter(Boolean)
    .join(' · ');
};

export const Protection = ({ position }: { readonly position: PositionView }) => {
  const live = useLive();
  const { protection, symbol } = position;
  if (protection === null)
    return (
      <span className="muted" title="Smaller than the exchange’s smallest order: nothing can guard it.">
        too small
      </span>
    );
  return (
    <button
      type="button"
      className="cell-button"
      data-testid={`protect-${symbol}`}
      disabled={!live}
      title={titleOf(protection)}
      onClick={() => show({ dialog: 'protect', subject: symbol })}
    >
      <span className="visually-hidden">Protection of {symbol}: </span>
      <Words protection={protection} />
    </button>
  );
};
