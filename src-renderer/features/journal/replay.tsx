// The console as it stood at a fact, rebuilt from the journal: data and nothing else. It never looks like the live console: it says
// REPLAY over all of it and has no button that acts.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ReplayedView } from '../../../src-shared/contract/journal.ts';
import type { ConsoleView } from '../../../src-shared/contract/view.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { formatDecimal } from '../../components/numbers.ts';
import { dateTime } from '../../components/time.ts';
import { kindText } from '../blotter/order-words.ts';

/** Asks for the newest wish only: one question on the way, whatever the slider does meanwhile. */
const useReplay = (seq: number) => {
  const [shown, setShown] = useState<ReplayedView>();
  const [problem, setProblem] = useState<string>();
  const wanted = useRef(seq);
  const busy = useRef(false);
  const ask = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    let asked: number;
    do {
      asked = wanted.current;
      const answer = await call('replayAt', { seq: asked });
      setProblem(failureText(answer));
      if (answer.ok) setShown(answer.value);
    } while (asked !== wanted.current);
    busy.current = false;
  }, []);
  useEffect(() => {
    wanted.current = seq;
    void ask();
  }, [seq, ask]);
  return { shown, problem };
};

const Rows = ({
  title,
  heads,
  rows,
  none,
}: {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly none: string;
}) => (
  <section className="replay-part" aria-label={title}>
    <h3>{title}</h3>
    {rows.length === 0 ? (
      <p className="muted">{none}</p>
    ) : (
      <table className="plain-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join(' ')}>
              {row.map((cell, index) => (
                <td key={heads[index]} className={index === 0 ? '' : 'num'}>
                  {cell ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
);

const partsOf = ({ positions, orders, balances }: ConsoleView) => ({
  positions: Object.values(positions).map((one) => [
    one.symbol,
    formatDecimal(one.qty),
    formatDecimal(one.entryPrice),
    formatDecimal(one.realisedUsdt, 2, 'always'),
  ]),
  orders: Object.values(orders)
    .filter((one) => !isEnded(one.status))
    .map((one) => [
      one.clientOrderId,
      `${one.side.toLowerCase()} ${one.symbol}, ${kindText(one)}`,
      formatDecimal(one.qty ?? one.quoteQty),
      formatDecimal(one.price ?? one.stopPrice),
      `${one.status.toLowerCase().replaceAll('_', ' ')}, filled ${formatDecimal(one.filledQty)}`,
    ]),
  balances: Object.values(balances).map((one) => [one.asset, formatDecimal(one.free), formatDecimal(one.locked), formatDecimal(one.total)]),
});

export const Replay = ({ headSeq, onClose }: { readonly headSeq: number; readonly onClose: () => void }) => {
  const [seq, setSeq] = useState(headSeq);
  const { shown, problem } = useReplay(seq);
  const parts = shown === undefined ? undefined : partsOf(shown.view);
  const go = (to: number) => setSeq(Math.max(0, Math.min(headSeq, to)));
  const stop = shown?.view.safety.stop;
  return (
    <div className="replay" data-testid="replay">
      <p className="replay-banner" role="status">
        <strong>REPLAY, read-only</strong>{' '}
        {shown === undefined
          ? 'rebuilding the console from the journal'
          : `as of fact ${shown.seq}${shown.atMs === null ? '' : `, ${dateTime(shown.atMs)} UTC`}. Nothing here is live, and nothing here acts.`}
      </p>
      <div className="replay-bar">
        <button type="button" className="button button-small" aria-label="One fact back" onClick={() => go(seq - 1)}>
          ‹
        </button>
        <input
          type="range"
          min={0}
          max={headSeq}
          step={1}
          value={seq}
          data-testid="replay-slider"
          aria-label="Fact"
          aria-valuetext={shown?.atMs == null ? `fact ${seq}` : `fact ${seq}, ${dateTime(shown.atMs)} UTC`}
          onChange={(event) => go(event.target.valueAsNumber)}
        />
        <button type="button" className="button button-small" aria-label="One fact on" onClick={() => go(seq + 1)}>
          ›
        </button>
        <span className="num muted">
          {seq} of {headSeq}
        </span>
        <button type="button" className="button" data-testid="replay-close" onClick={onClose}>
          Back to the facts
        </button>
      </div>
      {problem !== undefined && <p className="said">{problem}</p>}
      {parts !== undefined && (
        <div className="replay-body" tabIndex={0} role="region" aria-label="The console as it stood">
          <p>
            Emergency stop: <strong>{stop?.phase ?? 'not known'}</strong>
            {stop?.reason !== undefined && stop.reason !== '' ? `, ${stop.reason}` : ''}
          </p>
          <Rows title="Positions" heads={['market', 'size', 'entry', 'realised']} rows={parts.positions} none="No position." />
          <Rows title="Open orders" heads={['order', 'market', 'size', 'price', 'status']} rows={parts.orders} none="No open order." />
          <Rows title="Balances" heads={['asset', 'free', 'locked', 'total']} rows={parts.balances} none="Not stated yet." />
        </div>
      )}
    </div>
  );
};
