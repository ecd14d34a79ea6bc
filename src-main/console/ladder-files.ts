// The sign-off files of the rollout ladder (REQUIREMENTS H): for each stage below mainnet one small file in the home that says in which
// journal it is proven. A file proves nothing by itself: the gate reads the journal that it names.
import fs from 'node:fs';
import nodePath from 'node:path';
import { z } from 'zod';
import { LADDER_STAGES } from '../../src-shared/domain/ladder.ts';
import { MODES } from '../../src-shared/domain/mode.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { EngineState } from '../engine/state.ts';
import { readBounded, writeAtomic } from '../settings/atomic-file.ts';
import { signOffPath } from '../settings/home.ts';
import { parseJson } from '../settings/safe-json.ts';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.strictObject({
  format: z.literal(1),
  /** The stage that is signed off. */
  signed: z.enum(['practice', 'testnet']),
  mode: z.enum(MODES as ['practice', 'testnet', 'mainnet']),
  account: z.string().min(1).max(100),
  /** A fact of that journal from which on it holds, and the chain's hash there. */
  seq: z.int().min(1),
  journalHash: hex,
  evidenceHash: hex,
  provenAtMs: z.int().min(0),
  certificate: z
    .strictObject({
      stage: z.enum(LADDER_STAGES),
      evidenceHash: hex,
      policyHash: hex,
      version: z.string().max(40),
      issuedAtMs: z.int().min(0),
      by: z.string().max(200),
    })
    .nullable(),
});
export type SignOffFile = z.output<typeof schema>;
export type SignedStage = SignOffFile['signed'];

const MAX_BYTES = 16_384;

/** What this state signs off; null: nothing. */
const signedBy = ({ mode, ladder }: EngineState): SignedStage | null => {
  if (mode === 'practice') return ladder.stage === 'testnet' ? 'practice' : null;
  return mode === 'testnet' && ladder.certificate !== null ? 'testnet' : null;
};

/** The file as this state would have it; null: nothing is signed off here. `head`: the newest fact on disk and the chain's hash there. */
export const signOffOf = (state: EngineState, head: { readonly seq: number; readonly hash: string }): SignOffFile | null => {
  const signed = signedBy(state);
  const { evidenceHash, provenAtMs, certificate } = state.ladder;
  if (signed === null || provenAtMs === null) return null;
  const { mode, account } = state;
  return { format: 1, signed, mode, account, seq: head.seq, journalHash: head.hash, evidenceHash, provenAtMs, certificate };
};

/** Throws what the file system throws. */
export const writeSignOff = (home: string, file: SignOffFile): void => {
  const path = signOffPath(home, file.signed);
  fs.mkdirSync(nodePath.dirname(path), { recursive: true, mode: 0o700 });
  writeAtomic(path, `${JSON.stringify(file, null, 2)}\n`);
};

/** The sign-off of a stage, or in words why there is none that could be looked into. */
export const readSignOff = (home: string, signed: SignedStage): Result<SignOffFile, string> => {
  const path = signOffPath(home, signed);
  if (!fs.existsSync(path)) return fail(`${signed} is not signed off: promote in ${signed} mode once its evidence is met`);
  const text = readBounded(path, MAX_BYTES);
  if (!text.ok) return fail(`the sign-off of ${signed} cannot be read: ${text.error}`);
  const json = parseJson(text.value, MAX_BYTES);
  const parsed = schema.safeParse(json.ok ? json.value : null);
  if (!parsed.success || parsed.data.signed !== signed || parsed.data.mode !== signed)
    return fail(`the sign-off of ${signed} makes no sense: it was changed, or is another version's`);
  return ok(parsed.data);
};
