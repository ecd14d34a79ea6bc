// May I trade, and why: the derived state, its worst cause in words, and how much room is left. While the view is stale it says so
// before anything else, because then nothing else here can be vouched for.
import { useShallow } from 'zustand/react/shallow';
import { formatDecimal } from '../../components/numbers.ts';
import { clockTime } from '../../components/time.ts';
import { Mark } from '../../components/icon.tsx';
import { useReplica } from '../../replica/replica.ts';
import type { TradingView } from '../../../src-shared/contract/view.ts';
import { helpOfCause } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import { show } from './screen.ts';

const VERDICT = { ACTIVE: 'good', REDUCING: 'poor', HALTED: 'bad' } as const;

/** The cause that weighs most: HALTED before REDUCING, then the engine's own order. */
const worst = (trading: TradingView) => trading.causes.find((cause) => cause.level === trading.level) ?? trading.causes[0];

const Counts = () => {
  const text = useReplica(({ view }) => {
    const status = view.status.console;
    const open = Object.values(view.orders).filter((order) => !['FILLED', 'CANCELED', 'EXPIRED', 'REJECTED'].includes(order.status)).length;
    const loss = view.limits['C4.dailyLoss'];
    const held = Object.values(view.positions).filter((position) => !position.dust).length;
    return [
      status !== undefined && `${held}${status.maxPositions === null ? '' : ` of ${status.maxPositions}`} positions`,
      `${open} open ${open === 1 ? 'order' : 'orders'}`,
      loss !== undefined && loss.limit !== null && `day loss ${formatDecimal(loss.before, 0)} of ${formatDecimal(loss.limit, 0)}`,
    ]
      .filter(Boolean)
      .join(' · ');
  });
  return <span className="banner-counts">{text}</span>;
};

const Trading = () => {
  const trading = useReplica((replica) => replica.view.safety.trading);
  const connected = useReplica((replica) => replica.link.state !== 'waiting');
  if (trading === undefined)
    return (
      <>
        <Mark verdict="unknown" />
        <strong data-testid="trading-state">{connected ? 'STARTING' : 'CONNECTING'}</strong>
        <span className="banner-why">Waiting for the console: journal replay, reconciliation, self-test.</span>
      </>
    );
  const cause = worst(trading);
  const more = trading.causes.length - 1;
  return (
    <>
      <Mark verdict={VERDICT[trading.level]} />
      <strong data-testid="trading-state">{trading.level}</strong>
      <span className="banner-why" title={trading.causes.map(({ text }) => text).join('\n')}>
        {cause?.text ?? 'all checks pass'}
      </span>
      {cause !== undefined && <Help to={helpOfCause(cause.code)} about="why, and how it ends" />}
      {more > 0 && (
        <button type="button" className="button button-small button-quiet" onClick={() => show({ page: 'safety' })}>
          and {more} more
        </button>
      )}
      <Counts />
    </>
  );
};

export const Banner = () => {
  const link = useReplica(useShallow((replica) => replica.link));
  return (
    <section className="banner" aria-label="May I trade">
      {link.state === 'stale' && (
        <p className="banner-stale">
          <strong>STALE</strong> since {clockTime(link.sinceMs)} UTC: {link.why} Asking again. Orders wait; the stop works.
        </p>
      )}
      <div className="banner-line">
        <Trading />
      </div>
    </section>
  );
};
