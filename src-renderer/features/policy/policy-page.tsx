// The policy editor (REQUIREMENTS G): every field with its range and which way loosens it, the difference before it is saved, what waits
// to take effect, and what was in force before. Nothing here decides what waits: the console does.
import { useEffect, useState } from 'react';
import type { FormEvent } from 'react';
import type { PolicyDiff, PolicyFieldView, PolicySheet, PolicyVersionView } from '../../../src-shared/contract/policy.ts';
import type { PolicyFieldChange, PolicyOutcome } from '../../../src-shared/domain/policy-change.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Section } from '../../components/section.tsx';
import { countdown, dateTime, useNowMs } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { helpOfPolicyGroup } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import './policy.css';

/** What the person has typed and not saved yet, by path; and the profile that it starts from. */
interface Draft {
  readonly profile: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}
const EMPTY: Draft = { profile: undefined, values: {} };
const wishOf = ({ profile, values }: Draft) => ({
  ...(profile !== undefined && { profile }),
  set: Object.entries(values).map(([path, value]) => ({ path, value })),
});

const EFFECT: Readonly<Record<PolicyFieldChange['effect'], { readonly word: string; readonly className: string }>> = {
  tightens: { word: 'tightens: at once', className: 'good' },
  loosens: { word: 'loosens: waits', className: 'warn' },
  neither: { word: 'at once', className: 'muted' },
};

