// May I trade, in full: every cause, every wire, the self-test and the last reconciliation, each with its button to run it again; and
// what was done so far, in numbers.
import { useMemo } from 'react';
import type { SelfTestItem } from '../../../src-shared/domain/self-test.ts';
import { Icon, Mark } from '../../components/icon.tsx';
import { RunButton, Section } from '../../components/section.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { helpOfCause } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import { Metrics } from './metrics.tsx';

const Causes = () => {
  const trading = useReplica(({ view }) => view.safety.trading);
  if (trading === undefined) return <p className="muted">Waiting for the console’s first picture.</p>;
  if (trading.causes.length === 0) return <p>All checks pass: every order that the limits allow may go out.</p>;
  return (
    <ul className="causes">
      {trading.causes.map((cause) => (
        <li key={cause.code}>
          <Mark verdict={cause.level === 'HALTED' ? 'bad' : 'poor'} /> <strong>{cause.level}</strong> {cause.text}{' '}
          <Help to={helpOfCause(cause.code)} about={cause.text} />
        </li>
      ))}
    </ul>
  );
};

const Wires = () => {
  const health = useReplica(({ view }) => view.health);
  const rows = Object.values(health);
  if (rows.length === 0) return <p className="muted">Nothing measured yet.</p>;
  return (
    <table className="plain-table">
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td className="cell-mark">
              <Mark verdict={row.verdict} /> {row.verdict}
            </td>
            <td>{row.name}</td>
            <td className="muted">{row.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const VERDICT: Readonly<Record<SelfTestItem['verdict'], { readonly word: string; readonly className: string }>> = {
  pass: { word: 'pass', className: 'good' },
  fail: { word: 'fail', className: 'bad' },
  'not-needed': { word: 'not needed', className: 'muted' },
};

const SelfTest = () => {
  const test = useReplica(({ view }) => view.safety.selfTest);
  if (test === undefined) return <p className="muted">It runs at start; any red keeps trading HALTED.</p>;
  const items = test.items.toSorted((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'));
  return (
    <table className="plain-table" data-testid="self-test">
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            <td className={`cell-mark ${VERDICT[item.verdict].className}`}>
              {item.verdict !== 'not-needed' && <Icon name={item.verdict === 'pass' ? 'check' : 'cross'} />} {VERDICT[item.verdict].word}
            </td>
            <td>{item.title}</td>
            <td className="muted">{item.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Reconciliation = () => {
  const last = useReplica(({ view }) => view.safety.reconciliation);
  if (last === undefined || last.atMs === null)
    return <p className="muted">Not run yet: it compares balances, orders, fills, positions and protection with the exchange.</p>;
  return (
    <p className={last.failures > 0 ? 'bad' : ''}>
      {last.text}{' '}
      {last.differences.length === 0
        ? 'No difference.'
        : last.differences.length === 1
          ? 'One difference.'
          : `${last.differences.length} differences.`}{' '}
      <button type="button" className="button button-small" onClick={() => show({ page: 'reconciliation' })}>
        Local, exchange, action
      </button>
    </p>
  );
};

const Alerts = () => {
  const alerts = useReplica(({ view }) => view.alerts);
  const newest = useMemo(() => Object.entries(alerts).toSorted(([, a], [, b]) => b.atMs - a.atMs), [alerts]);
  if (newest.length === 0) return <p className="muted">None since the console started.</p>;
  return (
    <ul className="causes" data-testid="alerts">
      {newest.map(([key, { atMs, severity, title, text }]) => (
        <li key={key}>
          <span className="num muted">{dateTime(atMs)} UTC</span>{' '}
          <strong className={severity === 'danger' ? 'bad' : severity === 'warning' ? 'warn' : ''}>
            {severity}: {title}
          </strong>{' '}
          {text}
        </li>
      ))}
    </ul>
  );
};

export const HealthPage = () => {
  const tested = useReplica(({ view }) => view.safety.selfTest?.atMs);
  const reconciled = useReplica(({ view }) => view.safety.reconciliation?.atMs ?? undefined);
  const hotkey = useReplica(({ view }) => view.safety.hotkey);
  return (
    <div className="page-scroll">
      <h1 className="page-title">Health</h1>
      <p className="muted">What decides whether the console may trade.</p>
      <Section title="Trading state">
        <Causes />
      </Section>
      <Section title="Wires and budgets">
        <Wires />
      </Section>
      <Section
        title="Self-test"
        note={`${tested === undefined ? '' : `${dateTime(tested)} UTC; `}by itself as often as the policy says, every 15 s while it is red`}
        act={
          <>
            <Help to="runbook#the-self-test-is-red" about="the self-test" />
            <RunButton name="selfTest" label="Run again" testId="run-self-test" />
          </>
        }
      >
        <SelfTest />
      </Section>
      <Section
        title="Reconciliation"
        {...(reconciled === undefined ? {} : { note: `${dateTime(reconciled)} UTC` })}
        act={<RunButton name="reconcile" label="Reconcile now" testId="run-reconcile" />}
      >
        <Reconciliation />
      </Section>
      <Section title="Alerts" act={<Help to="runbook#alerts" about="the alerts" />}>
        <Alerts />
      </Section>
      <Section title="What was done" note="since this journal began">
        <Metrics />
      </Section>
      <Section title="Emergency hotkey" act={<Help to="emergency#the-hotkey" about="the hotkey" />}>
        <p>
          {hotkey === undefined
            ? 'Not known yet.'
            : `${hotkey.accelerator}: ${hotkey.status.replace('_', ' ')}. ${hotkey.text} ${hotkey.provenAtMs === null ? 'Never proven by a real press.' : `Proven ${dateTime(hotkey.provenAtMs)} UTC.`}`}
        </p>
      </Section>
    </div>
  );
};
