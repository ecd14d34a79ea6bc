// The rollout ladder at work (REQUIREMENTS H): a person's promotion, what the ladder was given or lost in another mode's journal, and the
// demotion that an incident brings. It never promotes by itself, and never without the evidence of this journal.
import type { LadderCertificate, LadderSignOff, LadderStage } from '../../../src-shared/domain/ladder.ts';
import { isMainnetStage } from '../../../src-shared/domain/ladder.ts';
import { policyText } from '../../../src-shared/policy/fields.ts';
import { isProven, lackingOf } from '../../safety/ladder-evidence.ts';
import { isBelow, stageBelow } from '../../safety/ladder.ts';
import type { Fact } from '../facts.ts';
import type { Input } from '../inputs.ts';
import { certificateProblem, evidenceNow, promotionNow, promotionObstacle } from '../ladder-view.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING, refused } from './context.ts';

type Promoted = Extract<Fact, { kind: 'ladder.promoted' }>;

/** A certificate names what is in force at this instant. Practice needs none. */
const certificateFor = (context: Context, stage: LadderStage, evidenceHash: string, by: string): LadderCertificate | null => {
  const { state, sha256, nowMs } = context;
  if (!isMainnetStage(stage) || state.policy === null) return null;
  return { stage, evidenceHash, policyHash: sha256(policyText(state.policy)), version: state.ladder.version, issuedAtMs: nowMs, by };
};

const promotionFact = (context: Context, kind: 'up' | 'renewal', stage: LadderStage, by: string, why: string): Promoted => {
  const { state, sha256, nowMs } = context;
  const { ladder } = state;
  const evidence = kind === 'up' ? evidenceNow(state) : ladder.evidence;
  // The hash of the stage below goes into the one above: whoever changes anything further down changes all of it.
  const evidenceHash = kind === 'up' ? sha256(JSON.stringify([ladder.evidenceHash, ladder.stage, evidence])) : ladder.evidenceHash;
  const provenAtMs = kind === 'up' ? nowMs : (ladder.provenAtMs ?? nowMs);
  const certificate = certificateFor(context, stage, evidenceHash, by);
  return { kind: 'ladder.promoted', stage, by, why, evidence, evidenceHash, provenAtMs, certificate };
};

/** A person's act: the stage is read back and the reason given. */
export const promote = (context: Context, { by, why, readBackStage }: Extract<Input, { kind: 'ladder-promote' }>): Decision => {
  const { state } = context;
  const promotion = promotionNow(state);
  if (promotion.kind === 'none') return refused(`Nobody is promoted. ${promotion.text}`);
  const { kind, to } = promotion;
  if (readBackStage !== to) return refused(`The way from here leads to ${to}, not to ${readBackStage}: nobody is promoted.`);
  const obstacle = promotionObstacle(state);
  if (obstacle !== '') return refused(`Nobody is promoted. ${obstacle}`);
  if (kind === 'up') {
    const evidence = evidenceNow(state);
    if (!isProven(evidence)) return refused(`Nobody is promoted. Not met yet: ${lackingOf(evidence)}.`);
  }
  const fact = promotionFact(context, kind, to, by, why);
  return decided([fact], [], { kind: 'promoted', promotion: { stage: to, certificate: fact.certificate } });
};

/** On each tick; the trading state knows of the incident from the fact on that showed it. */
export const ladderStep = ({ state: { ladder } }: Context): Decision => {
  if (ladder.incident === null) return NOTHING;
  const stage = stageBelow(ladder.stage);
  return decided(
    [{ kind: 'ladder.demoted', stage, why: ladder.incident }],
    [
      {
        kind: 'alert',
        severity: 'danger',
        key: 'ladder',
        title: `The ladder is back at ${stage}`,
        text: `${ladder.incident} ${ladder.certificate === null ? 'Its evidence begins anew.' : 'The certificate is dead and its evidence begins anew.'}`,
      },
    ],
  );
};

// ----------------------------------------------------------------------------------------------------- from other journals

/** Does a certificate name what is in force here? Engine and gate ask the same question of the same texts. */
const fits = ({ state, sha256 }: Context, { policyHash, version }: LadderCertificate): boolean =>
  state.policy !== null && policyHash === sha256(policyText(state.policy)) && version === state.ladder.version;

/** What the stage below gave this mode. Real money keeps the higher stage that it has reached, under the newer certificate. */
const carried = (context: Context, signOff: LadderSignOff): Decision => {
  const { mode, ladder } = context.state;
  const { stage, by, evidence, evidenceHash, provenAtMs, certificate } = signOff;
  if (ladder.incident !== null) return refused(`The ladder demotes: ${ladder.incident}`);
  const isLost = ladder.sinceMs !== null && ladder.sinceMs > provenAtMs && isBelow(ladder.stage, stage);
  if (isLost) return refused(`The ladder was demoted after that was proven: ${ladder.why}`);
  const fact = { kind: 'ladder.promoted', by, why: 'carried over from the stage below', evidence, evidenceHash, provenAtMs } as const;
  if (mode === 'testnet' && stage === 'testnet' && ladder.stage === 'practice') return decided([{ ...fact, stage, certificate: null }]);
  if (mode !== 'mainnet' || certificate === null || !isMainnetStage(stage)) return NOTHING;
  if (!fits(context, certificate)) return refused('The certificate names another policy or version than is in force: nothing is opened.');
  if (ladder.certificate !== null && certificateProblem(context.state) === '') return NOTHING;
  const isOlder = isMainnetStage(ladder.stage) && ladder.certificate === null && certificate.issuedAtMs < (ladder.sinceMs ?? 0);
  if (isOlder) return refused('The certificate is older than the demotion here: it is a person who renews it.');
  return decided([{ ...fact, stage: isBelow(ladder.stage, stage) ? stage : ladder.stage, certificate }]);
};

/** What the console read in the journals of the other modes when this one began. */
export const ladderElsewhere = (context: Context, { signOff, demotions }: Extract<Input, { kind: 'ladder-elsewhere' }>): Decision => {
  const { stage, provenAtMs } = context.state.ladder;
  const demotion = demotions.find((one) => provenAtMs !== null && one.atMs > provenAtMs && isBelow(one.stage, stage));
  if (demotion !== undefined)
    return decided([{ kind: 'ladder.demoted', stage: demotion.stage, why: `Demoted in ${demotion.mode}. ${demotion.why}` }]);
  return signOff === null ? NOTHING : carried(context, signOff);
};
