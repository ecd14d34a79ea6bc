// Every limit with its formula in sight: value, limit, what is left, for which orders, until when. Nearest first, as beside the ticket.
import type { LimitView } from '../../../src-shared/contract/view.ts';
import { Section } from '../../components/section.tsx';
import { useReplica } from '../../replica/replica.ts';
import { Help } from '../guide/help-button.tsx';
import { GaugeHead } from '../limits/limits.tsx';
import { byNearness, leftText, levelOf, scopeText } from '../limits/nearness.ts';
import { Bar } from './bar.tsx';
import { Left } from './causes.tsx';

const Gauge = ({ limit }: { readonly limit: LimitView }) => {
  const level = levelOf(limit);
  return (
    <li className={`safety-gauge gauge-${level}`} data-limit={limit.id}>
      <GaugeHead limit={limit} />
      <span className="gauge-line">
        <Bar usedRatio={limit.usedRatio} />
        <span className="gauge-left safety-left">
          {limit.untilMs === null ? level === 'over' ? 'forbids now' : leftText(limit) : <Left untilMs={limit.untilMs} />}
        </span>
      </span>
      <p className="safety-formula muted">
        <span className="num">{limit.id}</span> {limit.formula}
        {limit.scope !== 'openings' && ` · ${scopeText(limit)}`}
        {level !== 'over' && limit.text !== '' && ` · ${limit.text}`}
      </p>
      {level === 'over' && limit.text !== '' && <p className="safety-formula bad">{limit.text}</p>}
    </li>
  );
};

export const GaugesSection = () => {
  const limits = useReplica(({ view }) => view.limits);
  const rows = byNearness(Object.values(limits));
  return (
    <Section
      title="Limits"
      note="nearest first; each holds for openings, where it says nothing else"
      act={<Help to="safety-settings#limits-one-by-one" about="the limits" />}
    >
      {rows.length === 0 ? (
        <p className="muted">They appear when the console has read its policy. Until then nothing can be ordered.</p>
      ) : (
        <ul className="safety-gauges" data-testid="safety-limits">
          {rows.map((limit) => (
            <Gauge key={limit.id} limit={limit} />
          ))}
        </ul>
      )}
    </Section>
  );
};
