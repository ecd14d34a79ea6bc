// The books against the exchange's: the newest comparison and those of the past that found differences, each as local, exchange, action.
import type { Comparison, Difference } from '../../../src-shared/domain/difference.ts';
import type { ReconciliationView } from '../../../src-shared/contract/view.ts';
import { RunButton, Section } from '../../components/section.tsx';
import { countdown, dateTime, measured, useNowMs } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';

const Rows = ({ differences, testId }: { readonly differences: readonly Difference[]; readonly testId?: string }) => (
  <table className="plain-table differences" data-testid={testId}>
    <thead>
      <tr>
        <th scope="col">what</th>
        <th scope="col">key</th>
        <th scope="col">local</th>
        <th scope="col">exchange</th>
        <th scope="col">action</th>
      </tr>
    </thead>
    <tbody>
      {differences.map((row) => (
        <tr key={`${row.what}-${row.key}`}>
          <td>{row.what}</td>
          <td className="num">{row.key}</td>
          <td className="num">{row.local}</td>
          <td className="num">{row.venue}</td>
          <td>{row.action}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Newest = ({ last }: { readonly last: ReconciliationView | undefined }) => {
  if (last === undefined || last.atMs === null)
    return <p className="muted">Not run yet. Trading starts only after the first comparison has succeeded.</p>;
  return (
    <>
      <p className={last.failures > 0 ? 'bad' : ''} data-testid="reconciliation-text">
        {last.failures > 0 ? `Failed ${last.failures} times in a row: ${last.text}` : `Compared because: ${last.text}.`}
      </p>
      {last.differences.length === 0 ? <p>Both books are the same.</p> : <Rows differences={last.differences} testId="differences" />}
    </>
  );
};

const Past = ({ history }: { readonly history: readonly Comparison[] }) =>
  history.length === 0 ? (
    <p className="muted">No comparison in this journal has found a difference.</p>
  ) : (
    <ol className="comparisons" data-testid="reconciliation-history">
      {history.map((one, index) => (
        <li key={one.atMs}>
          <details open={index === 0}>
            <summary>
              <span className="num">{dateTime(one.atMs)} UTC</span> · {one.why} · {one.total}{' '}
              {one.total === 1 ? 'difference' : 'differences'} · <span className="muted">took {measured(one.tookMs)}</span>
            </summary>
            <Rows differences={one.differences} />
            {one.total > one.differences.length && <p className="muted">{one.total - one.differences.length} more stand in the journal.</p>}
          </details>
        </li>
      ))}
    </ol>
  );

/** Counts down by itself, so that the page around it need not be drawn each second. */
const Next = ({ atMs }: { readonly atMs: number }) => {
  const leftMs = atMs - useNowMs();
  return <>{leftMs <= 0 ? 'the next is due now' : `the next in ${countdown(leftMs)}`}</>;
};

export const ReconciliationPage = () => {
  const last = useReplica(({ view }) => view.safety.reconciliation);
  return (
    <div className="page-scroll">
      <h1 className="page-title">Reconciliation</h1>
      <p className="muted">
        What the console believes against what the exchange says: balances, orders, fills, positions, protection. Differences are taken over
        or undone, and every one is in the journal. After three failures in a row trading is HALTED.
      </p>
      <Section
        title="Newest comparison"
        {...(last?.atMs == null ? {} : { note: `${dateTime(last.atMs)} UTC` })}
        act={<RunButton name="reconcile" label="Compare now" testId="run-reconcile" />}
      >
        <Newest last={last} />
        {last?.nextAtMs != null && (
          <p className="muted">
            <Next atMs={last.nextAtMs} />
          </p>
        )}
      </Section>
      <Section title="Differences of the past" note="newest first">
        <Past history={last?.history ?? []} />
      </Section>
    </div>
  );
};
