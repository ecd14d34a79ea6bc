// The rollout ladder as it stands (REQUIREMENTS H): its evidence now, whether its certificate holds, and the words for window and
// command line. What decides and what is shown come from the same functions.
import type { LadderView } from '../../src-shared/contract/view.ts';
import type { EvidenceItem } from '../../src-shared/domain/ladder.ts';
import { isMainnetStage } from '../../src-shared/domain/ladder.ts';
import { isSamePolicy } from '../../src-shared/policy/diff.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { evidenceOf, isProven, lackingOf } from '../safety/ladder-evidence.ts';
import { certificateProblemOf, LADDER_CAPS, promotionFrom } from '../safety/ladder.ts';
import type { Promotion } from '../safety/ladder.ts';
import { gapsOf } from './ladder-book.ts';
import type { EngineState } from './state.ts';

/** Policies are frozen objects: the comparison of two is made once. */
const compared = new WeakMap<Policy, { readonly other: Policy; readonly isSame: boolean }>();

const isSame = (a: Policy, b: Policy): boolean => {
  if (a === b) return true;
  const known = compared.get(a);
  if (known?.other === b) return known.isSame;
  const made = { other: b, isSame: isSamePolicy(a, b) };
  compared.set(a, made);
  return made.isSame;
};

/** Why the certificate holds no more, in words; empty: it does, or there is none. */
export const certificateProblem = ({ ladder, policy }: EngineState): string => {
  const { certificate, certified, version } = ladder;
  if (certificate === null) return '';
  return certificateProblemOf(certificate, version, certified !== null && policy !== null && isSame(certified, policy));
};

/** Why the ladder allows no opening now, in words; empty: it does. Real money alone needs its leave. */
export const ladderProblem = (state: EngineState): string => {
  const { mode, ladder } = state;
  if (mode !== 'mainnet') return '';
  if (ladder.incident !== null) return `The ladder demotes: ${ladder.incident}`;
  if (!isMainnetStage(ladder.stage))
    return ladder.sinceMs === null
      ? 'The ladder has no certificate for mainnet here: nothing is opened.'
      : `The ladder stands at ${ladder.stage}, below mainnet: ${ladder.why} Nothing is opened; what is open can be reduced.`;
  if (ladder.certificate === null)
    return `The ladder has no certificate for ${ladder.stage}: nothing is opened until you renew it ("holdfast ladder promote"). ${ladder.why}`;
  const problem = certificateProblem(state);
  return problem === ''
    ? ''
    : `The ladder's certificate for ${ladder.stage} is dead: ${problem}. Nothing is opened until you renew it ("holdfast ladder promote").`;
};

/** What the stage has to show now; empty without a policy, which says how much is asked for. */
export const evidenceNow = (state: EngineState): readonly EvidenceItem[] => {
  const { ladder, policy } = state;
  if (policy === null) return [];
  return evidenceOf(
    ladder.stage,
    { tally: ladder.tally, ...gapsOf(state), unpricedFees: ladder.cash.unpricedFees, standIn: ladder.standIn },
    policy.ladder,
  );
};

export const promotionNow = (state: EngineState): Promotion =>
  promotionFrom({
    mode: state.mode,
    stage: state.ladder.stage,
    certificate: state.ladder.certificate,
    certificateProblem: certificateProblem(state),
  });

/** What keeps a person from promoting although the ladder has a way up; empty: nothing. */
export const promotionObstacle = ({ ladder, stop, breaker, policy }: EngineState): string => {
  if (policy === null) return 'No policy is in force yet.';
  if (ladder.incident !== null) return `The ladder demotes: ${ladder.incident}`;
  if (stop.phase === 'TRIPPED') return 'The emergency stop is tripped: reset it first.';
  if (stop.phase === 'COOLING_DOWN') return 'The emergency stop is cooling down: promote when it is over.';
  return breaker.phase === 'CLOSED' ? '' : 'The circuit breaker is open: close it first.';
};

const caseText = (promotion: Promotion, obstacle: string, evidence: readonly EvidenceItem[], problem: string): string => {
  if (promotion.kind === 'none') return promotion.text;
  if (obstacle !== '') return obstacle;
  if (promotion.kind === 'renewal')
    return `The certificate is dead${problem === '' ? '' : `: ${problem}`}. You may renew it; it then names what is in force now.`;
  if (!isProven(evidence)) return `Not met yet: ${lackingOf(evidence)}.`;
  return `Everything that ${promotion.to} asks for is met: you may promote.`;
};

export const ladderView = (state: EngineState): LadderView => {
  const { stage, sinceMs, why, certificate } = state.ladder;
  const promotion = promotionNow(state);
  const evidence = promotion.kind === 'up' ? evidenceNow(state) : [];
  const obstacle = promotionObstacle(state);
  const problem = certificateProblem(state);
  return {
    stage,
    sinceMs,
    why,
    caps: LADDER_CAPS[stage],
    next: promotion.kind === 'none' ? null : promotion.to,
    evidence,
    canPromote: obstacle === '' && (promotion.kind === 'renewal' || isProven(evidence)),
    text: caseText(promotion, obstacle, evidence, problem),
    certificate:
      certificate === null
        ? null
        : { ...certificate, valid: problem === '', text: problem === '' ? 'It holds.' : `It is dead: ${problem}.` },
  };
};
