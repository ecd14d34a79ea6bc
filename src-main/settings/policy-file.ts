// The trader's policy on disk: `policy.json` says what is wanted and may be edited by hand; every version that was in force is kept as
// a backup beside it. A broken file never loosens anything: the newest version in force stands in, and where there is none trading halts.
import fs from 'node:fs';
import nodePath from 'node:path';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { PolicyFieldChange } from '../../src-shared/domain/policy-change.ts';
import { NORMAL, PROFILES } from '../../src-shared/policy/profiles.ts';
import { isSamePolicy } from '../../src-shared/policy/diff.ts';
import { parsePolicy, restoredPolicy, type Policy } from '../../src-shared/policy/schema.ts';
import { fileMark, fileSinceMs, readBounded, writeAtomic } from './atomic-file.ts';
import { policyPath } from './home.ts';
import { parseJson } from './safe-json.ts';

export interface LoadedPolicy {
  /** What the file says; of a file that cannot be used the newest version that was in force. */
  readonly policy: Policy;
  /** Of the newest version that was in force: 1, 2, 3…. */
  readonly version: number;
  /** Who made this: `first start`, a person, or `policy.json` for an edited file. */
  readonly by: string;
  readonly why: string;
  /** For a stand-in: what is wrong with policy.json and what follows; empty while the file itself is in force. */
  readonly problem: string;
  /** The newest version that was in force, in whatever mode; absent before the first. */
  readonly inForce?: Policy;
  /** Since when policy.json says this (wall clock ms); absent while another version stands in for it. */
  readonly sinceMs?: number;
}

/** A version that was in force. */
export interface KeptPolicy {
  readonly version: number;
  readonly by: string;
  readonly why: string;
  readonly policy: Policy;
  /** Since when (wall clock), and what changed by it; absent in backups of older versions of the console. */
  readonly atMs?: number;
  readonly changes?: readonly PolicyFieldChange[];
}

export interface PolicyFile {
  /** What is wanted, or in words why nothing is known; then the engine halts. */
  current(): Result<LoadedPolicy, string>;
  /** Reads again where the file changed on disk or was read more than 10 minutes ago; true when `current` is another one now. */
  refresh(): boolean;
  /** Makes policy.json say this, unless it holds an edit that was not read yet. What it said before is kept as policy-refused.json where `isRefused`. */
  write(policy: Policy, isRefused?: boolean): Result<void, string>;
  /** Keeps a version that came into force. */
  keep(version: KeptPolicy): Result<void, string>;
  /** The versions that were in force, newest first. */
  versions(): readonly KeptPolicy[];
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
  const read = (): void => {
    mark = fileMark(path);
    readAtMs = nowMs();
    loaded = load(home);
  };
  return {
    current: () => loaded,
    refresh() {
      if (fileMark(path) === mark && nowMs() - readAtMs < MAX_AGE_MS) return false;
      const before = saidBy(loaded);
      read();
      return saidBy(loaded) !== before;
    },
    write(policy, isRefused = false) {
      if (fileMark(path) !== mark) return fail('policy.json was edited by hand in this moment: look at it, and try again.');
      // It has said so since an earlier date, which counts.
      if (loaded.ok && loaded.value.problem === '' && isSamePolicy(loaded.value.policy, policy)) return ok(undefined);
      const written = attempt(() => {
        if (isRefused) fs.copyFileSync(path, refusedPath(home));
        writeAtomic(path, textOf(policy));
      });
      read();
      return written;
    },
    keep(version) {
      const kept = attempt(() => keep(home, version));
      // An edit that nobody has read yet is for `refresh` to find.
      if (fileMark(path) === mark) read();
      return kept;
    },
    versions: () => backupVersions(home).flatMap((version) => readBackup(backupPath(home, version), version) ?? []),
  };
};

/** What is the same when the same is written once more. */
const saidBy = (loaded: Result<LoadedPolicy, string>): string =>
  JSON.stringify(loaded, (key, value: unknown) => (key === 'sinceMs' ? undefined : value));

const textOf = (policy: Policy): string => `${JSON.stringify(policy, null, 2)}\n`;
const refusedPath = (home: string): string => nodePath.join(home, 'policy-refused.json');

const startIfNew = (home: string, profile: string | null): Result<void, string> => {
  const path = policyPath(home);
  if (fs.existsSync(path) || newestBackup(home) !== undefined) return ok(undefined);
  const policy = profile === null ? NORMAL : PROFILES.find(({ name }) => name === profile.toUpperCase());
  if (policy === undefined)
    return fail(`There is no policy profile "${profile}"; there are ${PROFILES.map(({ name }) => name).join(', ')}.`);
  return attempt(() => {
    keep(home, { policy, version: 1, by: 'first start', why: `profile ${policy.name}` });
    writeAtomic(path, textOf(policy));
  });
};

const load = (home: string): Result<LoadedPolicy, string> => {
  const newest = newestBackup(home);
  const read = readPolicy(policyPath(home));
  if (!read.ok) return standIn(newest, read.error);
  const policy = read.value;
  // Looked at after the text was read: what is written in between makes it later.
  const sinceMs = fileSinceMs(policyPath(home));
  const since = sinceMs === null ? {} : { sinceMs };
  if (newest === undefined) return ok({ policy, version: 1, ...EDITED, problem: '', ...since });
  const { version, by, why, policy: inForce } = newest;
  const isKnown = isSamePolicy(inForce, policy);
  return ok({ policy, version, ...(isKnown ? { by, why } : EDITED), problem: '', inForce, ...since });
};

const EDITED = { by: 'policy.json', why: 'the file was edited' } as const;

const standIn = (newest: KeptPolicy | undefined, wrong: string): Result<LoadedPolicy, string> =>
  newest === undefined
    ? fail(
        `The policy cannot be used (${wrong}), and there is no good backup. Correct policy.json in the home, or remove it to start from NORMAL.`,
      )
    : ok({
        policy: newest.policy,
        version: newest.version,
        by: newest.by,
        why: newest.why,
        inForce: newest.policy,
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

// ------------------------------------------------------------------------------------------------------------------- backups

const backupFolder = (home: string): string => nodePath.join(home, 'policy-backups');
const BACKUP_NAME = /^(\d{6})\.json$/;
const backupPath = (home: string, version: number): string => nodePath.join(backupFolder(home), `${String(version).padStart(6, '0')}.json`);

const keep = (home: string, kept: KeptPolicy): void => {
  fs.mkdirSync(backupFolder(home), { recursive: true, mode: 0o700 });
  writeAtomic(backupPath(home, kept.version), `${JSON.stringify(kept, null, 2)}\n`);
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
  const { policy, by, why, atMs, changes } = json.value as Partial<Record<keyof KeptPolicy, unknown>>;
  // What was in force may be the tighter of two policies, which need not fit itself.
  const restored = restoredPolicy(policy);
  if (restored === null || typeof by !== 'string' || typeof why !== 'string') return undefined;
  return {
    version,
    by,
    why,
    policy: restored,
    ...(typeof atMs === 'number' && { atMs }),
    ...(Array.isArray(changes) && { changes: changes as readonly PolicyFieldChange[] }),
  };
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
