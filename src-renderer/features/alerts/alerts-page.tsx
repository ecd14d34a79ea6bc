// Alerts (REQUIREMENTS L4): on which ways they leave and from which severity on, whether they get through, a test, and what was raised. The
// webhook's address and the mail password go in and never come back.
import { useEffect, useMemo, useState } from 'react';
import type { FormEvent } from 'react';
import type { AlertTestResult } from '../../../src-shared/contract/alerts.ts';
import type { PolicyFieldView } from '../../../src-shared/contract/policy.ts';
import type { AlertOutletView } from '../../../src-shared/contract/view.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Mark } from '../../components/icon.tsx';
import { Section } from '../../components/section.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import './alerts.css';

const NAME: Readonly<Record<AlertOutletView['outlet'], string>> = { desktop: 'Desktop', sound: 'Sound', webhook: 'Webhook', mail: 'Mail' };
const STATUS: Readonly<Record<AlertOutletView['status'], { readonly word: string; readonly mark: 'good' | 'poor' | 'bad' | 'unknown' }>> = {
  off: { word: 'off', mark: 'unknown' },
  unset: { word: 'not set up', mark: 'unknown' },
  lacking: { word: 'not here', mark: 'unknown' },
  ready: { word: 'ready', mark: 'good' },
  failing: { word: 'failing', mark: 'bad' },
};
const LEVEL_WORDS: Readonly<Record<string, string>> = {
  off: 'off',
  danger: 'dangers',
  warning: 'warnings on',
  all: 'everything',
};

interface Said {
  readonly good: boolean;
  readonly text: string;
}

const SaidLine = ({ said }: { readonly said: Said | undefined }) => (
  <p className={said === undefined ? '' : `said ${said.good ? 'said-good' : ''}`} role="status" data-testid="alerts-said">
    {said?.text}
  </p>
);

const count = (amount: number, word: string): string => (amount === 0 ? '' : `${amount} ${word}`);

const Way = ({
  way,
  levels,
  onLevel,
}: {
  readonly way: AlertOutletView;
  readonly levels: readonly string[];
  readonly onLevel: (level: string) => void;
}) => (
  <tr data-testid={`alerts-way-${way.outlet}`}>
    <td className="cell-mark">
      <Mark verdict={STATUS[way.status].mark} /> {STATUS[way.status].word}
    </td>
    <td>{NAME[way.outlet]}</td>
    <td>
      <select
        className="field alerts-level"
        aria-label={`${NAME[way.outlet]}: from which severity on`}
        data-testid={`alerts-level-${way.outlet}`}
        value={way.level}
        onChange={(event) => onLevel(event.target.value)}
      >
        {levels.map((level) => (
          <option key={level} value={level}>
            {LEVEL_WORDS[level] ?? level}
          </option>
        ))}
      </select>
    </td>
    <td>
      {way.text}{' '}
      <span className="muted">
        {[
          way.deliveredAtMs !== null && `delivered ${dateTime(way.deliveredAtMs)} UTC`,
          count(way.waiting, 'waiting'),
          count(way.lost, 'lost'),
        ]
          .filter(Boolean)
          .join(', ')}
      </span>
    </td>
  </tr>
);

const VERDICT: Readonly<Record<AlertTestResult['verdict'], { readonly word: string; readonly className: string }>> = {
  sent: { word: 'sent', className: 'good' },
  failed: { word: 'failed', className: 'bad' },
  'not-sent': { word: 'not sent', className: 'muted' },
};

const TestResults = ({ results }: { readonly results: readonly AlertTestResult[] }) => (
  <ul className="causes alerts-results" data-testid="alerts-results">
    {results.map(({ outlet, verdict, text }) => (
      <li key={outlet}>
        {NAME[outlet]}: <strong className={VERDICT[verdict].className}>{VERDICT[verdict].word}</strong>. {text}
      </li>
    ))}
  </ul>
);

const SecretForm = ({
  name,
  label,
  onSaid,
}: {
  readonly name: 'webhook' | 'mail';
  readonly label: string;
  readonly onSaid: (said: Said) => void;
}) => {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const act = async (run: () => Promise<Said>) => {
    setBusy(true);
    const said = await run();
    setTyped('');
    setBusy(false);
    onSaid(said);
  };
  const store = async (): Promise<Said> => {
    const answer = await call('setAlertSecret', { name, secret: typed });
    return { good: answer.ok, text: failureText(answer) ?? (answer.ok ? answer.value.text : '') };
  };
  const remove = async (): Promise<Said> => {
    const answer = await call('deleteAlertSecret', { name });
    return { good: answer.ok, text: failureText(answer) ?? 'Deleted.' };
  };
  return (
    <form
      className="policy-why"
      autoComplete="off"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void act(store);
      }}
    >
      <label>
        <span className="label">{label}</span>
        <input
          className="field num alerts-secret"
          data-testid={`alerts-secret-${name}`}
          required
          maxLength={2000}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <button type="submit" className="button" data-testid={`alerts-store-${name}`} disabled={busy}>
        Store
      </button>
      <button
        type="button"
        className="button button-danger"
        data-testid={`alerts-delete-${name}`}
        disabled={busy}
        onClick={() => void act(remove)}
      >
        Delete
      </button>
    </form>
  );
};

const LEVELS = new Set(['alerts.desktop', 'alerts.sound', 'alerts.webhook', 'alerts.mail']);
/** Units that a title does not say by itself. */
const UNITS: ReadonlySet<string> = new Set(['percent', 'minutes']);
type Typed = Readonly<Record<string, string>>;

