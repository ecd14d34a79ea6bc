// The ladder's gate to mainnet (REQUIREMENTS H, A1): certificate and evidence proven anew from the journals, each time. It fails closed:
// what is missing, changed, copied from elsewhere or older than a demotion is a no, with the reason in words.
import { hash } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import { z } from 'zod';
import type { LadderCertificate, LadderDemotion, LadderSignOff } from '../../src-shared/domain/ladder.ts';
import { isMainnetStage } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { policyText } from '../../src-shared/policy/fields.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { openClosedJournal } from '../journal/verify.ts';
import { isProven, lackingOf } from '../safety/ladder-evidence.ts';
import { stageBelow } from '../safety/ladder.ts';
import { journalFolder, journalPath } from '../settings/home.ts';
import { parseJson } from '../settings/safe-json.ts';
import { readSignOff } from './ladder-files.ts';
import type { SignedStage, SignOffFile } from './ladder-files.ts';
import { readLadder } from './ladder-journal.ts';
import type { LadderReading, Pages, ReadDemotion } from './ladder-journal.ts';

export interface LadderWish {
  readonly home: string;
  /** What would be in force on mainnet. */
  readonly policy: Policy;
  readonly version: string;
  /** The running console's own journal, which nobody else may open. */
  readonly running: { readonly mode: Mode; readonly account: string; pages(): Pages };
}

const sha256 = (text: string): string => hash('sha256', text);
const ROWS_A_PAGE = 500;

