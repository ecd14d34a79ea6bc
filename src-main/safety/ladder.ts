// The rollout ladder's order (REQUIREMENTS H): which stage follows which, what it caps, and what a person may promote to now. Pure. No
// policy widens a cap, and what is not known caps as tightly as the lowest stage of real money.
import type { LadderCaps, LadderCertificate, LadderStage } from '../../src-shared/domain/ladder.ts';
import { isMainnetStage, LADDER_STAGES } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { money } from '../../src-shared/domain/money.ts';
import type { DecimalText, Money } from '../../src-shared/domain/money.ts';

const caps = (maxOrderUsdt: string, maxExposureUsdt: string, maxDailyLossUsdt: string | null): LadderCaps => ({
  maxOrderUsdt: maxOrderUsdt as DecimalText,
  maxExposureUsdt: maxExposureUsdt as DecimalText,
  maxDailyLossUsdt: maxDailyLossUsdt as DecimalText | null,
});

/** USDT, as REQUIREMENTS H has them; null: the policy alone. */
export const LADDER_CAPS: Readonly<Record<LadderStage, LadderCaps | null>> = {
  practice: null,
  testnet: null,
  micro: caps('10', '50', '20'),
  small: caps('100', '500', '50'),
  'week-1': caps('100', '500', null),
  'week-2': caps('250', '1000', null),
  'week-3': caps('500', '2500', null),
  'week-4': caps('1000', '5000', null),
  full: null,
};

/** The caps as the gate computes with them. */
export interface CapsInForce {
  readonly stage: LadderStage;
  readonly maxOrderUsdt: Money;
  readonly maxExposureUsdt: Money;
  readonly maxDailyLossUsdt: Money | null;
}

const inForce = (stage: LadderStage): CapsInForce | null => {
  const of = LADDER_CAPS[stage];
  if (of === null) return null;
  const { maxOrderUsdt, maxExposureUsdt, maxDailyLossUsdt } = of;
  return {
    stage,
    maxOrderUsdt: money(maxOrderUsdt),
    maxExposureUsdt: money(maxExposureUsdt),
    maxDailyLossUsdt: maxDailyLossUsdt === null ? null : money(maxDailyLossUsdt),
  };
};

const IN_FORCE = Object.fromEntries(LADDER_STAGES.map((stage) => [stage, inForce(stage)])) as Readonly<
  Record<LadderStage, CapsInForce | null>
>;

/** What binds above any policy now; null: nothing. Real money at a stage that has none of its own is capped as at the lowest. */
export const capsInForce = (mode: Mode, stage: LadderStage): CapsInForce | null => {
  if (mode !== 'mainnet') return null;
  return IN_FORCE[isMainnetStage(stage) ? stage : 'micro'];
};

const at = (stage: LadderStage): number => LADDER_STAGES.indexOf(stage);
export const isBelow = (stage: LadderStage, other: LadderStage): boolean => at(stage) < at(other);
/** The lowest stage has none below: it begins anew. */
export const stageBelow = (stage: LadderStage): LadderStage => LADDER_STAGES[Math.max(0, at(stage) - 1)] as LadderStage;
const stageAbove = (stage: LadderStage): LadderStage | null => LADDER_STAGES[at(stage) + 1] ?? null;

/** In which mode a stage gathers its evidence. */
export const gathersIn = (stage: LadderStage): Mode => (isMainnetStage(stage) ? 'mainnet' : stage === 'testnet' ? 'testnet' : 'practice');

/** What the ladder stands at, as far as a promotion asks. */
export interface LadderStand {
  readonly mode: Mode;
  readonly stage: LadderStage;
  readonly certificate: LadderCertificate | null;
  /** Why the certificate holds no more; empty: it does, or there is none. */
  readonly certificateProblem: string;
}

/** up: to the next stage, on evidence. renewal: the same stage, whose certificate has ended for another reason than its evidence. */
export type Promotion =
  | { readonly kind: 'up'; readonly to: LadderStage }
  | { readonly kind: 'renewal'; readonly to: LadderStage }
  | { readonly kind: 'none'; readonly text: string };

const none = (text: string): Promotion => ({ kind: 'none', text });

/** Where a person's promotion leads from here, before any evidence is looked at. */
export const promotionFrom = ({ mode, stage, certificate, certificateProblem }: LadderStand): Promotion => {
  const above = stageAbove(stage);
  const gathers = gathersIn(stage);
  // Renewed where it was issued, or where it is used.
  const isDead = certificate === null || certificateProblem !== '';
  if (isDead && mode !== 'practice' && isMainnetStage(stage)) return { kind: 'renewal', to: stage };
  if (gathers === mode && above !== null) return { kind: 'up', to: above };
  if (mode === 'practice') return none('Practice is signed off: go on in testnet mode.');
  if (mode === 'testnet')
    return stage === 'practice'
      ? none('Practice is not signed off yet: gather its evidence in practice mode and promote there.')
      : none('Testnet is signed off: the certificate for mainnet is made out.');
  return above === null ? none('This is the highest stage.') : none('The stages of mainnet begin with a certificate from testnet.');
};

/** Why a certificate does not hold, in words; empty: it does. `isSamePolicy`: the policy in force is the one that it names. */
export const certificateProblemOf = (certificate: Pick<LadderCertificate, 'version'>, version: string, isSamePolicy: boolean): string =>
  [
    isSamePolicy ? '' : 'the policy in force is another than the one that it names',
    certificate.version === version ? '' : `this is version ${version} and it names ${certificate.version}`,
  ]
    .filter((text) => text !== '')
    .join('; ');
