// The trading state and its causes, worst first: what each is, how it ends, and when, where that is known.
import { Mark } from '../../components/icon.tsx';
import { NOTHING } from '../../components/numbers.ts';
import { Section } from '../../components/section.tsx';
import { clockTime, countdown, useNowMs } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { helpOfCause } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';

/** What is left of a time that ends by itself; draws itself anew once a second, and nothing around it. */
export const Left = ({ untilMs }: { readonly untilMs: number }) => {
  const leftMs = untilMs - useNowMs();
  return (
    <span className="num" title={`${clockTime(untilMs)} UTC`}>
      {leftMs <= 0 ? 'any moment' : countdown(leftMs)}
    </span>
  );
};

export const CausesSection = () => {
  const trading = useReplica(({ view }) => view.safety.trading);
  return (
    <Section title="Trading state" note="the worst cause decides">
      {trading === undefined ? (
        <p className="muted">Waiting for the console’s first picture: journal replay, comparison of the books, self-test.</p>
      ) : trading.causes.length === 0 ? (
        <p data-testid="safety-causes">
          <Mark verdict="good" /> <strong className="good">ACTIVE</strong> Nothing restricts trading. What goes wrong stands here, the worst
          first, with what ends it.
        </p>
      ) : (
        <table className="plain-table" data-testid="safety-causes">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Cause</th>
              <th scope="col">How it ends</th>
              <th scope="col" className="safety-right">
                Left
              </th>
            </tr>
          </thead>
          <tbody>
            {trading.causes.map(({ code, level, text, ends, untilMs }, index) => (
              <tr key={`${code} ${index}`}>
                <td className={`safety-state ${level === 'HALTED' ? 'bad' : 'warn'}`}>
                  <Mark verdict={level === 'HALTED' ? 'bad' : 'poor'} /> {level}
                </td>
                <td>
                  {text} <Help to={helpOfCause(code)} about="this cause, and how it ends" />
                </td>
                <td className="muted">{ends}</td>
                <td className="safety-right">{untilMs === null ? NOTHING : <Left untilMs={untilMs} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
};