async function* pagesOfFile(path: string): Pages {
  const opened = openClosedJournal(path);
  if (!opened.ok) throw new Error(opened.error.text);
  try {
    let page = [];
    for (const row of opened.value.rows()) {
      page.push(row);
      if (page.length < ROWS_A_PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  } finally {
    opened.value.close();
  }
}

type Owner = { readonly mode: Mode; readonly account: string };

const pagesOf = ({ home, running }: Pick<LadderWish, 'home' | 'running'>, { mode, account }: Owner): Pages =>
  mode === running.mode && account === running.account ? running.pages() : pagesOfFile(journalPath(home, mode, account));

/** What a sign-off file says, as its journal bears it out. `below`: the evidence that the stage below was proven by. */
const proven = async (wish: LadderWish, signed: SignedStage, below: string): Promise<Result<LadderSignOff, string>> => {
  const file = readSignOff(wish.home, signed);
  if (!file.ok) return file;
  const { mode, account, seq } = file.value;
  const reading = await readLadder(pagesOf(wish, { mode, account }), { mode, account }, new Set([seq]));
  if (!reading.ok) return fail(`the journal that proves ${signed} does not: ${reading.error}`);
  return borneOut(file.value, reading.value, below);
};

const borneOut = (file: SignOffFile, reading: LadderReading, below: string): Result<LadderSignOff, string> => {
  const { signed, seq, journalHash, evidenceHash, provenAtMs, certificate } = file;
  const { ladder } = reading.state;
  if (reading.hashAt(seq) !== journalHash) return fail(`the sign-off of ${signed} belongs to another journal than the one in this home`);
  if (ladder.evidenceHash !== evidenceHash || ladder.provenAtMs !== provenAtMs || !isSame(ladder.certificate, certificate))
    return fail(`${signed} is not signed off any more, or otherwise than its file says: ${ladder.why}`);
  if (ladder.incident !== null) return fail(`${signed} is not signed off any more: ${ladder.incident}`);
  const promotion = reading.promotions.findLast(({ from }) => from === signed);
  if (promotion === undefined || promotion.evidenceHash !== evidenceHash) return fail(`the journal of ${signed} holds no such promotion`);
  if (evidenceHash !== sha256(JSON.stringify([below, signed, promotion.signed])))
    return fail(`the evidence of ${signed} does not rest on the evidence below it, or was changed`);
  if (!isProven(promotion.found)) return fail(`the facts do not bear out the evidence of ${signed}: ${lackingOf(promotion.found)}`);
  return ok({ stage: ladder.stage, by: certificate?.by ?? '', evidence: promotion.signed, evidenceHash, provenAtMs, certificate });
};

const isSame = (a: LadderCertificate | null, b: LadderCertificate | null): boolean => {
  if (a === null || b === null) return a === b;
  const keys = ['stage', 'evidenceHash', 'policyHash', 'version', 'issuedAtMs', 'by'] as const;
  return keys.every((key) => a[key] === b[key]);
};

/** Why a certificate does not name what is in force; empty: it does. */
const unfit = ({ policyHash, version }: LadderCertificate, { policy, version: now }: LadderWish): string =>
  [
    policyHash === sha256(policyText(policy)) ? '' : 'it names another policy than the one in force',
    version === now ? '' : `it names version ${version}, and this is ${now}`,
  ]
    .filter((text) => text !== '')
    .join('; ');

const owners = (home: string, mode: Mode): readonly string[] => {
  const folder = journalFolder(home);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .flatMap((name) => (name.startsWith(`${mode}-`) && name.endsWith('.sqlite') ? [nodePath.join(folder, name)] : []));
};

/** Row 0 says whose journal it is; a file that does not even say that proves nothing. */
const MAX_OWNER_CHARS = 1000;
const ownerSchema = z.object({ mode: z.enum(['practice', 'testnet', 'mainnet']), account: z.string() });

const ownerOf = (path: string): Owner | null => {
  const opened = openClosedJournal(path);
  if (!opened.ok) return null;
  try {
    const [first] = opened.value.rows();
    const json = parseJson(first?.json ?? '', MAX_OWNER_CHARS);
    return json.ok ? (ownerSchema.safeParse(json.value).data ?? null) : null;
  } finally {
    opened.value.close();
  }
};

/** What every journal of mainnet says of the ladder. One that cannot be read may hide a demotion: no. */
const mainnetReadings = async (wish: LadderWish): Promise<Result<readonly LadderReading[], string>> => {
  const readings: LadderReading[] = [];
  for (const path of owners(wish.home, 'mainnet')) {
    const isRunning = wish.running.mode === 'mainnet' && path === journalPath(wish.home, 'mainnet', wish.running.account);
    const owner = isRunning ? wish.running : ownerOf(path);
    if (owner === null) return fail(`the journal ${nodePath.basename(path)} cannot be read`);
    const reading = await readLadder(isRunning ? wish.running.pages() : pagesOfFile(path), owner);
    if (!reading.ok) return fail(`the journal ${nodePath.basename(path)} proves nothing: ${reading.error}`);
    readings.push(reading.value);
  }
  return ok(readings);
};

/** With the one that an end of the console came before. */
const demotionsOf = ({ demotions, state: { mode, ladder } }: LadderReading): readonly ReadDemotion[] => {
  const { incident, stage, provenAtMs } = ladder;
  return incident === null ? demotions : [...demotions, { mode, stage: stageBelow(stage), atMs: 0, why: incident, provenAtMs }];
};

/** The leave for mainnet: what is carried into its journal, or in words why there is none. */
export const ladderLeave = async (wish: LadderWish): Promise<Result<LadderSignOff, string>> => {
  const practice = await proven(wish, 'practice', '');
  if (!practice.ok) return practice;
  const testnet = await proven(wish, 'testnet', practice.value.evidenceHash);
  if (!testnet.ok) return testnet;
  const { certificate, provenAtMs, evidenceHash } = testnet.value;
  if (certificate === null || !isMainnetStage(certificate.stage) || certificate.evidenceHash !== evidenceHash)
    return fail('testnet was signed off without a certificate for mainnet');
  const mainnet = await mainnetReadings(wish);
  if (!mainnet.ok) return mainnet;
  // Dates are the wall clock's, which may have been set back: what the same evidence has lost on mainnet is lost whatever they say.
  const demotion = mainnet.value
    .flatMap(demotionsOf)
    .find((one) => !isMainnetStage(one.stage) && (one.atMs > provenAtMs || one.provenAtMs === provenAtMs));
  if (demotion !== undefined) return fail(`the ladder was demoted to ${demotion.stage} on mainnet after that: ${demotion.why}`);
  // Real money's own journal may have renewed it since, at whatever stage it has reached.
  const own = mainnet.value.flatMap(({ state: { ladder } }) =>
    isMainnetStage(ladder.stage) && ladder.certificate !== null ? [ladder.certificate] : [],
  );
  const problems = [certificate, ...own].map((one) => unfit(one, wish));
  if (problems.includes('')) return testnet;
  return fail(`the certificate is dead: ${problems.at(-1) ?? ''}. Renew it in testnet mode ("holdfast ladder promote")`);
};

// ------------------------------------------------------------------------------------------------------- from the neighbours

export interface Neighbours {
  readonly signOff: LadderSignOff | null;
  readonly demotions: readonly LadderDemotion[];
}

const demotionsIn = async (wish: LadderWish, signed: SignedStage): Promise<readonly LadderDemotion[]> => {
  const file = readSignOff(wish.home, signed);
  if (!file.ok) return [];
  const { mode, account } = file.value;
  const reading = await readLadder(pagesOf(wish, { mode, account }), { mode, account });
  return reading.ok ? reading.value.demotions : [];
};

/** What the other modes' journals hold for a console that begins in practice or on testnet. */
export const neighboursOf = async (wish: LadderWish): Promise<Neighbours> => {
  const { mode } = wish.running;
  if (mode === 'mainnet') return { signOff: null, demotions: [] };
  const other = mode === 'practice' ? 'testnet' : 'practice';
  const [elsewhere, mainnet] = [await demotionsIn(wish, other), await mainnetReadings(wish)];
  const demotions = [...elsewhere, ...(mainnet.ok ? mainnet.value.flatMap((one) => one.demotions) : [])];
  if (mode === 'practice') return { signOff: null, demotions };
  const practice = await proven(wish, 'practice', '');
  return { signOff: practice.ok ? practice.value : null, demotions };
};