const Settings = ({
  fields,
  onSave,
}: {
  readonly fields: readonly PolicyFieldView[];
  readonly onSave: (typed: Typed) => Promise<void>;
}) => {
  const [typed, setTyped] = useState<Typed>({});
  const save = async (event: FormEvent) => {
    event.preventDefault();
    await onSave(typed);
    setTyped({});
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <div className="alerts-settings">
        {fields.map(({ path, title, unit, allowed, choices, value }) => {
          const shared = { className: 'field num', 'data-testid': `alerts-field-${path}`, value: typed[path] ?? value } as const;
          const type = (text: string) => setTyped({ ...typed, [path]: text });
          return (
            <label key={path}>
              <span className="label">
                {title}
                {UNITS.has(unit) && `, ${unit}`}
              </span>
              {choices === undefined ? (
                <input {...shared} autoComplete="off" spellCheck={false} title={allowed} onChange={(event) => type(event.target.value)} />
              ) : (
                <select {...shared} onChange={(event) => type(event.target.value)}>
                  {choices.map((choice) => (
                    <option key={choice}>{choice}</option>
                  ))}
                </select>
              )}
            </label>
          );
        })}
      </div>
      <div className="dialog-actions alerts-save">
        <button type="submit" className="button" data-testid="alerts-save" disabled={Object.keys(typed).length === 0}>
          Save
        </button>
      </div>
    </form>
  );
};

const Raised = () => {
  const alerts = useReplica(({ view }) => view.alerts);
  const newest = useMemo(() => Object.entries(alerts).toSorted(([, a], [, b]) => b.atMs - a.atMs), [alerts]);
  if (newest.length === 0)
    return <p className="muted">None since the console started. A stop, a lost stream or a red self-test would be here.</p>;
  return (
    <ul className="causes" data-testid="alerts-raised">
      {newest.map(([key, { atMs, severity, title, text, times }]) => (
        <li key={key}>
          <span className="num muted">{dateTime(atMs)} UTC</span>{' '}
          <strong className={severity === 'danger' ? 'bad' : severity === 'warning' ? 'warn' : ''}>
            {severity}: {title}
          </strong>{' '}
          {times > 1 && <span className="muted">{times} times, the newest: </span>}
          {text}
        </li>
      ))}
    </ul>
  );
};

export const AlertsPage = () => {
  const alerting = useReplica(({ view }) => view.safety.alerting);
  const policy = useReplica(({ view }) => view.safety.policy);
  const [fields, setFields] = useState<readonly PolicyFieldView[]>([]);
  const [said, setSaid] = useState<Said>();
  const [results, setResults] = useState<readonly AlertTestResult[]>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void call('policyShow', {}).then((answer) => {
      if (answer.ok) setFields(answer.value.fields.filter(({ path }) => path.startsWith('alerts.')));
      else setSaid({ good: false, text: failureText(answer) ?? '' });
    });
    // What is in force has changed.
  }, [policy, said]);
  const propose = async (typed: Typed) => {
    const set = Object.entries(typed).map(([path, value]) => ({ path, value }));
    const answer = await call('policyPropose', { set, why: 'on the Alerts page' });
    setSaid({ good: answer.ok, text: failureText(answer) ?? 'Saved: in force now.' });
  };
  const test = async () => {
    setBusy(true);
    setResults(undefined);
    const answer = await call('testAlerts', {});
    setBusy(false);
    if (answer.ok) setResults(answer.value.results);
    else setSaid({ good: false, text: failureText(answer) ?? '' });
  };
  const choicesOf = (outlet: string) => fields.find(({ path }) => path === `alerts.${outlet}`)?.choices;
  return (
    <div className="page-scroll">
      <h1 className="page-title">Alerts</h1>
      <p className="muted">
        How the console calls you: what must not be missed goes out on each of these ways, one cause at most once a minute, and its
        all-clear after it.
      </p>
      <SaidLine said={said} />
      <Section
        title="Ways"
        act={
          <button type="button" className="button" data-testid="alerts-test" disabled={busy} onClick={() => void test()}>
            {busy ? 'Testing' : 'Test all'}
          </button>
        }
      >
        {alerting === undefined ? (
          <p className="muted">Waiting for the console’s first picture.</p>
        ) : (
          <table className="plain-table">
            <tbody>
              {alerting.outlets.map((way) => (
                <Way
                  key={way.outlet}
                  way={way}
                  levels={choicesOf(way.outlet) ?? [way.level]}
                  onLevel={(level) => void propose({ [`alerts.${way.outlet}`]: level })}
                />
              ))}
            </tbody>
          </table>
        )}
        {results !== undefined && <TestResults results={results} />}
      </Section>
      <Section title="Webhook" note="Slack, Discord, or whatever takes the one’s or the other’s messages">
        <SecretForm name="webhook" label="Its whole address; whoever has it can write there" onSaid={setSaid} />
      </Section>
      <Section title="Mail and thresholds" note="- for none">
        <Settings fields={fields.filter(({ path }) => !LEVELS.has(path))} onSave={propose} />
        <SecretForm name="mail" label="Password of the user at the mail server" onSaid={setSaid} />
      </Section>
      <Section title="Raised since the console started" note="the newest of each cause">
        <Raised />
      </Section>
    </div>
  );
};
