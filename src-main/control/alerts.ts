// The alerts from the command line (REQUIREMENTS L4): on which ways they leave, the newest of each cause, and a test of every way.
import type { Command } from 'commander';
import type { AlertTestResult } from '../../src-shared/contract/alerts.ts';
import type { AlertingView, AlertView, Snapshot } from '../../src-shared/contract/view.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { LONG_CALL_TIMEOUT_MS, valueOf, withConsole, type Session } from './session.ts';
import { table, timeText } from './table.ts';

export const alertCommands = (program: Command, session: Session): void => {
  const alerts = program
    .command('alerts')
    .description('on which ways alerts leave, and the newest of each cause; "alerts test" tries every way');
  const show = alerts
    .command('show', { isDefault: true })
    .description('the ways and the newest alerts (this is meant where nothing is said)');
  withConsole(session, show, async (client) => alertsOf((await replicaOf(client)).now()));
  const test = alerts.command('test').description('one message on each way that is set up; says what came of it');
  withConsole(session, test, async (client) => testOf(valueOf(await client.call('testAlerts', {}, LONG_CALL_TIMEOUT_MS)).results));
};

const outletTable = ({ outlets }: AlertingView): string =>
  table(
    outlets,
    [
      { title: 'WAY', of: (row) => row.outlet },
      { title: 'FROM', of: (row) => row.level },
      { title: 'STATUS', of: (row) => row.status },
      { title: 'DELIVERED', of: (row) => (row.deliveredAtMs === null ? null : timeText(row.deliveredAtMs)) },
      { title: 'WAITING', of: (row) => row.waiting, right: true },
      { title: 'LOST', of: (row) => row.lost, right: true },
      { title: '', of: (row) => row.text },
    ],
    'Nothing is known of the ways yet.',
  );

/** The newest first. */
const alertTable = (alerts: readonly AlertView[]): string =>
  table(
    alerts,
    [
      { title: 'AT', of: (row) => timeText(row.atMs) },
      { title: 'SEVERITY', of: (row) => row.severity },
      { title: 'TIMES', of: (row) => row.times, right: true },
      { title: '', of: (row) => `${row.title}: ${row.text}` },
    ],
    'No alert since the console started.',
  );

const alertsOf = ({ view }: Snapshot): Outcome => {
  const alerting = view.safety.alerting ?? { outlets: [] };
  const alerts = Object.entries(view.alerts)
    .map(([key, alert]) => ({ key, ...alert }))
    .toSorted((a, b) => b.atMs - a.atMs);
  return { value: { ...alerting, alerts }, text: `${outletTable(alerting)}\n\n${alertTable(alerts)}` };
};

const testOf = (results: readonly AlertTestResult[]): Outcome => {
  const text = table(
    results,
    [
      { title: 'WAY', of: (row) => row.outlet },
      { title: 'TEST', of: (row) => row.verdict },
      { title: '', of: (row) => row.text },
    ],
    'There is no way.',
  );
  const failed = results.filter(({ verdict }) => verdict === 'failed');
  const seen: Outcome = { value: { results }, text };
  if (failed.length === 0) return seen;
  return {
    ...seen,
    failure: { exit: EXIT.refused, code: 'REFUSED', text: `The test failed: ${failed.map(({ outlet }) => outlet).join(', ')}.` },
  };
};
