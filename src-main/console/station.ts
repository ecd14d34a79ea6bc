// What a mode stands on: its venue (and in practice the exchange itself), its account and its journal. Opened as a whole or not at all.
import fs from 'node:fs';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import type { EngineState } from '../engine/state.ts';
import type { FileJournal } from '../journal/port.ts';
import { startPractice } from '../practice/practice.ts';
import { journalPath, practiceStatePath } from '../settings/home.ts';
import { customVenueProblem } from '../settings/mode.ts';
import type { LoadedPolicy } from '../settings/policy-file.ts';
import type { ConsoleOptions } from '../shell/port.ts';
import { accountOf, readKey } from '../vault/key.ts';
import type { Vault } from '../vault/vault.ts';
import { BINANCE_ADDRESSES } from '../venue/addresses.ts';
import type { BinanceAddresses } from '../venue/addresses.ts';
import { createBinanceVenue } from '../venue/binance.ts';
import type { Venue } from '../venue/port.ts';
import type { Credentials } from '../venue/signer.ts';
import { reportPathOf } from '../watchdog/report.ts';
import { restoreJournal } from './restore.ts';
import type { Watched } from './watchdog.ts';

export interface Station {
  readonly mode: Mode;
  readonly account: string;
  /** For the screen, as `practice exchange (synthetic market)`. */
  readonly venueName: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** What is watched: the allow list, and whatever this journal ever traded. */
  readonly symbols: readonly SymbolId[];
  readonly venue: Venue;
  /** What a watchdog needs to stand in (E8). */
  readonly watched: Watched;
  readonly opened: FileJournal;
  /** Hears the practice market's mood; silent elsewhere, and where a recording is replayed. */
  onRegime(listener: (regime: string) => void): void;
  /** What the journal's facts come to. */
  readonly state: EngineState;
  /** Closes what the venue and the journal do not close themselves. */
  close(): Promise<void>;
}

interface Access {
  readonly account: string;
  readonly venueName: string;
  readonly addresses: BinanceAddresses;
  readonly extra: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly endsWithConsole?: true;
  readonly onRegime?: Station['onRegime'];
  close(): Promise<void>;
}

/** Request weight that normal traffic never touches (REQUIREMENTS C9: 6000 is the venue's limit). */
const VENUE_WEIGHT_LIMIT = 6000;

/** The practice market turns from one mood to the next, so that practice meets all of them (H). */
const REGIME_MINUTES = 10;

const nothingToClose = (): Promise<void> => Promise.resolve();

const practiceAccess = async (options: ConsoleOptions): Promise<Access> => {
  const { account, feed } = options;
  const practice = await startPractice({
    seed: options.seed,
    preset: account,
    statePath: practiceStatePath(options.home, account),
    regimeMinutes: REGIME_MINUTES,
    ...(feed.kind === 'replay' ? { feed: `replay:${feed.files.join(',')}`, loop: true } : {}),
  });
  for (const text of practice.notices) {
    options.log.warn('practice-account', { text });
    options.alerts.raise({ severity: 'warning', key: 'practice-account', title: 'Practice account', text });
  }
  const { restUrl, streamUrl, wsApiUrl, faultDeskUrl } = practice;
  return {
    account,
    venueName: `practice exchange (${feed.kind === 'replay' ? 'recorded market' : 'synthetic market'})`,
    addresses: { restUrl, streamUrl, wsApiUrl, hasSapi: true },
    extra: { faultDesk: faultDeskUrl },
    credentials: { ...practice.key, kind: 'hmac' },
    endsWithConsole: true,
    onRegime: (listener) => practice.onRegime(listener),
    close: () => practice.close(),
  };
};

const keyAccess = async (mode: Exclude<Mode, 'practice'>, vault: Vault): Promise<Result<Access, string>> => {
  const credentials = await vault.credentials(mode);
  if (!credentials.ok) return credentials;
  const addresses = BINANCE_ADDRESSES[mode];
  return ok({
    account: accountOf(credentials.value.apiKey),
    venueName: new URL(addresses.restUrl).host,
    addresses,
    extra: {},
    credentials: credentials.value,
    close: nothingToClose,
  });
};

