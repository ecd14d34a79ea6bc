// The stop of last resort: where no console answers, everything is cancelled over a connection of its own, with the keychain's keys, by
// the watchdog's own code. It leaves the watchdog's report, so that the next start is tripped. It must never touch a position.
import { existsSync } from 'node:fs';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { journalPath } from '../settings/home.ts';
import { accountOf } from '../vault/key.ts';
import type { Vault } from '../vault/vault.ts';
import { BINANCE_ADDRESSES } from '../venue/addresses.ts';
import type { Credentials } from '../venue/signer.ts';
import { clearAll } from '../watchdog/clearing.ts';
import { createDesk } from '../watchdog/desk.ts';
import { reportPathOf, wordsOf, writeReport } from '../watchdog/report.ts';
import type { WatchdogReport } from '../watchdog/report.ts';
import { notVerified, type Outcome } from './outcome.ts';

export interface DirectAccount {
  readonly mode: Exclude<Mode, 'practice'>;
  readonly restUrl: string;
  readonly credentials: Credentials;
}

const WHY = 'a stop was asked for while no console answered (holdfast stop --direct)';
const BY_HAND = "Cancel in the exchange's own app or website, now.";

/** Every account that the keychain holds a key for; and in words why there is none of a mode. */
export const accountsIn = async (vault: Vault): Promise<{ readonly accounts: readonly DirectAccount[]; readonly missing: string }> => {
  const accounts: DirectAccount[] = [];
  const missing: string[] = [];
  for (const mode of ['mainnet', 'testnet'] as const) {
    const credentials = await vault.credentials(mode);
    if (credentials.ok) accounts.push({ mode, restUrl: BINANCE_ADDRESSES[mode].restUrl, credentials: credentials.value });
    else missing.push(credentials.error);
  }
  return { accounts, missing: [...new Set(missing)].join(' ') };
};

export interface DirectStop {
  readonly home: string;
  readonly accounts: readonly DirectAccount[];
  /** Why a mode is not among them, in words. */
  readonly missing: string;
  /** How long an exchange that does not let itself be emptied is pursued. */
  readonly giveUpAfterMs: number;
  /** Hears how far it is. */
  readonly say: (text: string) => void;
}

/** Cancels every order of every account, until each was seen empty or was pursued for long enough. Never throws. */
export const directStop = async (stop: DirectStop): Promise<Outcome> => {
  const { accounts, missing } = stop;
  if (accounts.length === 0)
    return { failure: notVerified(`Nothing was cancelled: there is no key to do it with. ${missing} ${BY_HAND}`, []) };
  const reports = await Promise.all(accounts.map(async (account) => ({ mode: account.mode, ...(await clear(stop, account)) })));
  const text = [
    ...reports.map((report) => `${report.mode}: ${wordsOf(report)} Positions are as they were, and no order guards them.`),
    // A key that cannot be read has orders as well as one that can.
    ...(missing === '' ? [] : [`Not stopped: ${missing}`]),
  ].join('\n');
  const value = reports.map(({ mode, canceled, left, problem, emptyAfterMs }) => ({ mode, canceled, left, problem, emptyAfterMs }));
  const open = reports.filter(({ emptyAfterMs }) => emptyAfterMs === null);
  if (open.length === 0) return { value, text };
  const survivors = open.flatMap(
    ({ mode, left }) => left?.map((order) => `${mode} ${order.symbol} ${order.clientOrderId}`) ?? [`all of ${mode}`],
  );
  return { value, text, failure: notVerified(`Not everything is proven gone. ${BY_HAND}`, survivors) };
};

const clear = async ({ home, giveUpAfterMs, say }: DirectStop, { mode, restUrl, credentials }: DirectAccount): Promise<WatchdogReport> => {
  const nothing: WatchdogReport = {
    version: 1,
    atMs: Date.now(),
    why: WHY,
    canceled: [],
    kept: [],
    left: null,
    problem: '',
    emptyAfterMs: null,
  };
  const { apiKey, secret, kind } = credentials;
  const desk = createDesk({ venue: { restUrl, apiKey, secret, signature: kind, endsWithConsole: false }, offsetMs: 0, nowMs: Date.now });
  if (!desk.ok) return { ...nothing, problem: desk.error };
  const untilMs = performance.now() + giveUpAfterMs;
  const report =
    (await clearAll({
      desk: desk.value,
      symbols: [],
      keepProtection: false,
      why: WHY,
      giveUpAfterMs,
      nowMs: Date.now,
      monoMs: () => performance.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      // A person waits: a hold may last for days, and the one who hears of it in time can do it by hand.
      relieved: () => performance.now() > untilMs,
      isGone: () => false,
      tell: ({ canceled, left, problem }) =>
        say(`${mode}: ${canceled.length} cancelled, ${left === null ? 'not seen yet' : `${left.length} open`}${problem && `; ${problem}`}`),
    })) ?? nothing;
  await desk.value.close();
  await leave(journalPath(home, mode, accountOf(apiKey)), report, say);
  return report;
};

/** Beside a journal that is there. What a watchdog wrote before stays: either trips the next start. */
const leave = async (journal: string, report: WatchdogReport, say: DirectStop['say']): Promise<void> => {
  const path = reportPathOf(journal);
  if (existsSync(path) || !existsSync(journal)) return;
  try {
    await writeReport(path, report);
  } catch (error) {
    say(`The next start will not know of this stop: ${error instanceof Error ? error.message : String(error)}`);
  }
};