const Changes = ({ changes, testId }: { readonly changes: readonly PolicyFieldChange[]; readonly testId?: string }) => (
  <table className="plain-table" data-testid={testId}>
    <thead>
      <tr>
        <th scope="col">field</th>
        <th scope="col">from</th>
        <th scope="col">to</th>
        <th scope="col">effect</th>
      </tr>
    </thead>
    <tbody>
      {changes.map(({ path, title, from, to, effect }) => (
        <tr key={path}>
          <td>
            {title} <span className="muted num">{path}</span>
          </td>
          <td className="num">{from}</td>
          <td className="num">{to}</td>
          <td className={EFFECT[effect].className}>{EFFECT[effect].word}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Why = ({
  label,
  onSubmit,
  testId,
}: {
  readonly label: string;
  readonly onSubmit: (why: string) => Promise<void>;
  readonly testId: string;
}) => {
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onSubmit(why);
    setBusy(false);
  };
  return (
    <form className="policy-why" onSubmit={(event) => void submit(event)}>
      <label>
        <span className="label">Why, for the journal</span>
        <input
          className="field"
          required
          maxLength={200}
          value={why}
          data-testid={`${testId}-why`}
          onChange={(event) => setWhy(event.target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={busy} data-testid={testId}>
        {label}
      </button>
    </form>
  );
};

/** Counts down by itself, so that the page around it need not be drawn each second. */
const Left = ({ atMs }: { readonly atMs: number }) => {
  const leftMs = atMs - useNowMs();
  return <strong data-testid="policy-countdown">{leftMs <= 0 ? 'in force any moment' : `in force in ${countdown(leftMs)}`}</strong>;
};

export const Waiting = ({
  waiting,
  onDone,
}: {
  readonly waiting: NonNullable<PolicySheet['waiting']>;
  readonly onDone: (said: string) => void;
}) => (
  <Section title="Waiting to take effect" note={`by ${waiting.by}: ${waiting.why}`}>
    <div data-testid="policy-waiting">
      <p>
        <Left atMs={waiting.effectiveAtMs} />. A stop, a cool-down or the daily loss takes it back.
      </p>
      <Changes changes={waiting.changes} />
      <Why
        label="Withdraw"
        testId="policy-withdraw"
        onSubmit={async (why) => {
          const answer = await call('policyWithdraw', { why });
          onDone(failureText(answer) ?? 'Withdrawn: what is in force stays.');
        }}
      />
    </div>
  </Section>
);

const Field = ({
  field,
  typed,
  onType,
}: {
  readonly field: PolicyFieldView;
  readonly typed: string | undefined;
  readonly onType: (text: string) => void;
}) => {
  const { path, title, unit, row, allowed, choices, looser, value, waiting } = field;
  const shown = typed ?? waiting ?? value;
  const common = { className: 'field num', 'aria-label': title, 'data-testid': `policy-field-${path}`, value: shown } as const;
  return (
    <tr data-changed={typed !== undefined && typed !== (waiting ?? value)}>
      <td>
        {title} <span className="muted">{row}</span>
        <div className="muted num">{path}</div>
      </td>
      <td className="policy-value">
        {choices === undefined ? (
          <input {...common} spellCheck={false} autoComplete="off" onChange={(event) => onType(event.target.value)} />
        ) : (
          <select {...common} onChange={(event) => onType(event.target.value)}>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        )}
        {waiting !== null && <div className="warn">in force: {value}</div>}
      </td>
      <td className="muted">
        {choices === undefined ? allowed : unit === 'choice' ? '' : unit}
        <div>{looser}</div>
      </td>
    </tr>
  );
};

const groupOf = ({ path }: PolicyFieldView): string => (path.includes('.') ? (path.split('.')[0] as string) : 'policy');

const Fields = ({
  fields,
  draft,
  onType,
}: {
  readonly fields: readonly PolicyFieldView[];
  readonly draft: Draft;
  readonly onType: (path: string, text: string) => void;
}) => {
  const groups = [...new Set(fields.map(groupOf))];
  return groups.map((group, index) => (
    <details key={group} className="policy-group" open={index < 2} data-testid={`policy-group-${group}`}>
      <summary>{group}</summary>
      <Help to={helpOfPolicyGroup(group)} about={`the fields of ${group}`} />
      <table className="plain-table">
        <tbody>
          {fields
            .filter((field) => groupOf(field) === group)
            .map((field) => (
              <Field key={field.path} field={field} typed={draft.values[field.path]} onType={(text) => onType(field.path, text)} />
            ))}
        </tbody>
      </table>
    </details>
  ));
};

const Versions = ({ versions }: { readonly versions: readonly PolicyVersionView[] }) => (
  <ol className="comparisons" data-testid="policy-versions">
    {versions.map(({ version, name, by, why, atMs, changes }) => (
      <li key={version}>
        <details>
          <summary>
            <span className="num">{version}</span> · {name} · by {by}: {why}
            {atMs !== null && <span className="muted num"> · {dateTime(atMs)} UTC</span>}
          </summary>
          {changes.length === 0 ? <p className="muted">What it changed is not kept.</p> : <Changes changes={changes} />}
        </details>
      </li>
    ))}
  </ol>
);

const saidOf = ({ adopted, waiting, refused }: PolicyOutcome): string =>
  [
    adopted.length > 0 && `${adopted.length} in force now.`,
    waiting !== null && `${waiting.changes.length} waiting until ${dateTime(waiting.effectiveAtMs)} UTC.`,
    refused !== null && `${refused.changes.length} refused. ${refused.text}`,
  ]
    .filter(Boolean)
    .join(' ');

const Compared = ({ diff, onSave }: { readonly diff: PolicyDiff; readonly onSave: (why: string) => Promise<void> }) =>
  diff.changes.length === 0 ? (
    <p>Nothing differs from what is in force.</p>
  ) : (
    <>
      <Changes changes={diff.changes} testId="policy-diff" />
      {diff.changes.some(({ effect }) => effect === 'loosens') && (
        <p className="muted">What loosens takes effect {diff.delayMinutes} minutes after it is saved.</p>
      )}
      <Why label="Save" testId="policy-save" onSubmit={onSave} />
    </>
  );

export const PolicyPage = () => {
  const policy = useReplica(({ view }) => view.safety.policy);
  const [sheet, setSheet] = useState<PolicySheet>();
  const [draft, setDraft] = useState(EMPTY);
  const [diff, setDiff] = useState<PolicyDiff>();
  const [said, setSaid] = useState('');
  useEffect(() => {
    void call('policyShow', {}).then((answer) => {
      if (answer.ok) setSheet(answer.value);
      else setSaid(failureText(answer) ?? '');
    });
    // What is in force or waits has changed.
  }, [policy, said]);
  const change = (next: Draft) => {
    setDraft(next);
    setDiff(undefined);
  };
  const compare = async (of: Draft) => {
    const answer = await call('policyDiff', wishOf(of));
    setSaid(failureText(answer) ?? '');
    setDiff(answer.ok ? answer.value : undefined);
  };
  const save = async (why: string) => {
    const answer = await call('policyPropose', { ...wishOf(draft), why });
    setSaid(answer.ok ? saidOf(answer.value) : (failureText(answer) ?? ''));
    if (answer.ok) change(EMPTY);
  };
  return (
    <div className="page-scroll">
      <h1 className="page-title">Policy</h1>
      <p className="muted">
        What the console may do with the money. What tightens is in force at once; what loosens waits, and is refused while the stop is
        tripped, cooling down, or the day’s loss is past its limit. Each version in force is in the journal.
      </p>
      {policy !== undefined && policy.problem !== '' && (
        <p className="said" role="alert">
          {policy.problem}
        </p>
      )}
      <p role="status" className="policy-said" data-testid="policy-said">
        {said}
      </p>
      {sheet?.waiting != null && <Waiting waiting={sheet.waiting} onDone={setSaid} />}
      {sheet === undefined ? (
        <p className="muted">Asking for the policy.</p>
      ) : (
        <>
          <Section
            title={`${sheet.name}, version ${sheet.version}`}
            act={
              <div className="policy-acts">
                {sheet.profiles.map((profile) => (
                  <button
                    key={profile}
                    type="button"
                    className="button button-small"
                    data-testid={`policy-profile-${profile}`}
                    onClick={() => {
                      const next = { ...EMPTY, profile };
                      change(next);
                      void compare(next);
                    }}
                  >
                    {profile}
                  </button>
                ))}
                <button type="button" className="button" data-testid="policy-compare" onClick={() => void compare(draft)}>
                  Compare
                </button>
                <button type="button" className="button button-quiet" data-testid="policy-discard" onClick={() => change(EMPTY)}>
                  Discard
                </button>
              </div>
            }
          >
            {diff !== undefined && <Compared diff={diff} onSave={save} />}
            <Fields
              fields={sheet.fields}
              draft={draft}
              onType={(path, text) => change({ ...draft, values: { ...draft.values, [path]: text } })}
            />
          </Section>
          <Section title="Versions" note="newest first">
            <Versions versions={sheet.versions} />
          </Section>
        </>
      )}
    </div>
  );
};
