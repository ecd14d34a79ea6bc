// What can I lose: every limit as a gauge, nearest to its limit first. The line at the foot tells the formula of the gauge that has
// the pointer or the keyboard, so that reading it never moves anything.
import { useState } from 'react';
import type { LimitView } from '../../../src-shared/contract/view.ts';
import { formatInUnit, formatLimit, isProse } from '../../components/numbers.ts';
import { useReplica } from '../../replica/replica.ts';
import { countdown, useNowMs } from '../../components/time.ts';
import { helpOfDenial } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import { byNearness, leftText, levelOf, scopeText } from './nearness.ts';
import './limits.css';

/** Its name, and how much of how much. */
export const GaugeHead = ({ limit }: { readonly limit: LimitView }) => (
  <span className="gauge-line">
    <span className="gauge-title">{limit.title}</span>
    <span className="num gauge-value">
      {formatInUnit(limit.before, limit.unit)}
      {limit.limit !== null && !isProse(limit.limit) && <span className="muted"> / {formatLimit(limit.limit, limit.unit)}</span>}
    </span>
  </span>
);

const Gauge = ({ limit, explain }: { readonly limit: LimitView; readonly explain: (id: string) => void }) => {
  const level = levelOf(limit);
  return (
    <li
      className={`gauge gauge-${level}`}
      tabIndex={0}
      aria-describedby="limit-explained"
      onFocus={() => explain(limit.id)}
      onPointerEnter={() => explain(limit.id)}
    >
      <GaugeHead limit={limit} />
      <span className="gauge-line">
        <span className={limit.usedRatio === null ? 'spread' : 'gauge-bar'} aria-hidden="true">
          {limit.usedRatio !== null && (
            <span className="gauge-fill" style={{ width: `${Math.min(100, Math.max(0, limit.usedRatio * 100))}%` }} />
          )}
        </span>
        {limit.untilMs === null ? (
          <span className="gauge-left" title={leftText(limit)}>
            {leftText(limit)}
          </span>
        ) : (
          <Until untilMs={limit.untilMs} />
        )}
      </span>
    </li>
  );
};

/** How long what it forbids goes on. */
const Until = ({ untilMs }: { readonly untilMs: number }) => {
  const nowMs = useNowMs();
  return <span className="gauge-left num">{countdown(untilMs - nowMs)} more</span>;
};

export const Limits = () => {
  const byId = useReplica((replica) => replica.view.limits);
  const [explained, setExplained] = useState<string>();
  const limits = byNearness(Object.values(byId));
  const told = limits.find((limit) => limit.id === explained) ?? limits[0];
  return (
    <section className="panel limits" aria-label="Limits" data-testid="limits">
      <div className="panel-head">
        <h2 className="panel-title">Limits</h2>
        <span className="spread" />
        <span className="muted limits-hint">nearest first</span>
      </div>
      {limits.length === 0 ? (
        <p className="empty">
          <strong>No limits yet</strong>They appear when the console has read its policy. Until then nothing can be ordered.
        </p>
      ) : (
        <>
          <ul className="panel-body gauges">
            {limits.map((limit) => (
              <Gauge key={limit.id} limit={limit} explain={setExplained} />
            ))}
          </ul>
          <div className="limits-explained" tabIndex={0} role="region" aria-label="Formula of the limit">
            <p id="limit-explained">
              <span className="muted">{told?.id}</span>
              {told !== undefined && <Help to={helpOfDenial(told.id)} about={told.title} />} {told?.formula}
              {told !== undefined && <span className="muted"> · {scopeText(told)}</span>}
              {told !== undefined && told.text !== '' && <span className="muted"> · {told.text}</span>}
            </p>
          </div>
        </>
      )}
    </section>
  );
};
