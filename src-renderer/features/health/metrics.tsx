// What the console has done and how well (REQUIREMENTS L3): asked for while the page is open, for nothing but a look needs it.
import { useEffect, useState } from 'react';
import type { CountView, MetricsView } from '../../../src-shared/contract/metrics.ts';
import { call } from '../../bridge/bridge.ts';
import './metrics.css';

const EVERY_MS = 2000;

const useMetrics = (): MetricsView | undefined => {
  const [figures, setFigures] = useState<MetricsView>();
  useEffect(() => {
    let isOpen = true;
    const look = async (): Promise<void> => {
      const answer = await call('metrics', {});
      // A failure leaves the last numbers: the page around it says what is wrong with the console.
      if (isOpen && answer.ok) setFigures(answer.value.figures);
    };
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, []);
  return figures;
};

const within = (ms: number | null): string => (ms === null ? 'none yet' : `${ms} ms`);

const Row = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => (
  <tr>
    <td>{name}</td>
    <td className="num">{children}</td>
  </tr>
);

const Counts = ({ title, rows, none }: { readonly title: string; readonly rows: readonly CountView[]; readonly none: string }) => (
  <div className="metric">
    <h3>{title}</h3>
    {rows.length === 0 ? (
      <p className="muted">{none}</p>
    ) : (
      <table className="plain-table">
        <tbody>
          {rows.map(({ kind, count }) => (
            <Row key={kind} name={kind}>
              {count}
            </Row>
          ))}
        </tbody>
      </table>
    )}
  </div>
);

/** Every bucket that holds a close, from the worst loss to the best win, as a bar with its number. */
const Distribution = ({ closes }: { readonly closes: MetricsView['journal']['closes'] }) => {
  const most = Math.max(1, ...closes.buckets.map(({ count }) => count));
  const rows = closes.buckets
    .map(({ toUsdt, count }, at) => ({ from: at === 0 ? null : (closes.buckets[at - 1]?.toUsdt ?? null), to: toUsdt, count }))
    .filter(({ count }) => count > 0);
  if (rows.length === 0) return <p className="muted">Nothing was closed yet.</p>;
  return (
    <table className="plain-table" data-testid="profit-distribution">
      <tbody>
        {rows.map(({ from, to, count }) => (
          <tr key={to ?? 'beyond'}>
            <td className="num">{from === null ? `up to ${to}` : to === null ? `above ${from}` : `${from} to ${to}`} USDT</td>
            <td>
              <meter className="metric-bar" min={0} max={most} value={count} aria-label={`${count} of ${most} at most`} />
            </td>
            <td className="num">{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

export const Metrics = () => {
  const figures = useMetrics();
  if (figures === undefined) return <p className="muted">Being counted.</p>;
  const { journal, session } = figures;
  const { orders, latency, closes } = journal;
  return (
    <div className="metrics" data-testid="metrics">
      <div className="metric">
        <h3>Orders</h3>
        <table className="plain-table">
          <tbody>
            <Row name="taken by the exchange">{journal.successPct === null ? 'none yet' : `${journal.successPct} %`}</Row>
            <Row name="decided, denied">
              {orders.decided}, {orders.denied}
            </Row>
            <Row name="taken, refused">
              {orders.taken}, {orders.refused}
            </Row>
            <Row name="answer lost at some time">{orders.doubted}</Row>
            <Row name="trades, fills">
              {orders.traded}, {orders.fills}
            </Row>
          </tbody>
        </table>
      </div>
      <div className="metric">
        <h3>Decision to acknowledged</h3>
        <table className="plain-table">
          <tbody>
            <Row name="mean">{within(latency.meanMs)}</Row>
            <Row name="half within">{within(latency.p50Ms)}</Row>
            <Row name="95 of 100 within">{within(latency.p95Ms)}</Row>
            <Row name="99 of 100 within">{within(latency.p99Ms)}</Row>
            <Row name="slowest">{within(latency.mostMs)}</Row>
          </tbody>
        </table>
      </div>
      <div className="metric">
        <h3>Closes, net of fees</h3>
        <p className="muted">
          {closes.wins} won {closes.wonUsdt}, {closes.losses} lost {closes.lostUsdt} USDT
        </p>
        <Distribution closes={closes} />
      </div>
      <Counts title="Denied by" rows={journal.denials} none="No order was denied." />
      <Counts title="Errors" rows={journal.errors} none="None." />
      <Counts title="Calls without result, in this process" rows={session.failedCalls} none="None." />
      <Counts title="Keychain did not, in this process" rows={session.keychainFailures} none="No failure." />
    </div>
  );
};
