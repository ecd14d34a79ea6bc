// The rollout ladder: where this console stands, what no policy passes here, and what the next stage still asks for (REQUIREMENTS H).
import type { LadderView } from '../../../src-shared/contract/view.ts';
import { LADDER_STAGES } from '../../../src-shared/domain/ladder.ts';
import type { EvidenceItem, LadderCaps } from '../../../src-shared/domain/ladder.ts';
import { Mark } from '../../components/icon.tsx';
import { formatLimit } from '../../components/numbers.ts';
import { Section } from '../../components/section.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { Help } from '../guide/help-button.tsx';
import { evidenceInOrder, nextText, stageName } from './words.ts';

const Stages = ({ stage, next }: Pick<LadderView, 'stage' | 'next'>) => {
  const at = LADDER_STAGES.indexOf(stage);
  return (
    <ol className="ladder" aria-label="Stages">
      {LADDER_STAGES.map((each, index) => (
        <li
          key={each}
          className={`ladder-stage ${index < at ? 'ladder-past' : ''} ${each === next && each !== stage ? 'ladder-next' : ''}`}
          aria-current={each === stage ? 'step' : undefined}
        >
          {stageName(each)}
          {index < at && <span className="visually-hidden"> (passed)</span>}
          {each === next && each !== stage && <span className="visually-hidden"> (next)</span>}
        </li>
      ))}
    </ol>
  );
};

const capsText = (caps: LadderCaps | null): string =>
  caps === null
    ? 'none: the policy alone'
    : [
        `an order ≤ ${formatLimit(caps.maxOrderUsdt, 'USDT')} USDT`,
        `all exposure ≤ ${formatLimit(caps.maxExposureUsdt, 'USDT')} USDT`,
        ...(caps.maxDailyLossUsdt === null ? [] : [`a day’s loss ≤ ${formatLimit(caps.maxDailyLossUsdt, 'USDT')} USDT`]),
      ].join(' · ');

const EVIDENCE = {
  met: { verdict: 'good', word: 'met', className: 'good' },
  'not-met': { verdict: 'bad', word: 'missing', className: 'bad' },
  unknown: { verdict: 'unknown', word: 'not known', className: 'muted' },
} as const;

export const Evidence = ({ evidence, testId }: { readonly evidence: readonly EvidenceItem[]; readonly testId: string }) => (
  <table className="plain-table" data-testid={testId}>
    <tbody>
      {evidenceInOrder(evidence).map(({ id, title, verdict, text }) => (
        <tr key={id}>
          <td className={`safety-state ${EVIDENCE[verdict].className}`}>
            <Mark verdict={EVIDENCE[verdict].verdict} /> {EVIDENCE[verdict].word}
          </td>
          <th scope="row">{title}</th>
          <td className="muted">{text}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Certificate = ({ certificate }: Pick<LadderView, 'certificate'>) =>
  certificate === null ? (
    <>none: a promotion writes one</>
  ) : (
    <>
      <strong className={certificate.valid ? 'good' : 'bad'}>{certificate.valid ? 'valid' : 'not valid'}</strong> {certificate.text}{' '}
      <span className="muted">
        {stageName(certificate.stage)}, by {certificate.by}, {dateTime(certificate.issuedAtMs)} UTC, version {certificate.version}; evidence{' '}
        <span className="num" title={certificate.evidenceHash}>
          {certificate.evidenceHash.slice(0, 12)}
        </span>
        , policy{' '}
        <span className="num" title={certificate.policyHash}>
          {certificate.policyHash.slice(0, 12)}
        </span>
      </span>
    </>
  );

export const LadderCard = () => {
  const ladder = useReplica(({ view }) => view.safety.ladder);
  return (
    <Section
      title="Rollout ladder"
      act={
        <>
          <Help to="go-live#the-stages" about="the ladder" />
          {ladder?.next != null && (
            <button type="button" className="button" data-testid="ladder-open" onClick={() => show({ dialog: 'promote' })}>
              {ladder.next === ladder.stage ? 'Renew the certificate…' : `Promote to ${stageName(ladder.next)}…`}
            </button>
          )}
        </>
      }
    >
      {ladder === undefined ? (
        <p className="muted">Its stage and evidence are counted from the journal; they appear when it is read.</p>
      ) : (
        <>
          <Stages stage={ladder.stage} next={ladder.next} />
          <dl className="pairs safety-gap">
            <dt>Stage</dt>
            <dd data-testid="ladder-stage">
              <strong>{stageName(ladder.stage)}</strong> {ladder.why}
              {ladder.sinceMs !== null && <span className="muted"> since {dateTime(ladder.sinceMs)} UTC</span>}
            </dd>
            <dt>Caps</dt>
            <dd>{capsText(ladder.caps)}</dd>
            <dt>Next</dt>
            <dd>
              {ladder.next !== null && <strong>{stageName(ladder.next)}: </strong>}
              {nextText(ladder)}
            </dd>
            <dt>Certificate</dt>
            <dd data-testid="ladder-certificate">
              <Certificate certificate={ladder.certificate} />
            </dd>
          </dl>
          {ladder.evidence.length > 0 && <Evidence evidence={ladder.evidence} testId="ladder-evidence" />}
        </>
      )}
    </Section>
  );
};
