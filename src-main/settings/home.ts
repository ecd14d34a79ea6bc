// The home: the one folder that holds everything a console keeps (journals, policy, socket). Says where things are; reads none of them.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import type { Mode, PracticeAccount } from '../../src-shared/domain/mode.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `--home`, else HOLDFAST_HOME, else the place that the operating system has for a program's data. Always absolute. */
export const homeOf = (option: string | undefined, environment: Environment = process.env, platform = process.platform): string =>
  nodePath.resolve(option || environment['HOLDFAST_HOME'] || defaultHome(environment, platform));

const defaultHome = (environment: Environment, platform: NodeJS.Platform): string => {
  if (platform === 'win32')
    return nodePath.join(environment['LOCALAPPDATA'] || nodePath.join(os.homedir(), 'AppData', 'Local'), 'Holdfast');
  if (platform === 'darwin') return nodePath.join(os.homedir(), 'Library', 'Application Support', 'Holdfast');
  return nodePath.join(environment['XDG_DATA_HOME'] || nodePath.join(os.homedir(), '.local', 'share'), 'holdfast');
};

/** Makes the home, for this user alone (REQUIREMENTS N4). Throws what the file system throws. */
export const prepareHome = (home: string): void => {
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32' && (fs.statSync(home).mode & 0o077) !== 0) fs.chmodSync(home, 0o700);
};

export const policyPath = (home: string): string => nodePath.join(home, 'policy.json');

/** Held by the one console that runs on this home. */
export const instanceLockPath = (home: string): string => nodePath.join(home, 'console.lock');

/** Nonces of the kill switch's signed requests that were used. */
export const killSwitchNoncesPath = (home: string): string => nodePath.join(home, 'kill-switch-nonces.json');

/** Held by the one watchdog that stands by for this home, also beyond the end of its console. */
export const watchdogLockPath = (home: string): string => nodePath.join(home, 'watchdog.lock');

/** Names the report of the account that a new console takes over: the watchdog that a dead one left there leaves. Any other takes it away. */
export const watchdogRelievedPath = (home: string): string => nodePath.join(home, 'watchdog.relieved');

export const journalFolder = (home: string): string => nodePath.join(home, 'journals');

/** Journals are kept apart per mode and account (REQUIREMENTS A2). */
export const journalPath = (home: string, mode: Mode, account: string): string =>
  nodePath.join(journalFolder(home), `${mode}-${fileNameOf(account)}.sqlite`);

/** Where each stage of the rollout ladder that was signed off is said to be proven: in which journal, and up to which fact. */
export const signOffPath = (home: string, stage: string): string => nodePath.join(home, 'ladder', `${stage}.json`);

/** Where a practice account outlives the console. */
export const practiceStatePath = (home: string, account: PracticeAccount): string => nodePath.join(home, 'practice', `${account}.jsonl`);

/** An account's name as a file name: what is not plain is replaced, and a hash keeps such names apart. */
const fileNameOf = (account: string): string =>
  /^[a-z0-9][a-z0-9-]{0,39}$/.test(account) ? account : `${account.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 30)}-${shortHash(account)}`;

/** A Unix socket's path must fit into sun_path: 104 bytes on macOS, 108 on Linux, with the final zero. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Where the running console listens for the command line. */
export const controlAddress = (home: string, platform = process.platform): string => {
  if (platform === 'win32') return `\\\\.\\pipe\\holdfast-${shortHash(nodePath.resolve(home).toLowerCase())}`;
  const inHome = nodePath.join(home, 'control.sock');
  if (Buffer.byteLength(inHome) <= MAX_SOCKET_PATH_BYTES) return inHome;
  return nodePath.join('/tmp', `holdfast-${os.userInfo().uid}`, `${shortHash(nodePath.resolve(home))}.sock`);
};

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
