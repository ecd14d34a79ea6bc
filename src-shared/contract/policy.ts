// The policy as window and command line ask for it (REQUIREMENTS G): values go both ways as the text that a person reads and types.
import { z } from 'zod';
import type { PolicyFieldChange } from '../domain/policy-change.ts';

/** A profile first, where one is named, then single fields; both on top of what was asked for last. */
export const policyWishSchema = z.strictObject({
  profile: z.string().trim().min(1).max(40).optional(),
  set: z
    .array(z.strictObject({ path: z.string().max(80), value: z.string().max(12_000) }))
    .max(200)
    .default([]),
});

export interface PolicyFieldView {
  /** As `limits.maxDailyLossUsdt`. */
  readonly path: string;
  readonly title: string;
  readonly unit: string;
  /** The row of REQUIREMENTS. */
  readonly row: string;
  readonly allowed: string;
  /** The values of a choice; of any other field absent. */
  readonly choices?: readonly string[];
  /** Which change loosens, in words. */
  readonly looser: string;
  /** In force. */
  readonly value: string;
  /** Where a waiting change has another one. */
  readonly waiting: string | null;
}

export interface PolicyVersionView {
  readonly version: number;
  readonly name: string;
  readonly by: string;
  readonly why: string;
  /** Null: not known. */
  readonly atMs: number | null;
  readonly changes: readonly PolicyFieldChange[];
}

export interface PolicySheet {
  readonly name: string;
  readonly version: number;
  readonly profiles: readonly string[];
  readonly fields: readonly PolicyFieldView[];
  readonly waiting: {
    readonly by: string;
    readonly why: string;
    readonly effectiveAtMs: number;
    readonly changes: readonly PolicyFieldChange[];
  } | null;
  /** Newest first. */
  readonly versions: readonly PolicyVersionView[];
}

export interface PolicyDiff {
  readonly changes: readonly PolicyFieldChange[];
  /** Minutes that what loosens waits. */
  readonly delayMinutes: number;
}
