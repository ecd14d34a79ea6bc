// The policy in force with what waits, and everything that stands guard: wires, self-test, watchdog, kill switch, hotkey.
import { useState } from 'react';
import { Mark } from '../../components/icon.tsx';
import { RunButton, Section } from '../../components/section.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { Waiting } from '../policy/policy-page.tsx';
import { selfTestLine } from './words.ts';
import type { Verdict } from './words.ts';

export const PolicyCard = () => {
  const policy = useReplica(({ view }) => view.safety.policy);
  const [said, setSaid] = useState('');
  return (
    <Section
      title="Policy"
      act={
        <button type="button" className="button" data-testid="safety-policy" onClick={() => show({ page: 'policy' })}>
          Open
        </button>
      }
    >
      {policy === undefined ? (
        <p className="muted">No policy is read yet: until then nothing can be ordered.</p>
      ) : (
        <>
          <p data-testid="policy-in-force">
            <Mark verdict={policy.problem === '' ? 'good' : 'bad'} /> <strong>{policy.name}</strong>, version{' '}
            <span className="num">{policy.version}</span>, is in force. {policy.problem}
          </p>
          <p role="status" className="muted">
            {said}
          </p>
          {policy.pending === null ? (
            <p className="muted">
              No loosening waits. What tightens is in force at once; what loosens waits first, for as long as the policy says
              (tiltGuard.loosenDelayMinutes).
            </p>
          ) : (
            <Waiting waiting={policy.pending} onDone={setSaid} />
          )}
        </>
      )}
    </Section>
  );
};

interface Guard {
  readonly name: string;
  readonly verdict: Verdict;
  readonly word: string;
  readonly text: string;
}

const WATCHDOG: Readonly<Record<'watching' | 'starting' | 'off' | 'gone', Verdict>> = {
  watching: 'good',
  starting: 'poor',
  off: 'unknown',
  gone: 'bad',
};
const KILL_SWITCH: Readonly<Record<'off' | 'listening' | 'failed', Verdict>> = { off: 'unknown', listening: 'good', failed: 'bad' };
const HOTKEY = { ARMED: 'good', NOT_ARMED: 'bad', PROVING: 'poor' } as const;

const useGuards = (): readonly Guard[] => {
  const { selfTest, watchdog, killSwitch, hotkey, reconciliation } = useReplica(({ view }) => view.safety);
  const health = useReplica(({ view }) => view.health);
  const test = selfTestLine(selfTest);
  return [
    { name: 'self-test', word: test.verdict === 'bad' ? 'red' : test.verdict === 'good' ? 'green' : 'not run', ...test },
    watchdog === undefined
      ? { name: 'watchdog', verdict: 'unknown', word: 'not known', text: '' }
      : { name: 'watchdog', verdict: WATCHDOG[watchdog.status], word: watchdog.status, text: watchdog.text },
    hotkey === undefined
      ? { name: 'hotkey', verdict: 'unknown', word: 'not known', text: '' }
      : {
          name: 'hotkey',
          verdict: HOTKEY[hotkey.status],
          word: hotkey.status.toLowerCase().replace('_', ' '),
          text: `${hotkey.accelerator} ${hotkey.text}`,
        },
    ...(killSwitch === undefined
      ? []
      : [{ name: 'kill switch', verdict: KILL_SWITCH[killSwitch.status], word: killSwitch.status, text: killSwitch.text }]),
    {
      name: 'books',
      verdict: reconciliation?.atMs == null ? 'unknown' : reconciliation.failures > 0 ? 'bad' : 'good',
      word: reconciliation?.atMs == null ? 'not run' : reconciliation.failures > 0 ? 'failing' : 'compared',
      text: reconciliation?.atMs == null ? '' : `${dateTime(reconciliation.atMs)} UTC, ${reconciliation.text}`,
    },
    ...Object.values(health)
      .filter(({ name }) => name !== 'kill switch')
      .map(({ name, verdict, text }) => ({ name, verdict, word: verdict, text })),
  ];
};

const RANK: Readonly<Record<Verdict, number>> = { bad: 0, poor: 1, good: 2, unknown: 2 };
const worstFirst = (guards: readonly Guard[]): readonly Guard[] => guards.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);

export const GuardsCard = () => (
  <Section title="Health" act={<RunButton name="selfTest" label="Run the self-test" testId="safety-self-test" />}>
    <table className="plain-table safety-guards" data-testid="safety-guards">
      <tbody>
        {worstFirst(useGuards()).map(({ name, verdict, word, text }) => (
          <tr key={name}>
            <td className="safety-state">
              <Mark verdict={verdict} /> {word}
            </td>
            <th scope="row">{name}</th>
            <td className="muted">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Section>
);