const accessTo = async (options: ConsoleOptions, mode: Mode, vault: Vault): Promise<Result<Access, string>> => {
  const custom = options.customVenue;
  if (custom !== null) {
    if (mode !== 'testnet') return fail(`A custom venue is testnet (A4); it is never used as ${mode}.`);
    const { restUrl, streamUrl, wsApiUrl, apiKey, secret } = custom;
    const problem = customVenueProblem([restUrl, streamUrl, wsApiUrl]);
    if (problem !== '') return fail(problem);
    // The keychain is not asked: a stand-in must start where there is none.
    if (fs.existsSync(journalPath(options.home, 'mainnet', accountOf(apiKey))))
      return fail('This is a key of mainnet: this home has traded real money with it, and a custom venue never gets it (A4).');
    const credentials = readKey(apiKey, secret);
    if (!credentials.ok) return credentials;
    return ok({
      account: accountOf(apiKey),
      venueName: `custom venue ${new URL(restUrl).host}`,
      addresses: { restUrl, streamUrl, wsApiUrl, hasSapi: true },
      extra: {},
      credentials: credentials.value,
      close: nothingToClose,
    });
  }
  return mode === 'practice' ? ok(await practiceAccess(options)) : keyAccess(mode, vault);
};

/** Prices the fees that are paid in BNB, whatever may be traded. */
const FEE_SYMBOL = 'BNBUSDT' as SymbolId;

/** A symbol that left the allow list still has its positions, orders and balances: what is held must be valued and can be stopped. */
export const symbolsToWatch = (allowed: readonly string[], { traded }: Pick<EngineState, 'traded'>): readonly SymbolId[] => [
  ...new Set([...(allowed as readonly SymbolId[]), FEE_SYMBOL, ...traded.keys()]),
];

/**
 * Request weight that normal traffic may use. What the file merely asks for does not eat into the stop's reserve before the tilt guard
 * lets it (G, C9).
 */
export const weightCeilingOf = (loaded: Pick<LoadedPolicy, 'policy' | 'inForce'> | null, state: Pick<EngineState, 'policy'>): number =>
  Math.min(
    (loaded?.policy ?? NORMAL).limits.maxRequestWeight,
    (state.policy ?? loaded?.inForce ?? loaded?.policy ?? NORMAL).limits.maxRequestWeight,
  );

/** Opens venue and journal of a mode that was granted. The error says in words what is missing. */
export const openStation = async (
  options: ConsoleOptions,
  mode: Mode,
  vault: Vault,
  policy: Result<LoadedPolicy, string>,
): Promise<Result<Station, string>> => {
  const access = await accessTo(options, mode, vault);
  if (!access.ok) return access;
  const { account, venueName, addresses, extra, credentials } = access.value;
  const path = journalPath(options.home, mode, account);
  const restored = await restoreJournal({ path, mode, account });
  if (!restored.ok) {
    await access.value.close();
    return fail(restored.error.text);
  }
  const { opened, state, text } = restored.value;
  options.log.info('journal', { text });
  const limits = (policy.ok ? policy.value.policy : NORMAL).limits;
  const symbols = symbolsToWatch(limits.allowedSymbols, state);
  const weightCeiling = weightCeilingOf(policy.ok ? policy.value : null, state);
  const venue = await createBinanceVenue({
    addresses,
    credentials,
    symbols,
    weightCeiling,
    emergencyReserve: VENUE_WEIGHT_LIMIT - weightCeiling,
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });
  if (!venue.ok) {
    await opened.journal.close();
    await access.value.close();
    return fail(venue.error.text);
  }
  const { restUrl, streamUrl, wsApiUrl } = addresses;
  return ok({
    mode,
    account,
    venueName,
    addresses: { rest: restUrl, stream: streamUrl, wsApi: wsApiUrl, ...extra },
    symbols,
    venue: venue.value,
    watched: {
      mode,
      restUrl,
      credentials,
      endsWithConsole: access.value.endsWithConsole === true,
      symbols,
      reportPath: reportPathOf(path),
    },
    opened,
    state,
    onRegime: access.value.onRegime ?? (() => undefined),
    close: () => access.value.close(),
  });
};
