// The trader's policy on disk: `policy.json` is what counts and may be edited by hand; every version that was ever good is kept as a
// backup beside it. A broken file never loosens anything: the newest good version stands in, and where there is none trading halts.
import fs from 'node:fs';
import nodePath from 'node:path';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { NORMAL, PROFILES } from '../../src-shared/policy/profiles.ts';
import { parsePolicy, type Policy } from '../../src-shared/policy/schema.ts';
import { fileMark, readBounded, writeAtomic } from './atomic-file.ts';
import { policyPath } from './home.ts';
import { parseJson } from './safe-json.ts';

export interface LoadedPolicy {
  readonly policy: Policy;
  /** 1, 2, 3…: one more for each change of content. */
  readonly version: number;
  /** Who made this version: `first start`, or `policy.json` for an edited file. */
  readonly by: string;
  /** Why it is in force. */
  readonly why: string;
  /** For a stand-in: what is wrong with policy.json and what follows; empty while the file itself is in force. */
  readonly problem: string;
}

type KeptPolicy = Omit<LoadedPolicy, 'problem'>;

export interface PolicyFile {
  /** The policy in force, or in words why there is none; then the engine halts. */
  current(): Result<LoadedPolicy, string>;
  /** Reads again where the file changed on disk or was read more than 10 minutes ago; true when `current` is another one now. */
  refresh(): boolean;
}

const MAX_POLICY_BYTES = 256 * 1024;
const MAX_AGE_MS = 10 * 60_000;
const BACKUPS_KEPT = 20;

/**
 * Opens the policy of a home. A first start (no file, no backups) writes the profile named, NORMAL when null.
 * @param nowMs the clock, for the age of what was read
 */
export const openPolicyFile = (home: string, profile: string | null, nowMs: () => number = Date.now): PolicyFile => {
  const path = policyPath(home);
  const first = startIfNew(home, profile);
  let loaded = first.ok ? load(home) : first;
  let mark = fileMark(path);
  let readAtMs = nowMs();
  return {
    current: () => loaded,
    refresh() {
      const seen = fileMark(path);
      if (seen === mark && nowMs() - readAtMs < MAX_AGE_MS) return false;
      mark = seen;
      readAtMs = nowMs();
      const before = JSON.stringify(loaded);
      loaded = load(home);
      return JSON.stringify(loaded) !== before;
    },
  };
};

const startIfNew = (home: string, profile: string | null): Result<void, string> => {
  const path = policyPath(home);
  if (fs.existsSync(path) || newestBackup(home) !== undefined) return ok(undefined);
  const policy = profile === null ? NORMAL : PROFILES.find(({ name }) => name === profile.toUpperCase());
  if (policy === undefined)
    return fail(`There is no policy profile "${profile}"; there are ${PROFILES.map(({ name }) => name).join(', ')}.`);
  return attempt(() => {
    keep(home, { policy, version: 1, by: 'first start', why: `profile ${policy.name}` });
    writeAtomic(path, `${JSON.stringify(policy, null, 2)}\n`);
  });
};

const load = (home: string): Result<LoadedPolicy, string> => {
  const newest = newestBackup(home);
  const read = readPolicy(policyPath(home));
  if (!read.ok) return standIn(newest, read.error);
  const policy = read.value;
  if (newest !== undefined && sameContent(newest.policy, policy)) return ok({ ...newest, problem: '' });
  const version = (newest?.version ?? 0) + 1;
  const edited: KeptPolicy = { policy, version, by: 'policy.json', why: 'the file was edited' };
  const kept = attempt(() => keep(home, edited));
  return kept.ok ? ok({ ...edited, problem: '' }) : kept;
};

const standIn = (newest: KeptPolicy | undefined, wrong: string): Result<LoadedPolicy, string> =>
  newest === undefined
    ? fail(
        `The policy cannot be used (${wrong}), and there is no good backup. Correct policy.json in the home, or remove it to start from NORMAL.`,
      )
    : ok({
        ...newest,
        problem: `policy.json cannot be used (${wrong}). Version ${newest.version} from the backups stands in, and openings are denied until the file is corrected.`,
      });

const readPolicy = (path: string): Result<Policy, string> => {
  const text = readBounded(path, MAX_POLICY_BYTES);
  if (!text.ok) return text;
  const json = parseJson(text.value, MAX_POLICY_BYTES);
  return json.ok ? policyOf(json.value) : json;
};

const policyOf = (value: unknown): Result<Policy, string> => {
  const parsed = parsePolicy(value);
  return parsed.ok ? parsed : fail(parsed.error.map(({ path, text }) => `${path}: ${text}`).join('; '));
};

const sameContent = (a: Policy, b: Policy): boolean => JSON.stringify(a) === JSON.stringify(b);

// ------------------------------------------------------------------------------------------------------------------- backups

const backupFolder = (home: string): string => nodePath.join(home, 'policy-backups');
const BACKUP_NAME = /^(\d{6})\.json$/;
const backupPath = (home: string, version: number): string => nodePath.join(backupFolder(home), `${String(version).padStart(6, '0')}.json`);

const keep = (home: string, loaded: KeptPolicy): void => {
  fs.mkdirSync(backupFolder(home), { recursive: true, mode: 0o700 });
  writeAtomic(backupPath(home, loaded.version), `${JSON.stringify(loaded, null, 2)}\n`);
  for (const version of backupVersions(home).slice(BACKUPS_KEPT)) fs.rmSync(backupPath(home, version), { force: true });
};

/** Newest first. */
const backupVersions = (home: string): readonly number[] =>
  (fs.statSync(backupFolder(home), { throwIfNoEntry: false })?.isDirectory() ? fs.readdirSync(backupFolder(home)) : [])
    .flatMap((name) => BACKUP_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => b - a);

const newestBackup = (home: string): KeptPolicy | undefined => {
  for (const version of backupVersions(home)) {
    const backup = readBackup(backupPath(home, version), version);
    if (backup !== undefined) return backup;
  }
  return undefined;
};

const readBackup = (path: string, version: number): KeptPolicy | undefined => {
  const text = readBounded(path, MAX_POLICY_BYTES);
  const json = text.ok ? parseJson(text.value, MAX_POLICY_BYTES) : text;
  if (!json.ok || typeof json.value !== 'object' || json.value === null) return undefined;
  const { policy, by, why } = json.value as Partial<Record<keyof KeptPolicy, unknown>>;
  const parsed = policyOf(policy);
  return parsed.ok && typeof by === 'string' && typeof why === 'string' ? { policy: parsed.value, version, by, why } : undefined;
};

const attempt = (work: () => void): Result<void, string> => {
  try {
    return ok(work());
  } catch (error) {
    return fail(
      `The policy cannot be written: ${error instanceof Error ? error.message : String(error)}. Check the home's disk and permissions.`,
    );
  }
};
