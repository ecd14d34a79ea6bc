// The rollout ladder (REQUIREMENTS H): its stages from practice to full size, and the evidence that a stage asks for. A promotion is a
// person's act; a demotion an incident's.
import type { Mode } from './mode.ts';
import type { DecimalText } from './money.ts';

/** From the lowest to the highest. The first two are modes of their own; the others are stages of mainnet. */
export const LADDER_STAGES = ['practice', 'testnet', 'micro', 'small', 'week-1', 'week-2', 'week-3', 'week-4', 'full'] as const;
export type LadderStage = (typeof LADDER_STAGES)[number];

/** True for the stages of real money; the others are modes of their own. */
export const isMainnetStage = (stage: LadderStage): boolean => stage !== 'practice' && stage !== 'testnet';

/** The market's moods that practice has to have seen; the practice exchange knows others besides. */
export const LADDER_REGIMES = ['ranging', 'trending', 'volatile'] as const;

/** What no policy can exceed at a stage; null: the policy alone. */
export interface LadderCaps {
  readonly maxOrderUsdt: DecimalText;
  readonly maxExposureUsdt: DecimalText;
  /** Null where REQUIREMENTS H names none: the policy's. */
  readonly maxDailyLossUsdt: DecimalText | null;
}

/** One thing that a stage asks for, as the journal answers it. */
export interface EvidenceItem {
  /** As `practice-trades`. */
  readonly id: string;
  readonly title: string;
  readonly verdict: 'met' | 'not-met' | 'unknown';
  /** Value and threshold in words, as `112 of 100`. */
  readonly text: string;
}

/** What mainnet asks for: bound to the evidence, the policy and the version; a change of any of the three ends it. */
export interface LadderCertificate {
  readonly stage: LadderStage;
  /** SHA-256 in hex of the evidence it rests on. */
  readonly evidenceHash: string;
  /** SHA-256 in hex of the policy in force. */
  readonly policyHash: string;
  readonly version: string;
  readonly issuedAtMs: number;
  readonly by: string;
}

/** What one mode's journal gives to the mode above it. */
export interface LadderSignOff {
  /** Where it leads. */
  readonly stage: LadderStage;
  readonly by: string;
  readonly evidence: readonly EvidenceItem[];
  readonly evidenceHash: string;
  readonly provenAtMs: number;
  readonly certificate: LadderCertificate | null;
}

/** A demotion as another mode's journal has it. */
export interface LadderDemotion {
  readonly mode: Mode;
  /** Where it led. */
  readonly stage: LadderStage;
  readonly atMs: number;
  readonly why: string;
}

/** What a promotion came to. */
export interface LadderPromotion {
  readonly stage: LadderStage;
  /** Null for the promotion to testnet, which needs none. */
  readonly certificate: LadderCertificate | null;
}
