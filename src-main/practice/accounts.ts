// Opens the exchange's core with the accounts that an earlier run left, and keeps every change of theirs from then on (state-file.ts).
// Must never go on trading what it cannot keep, and never overwrite a file that it does not understand.
import { ExchangeCore } from './core/exchange.ts';
import { makeInstruments } from './core/instruments.ts';
import type { ExchangeState } from './core/state.ts';
import type { InstrumentSpec } from './core/types.ts';
import { ACCOUNT_PRESETS, MAIN_ACCOUNT, type ParsedOptions } from './options.ts';
import type { TestKey } from './practice.ts';
import { randomText } from './protocol/keys.ts';
import { readStateFile, setAside, StateFile, type SavedAccounts } from './state-file.ts';

/** A killed exchange opens at prices that are at most this old. */
const KEEP_PRICES_EVERY_MS = 5000;

/** What was found on disk before the exchange is put together. */
export interface Found {
  readonly saved: SavedAccounts | undefined;
  /** Why what was there cannot be used. */
  readonly broken: string | undefined;
}

export interface Accounts {
  readonly core: ExchangeCore;
  readonly key: TestKey;
  /** For the person: what was lost or is not as expected. */
  readonly notices: readonly string[];
  close(): void;
}

export function findAccounts({ statePath }: ParsedOptions): Found {
  try {
    return { saved: statePath === undefined ? undefined : readStateFile(statePath), broken: undefined };
  } catch (error) {
    return { saved: undefined, broken: wordsOf(error) };
  }
}

/**
 * The core with what was found, or with new accounts. `onLost` hears when a change could not be kept; the exchange must then end
 * before it answers. Throws when the file cannot be written or moved aside at all.
 */
export function openAccounts(
  options: ParsedOptions,
  instruments: readonly InstrumentSpec[],
  found: Found,
  onLost: (reason: string) => void,
): Accounts {
  const { core, key, broken } = openCore(options, instruments, found);
  const { statePath } = options;
  if (statePath === undefined) return { core, key, notices: [], close: () => undefined };
  const notices: string[] = [];
  if (broken !== undefined) {
    const aside = setAside(statePath, Date.now());
    notices.push(`The practice account begins anew: its file could not be used (${broken}). It is kept as ${aside}.`);
  }
  const file = new StateFile(statePath, key, () => core.exportState());
  core.keepWith((change) => {
    try {
      file.append(change);
    } catch (error) {
      onLost(`the practice account cannot be written to ${statePath} (${wordsOf(error)}); what was not written was not told to anyone`);
      throw error;
    }
  });
  let keptPrices = '';
  const keepPrices = (): void => {
    const lastPrices = core.lastPrices();
    const text = JSON.stringify(lastPrices);
    if (text === keptPrices) return;
    keptPrices = text;
    file.append({ lastPrices });
  };
  const timer = setInterval(keepPrices, KEEP_PRICES_EVERY_MS);
  const close = (): void => {
    clearInterval(timer);
    keepPrices();
    file.close();
  };
  return { core, key, notices, close };
}

function openCore(options: ParsedOptions, instruments: readonly InstrumentSpec[], { saved, broken }: Found) {
  const { makerRate, takerRate, bnbDiscount, preset } = options;
  const balances = options.balances ?? ACCOUNT_PRESETS[preset];
  const fresh = { id: MAIN_ACCOUNT, balances, makerRate, takerRate, bnbDiscount };
  // The core's time is its market's: it begins at nothing, the feed and the first request bring it forward.
  const basis = { instruments, accounts: [fresh], nowMs: 0, idSeed: options.seed };
  const anew = (reason: string | undefined) => ({ core: new ExchangeCore(basis), key: newKey(), broken: reason });
  if (saved === undefined) return anew(broken);
  try {
    return { core: restored(basis, saved.state), key: saved.key, broken: undefined };
  } catch (error) {
    return anew(wordsOf(error));
  }
}

/** Symbols that the accounts have orders on and the feed does not bring are listed without a market: orders there can only be cancelled. */
function restored(basis: ConstructorParameters<typeof ExchangeCore>[0], state: ExchangeState): ExchangeCore {
  const listed = new Set(basis.instruments.map((spec) => spec.symbol));
  const closed = [...new Set(state.orders.map((order) => order.symbol))].filter((symbol) => !listed.has(symbol));
  const core = new ExchangeCore({ ...basis, instruments: [...basis.instruments, ...makeInstruments(closed)], state });
  for (const symbol of closed) core.setSymbolStatus(symbol, 'BREAK');
  return core;
}

const newKey = (): TestKey => ({ apiKey: randomText(64), secret: randomText(64) });
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
