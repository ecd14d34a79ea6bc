// Measures what the self-test judges (REQUIREMENTS J). Each measurement is a value or the reason why there is none; the verdicts are
// safety/self-test.ts's. Nothing here waits for long: what is still on its way up gets a moment, then it is red.
import { statfs } from 'node:fs/promises';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { verdicts } from '../safety/self-test.ts';
import type { KeychainProof, SelfTestReadings } from '../safety/self-test.ts';
import type { VenueFailure } from '../venue/port.ts';
import type { Core } from './core.ts';
import { versions } from './version.ts';

const MOMENT_MS = 5000;
const LOOK_MS = 50;
/** An hourly test reads the trading rules again; the one at the start finds them read. */
const RULES_FRESH_MS = 30 * 60_000;

/** What the self-test needs of the console around the core. */
export interface SelfTestPorts {
  readonly mode: Mode;
  /** Where the journal is. */
  readonly home: string;
  /** A window shell has a keyboard before it, and with it a global key; a headless one need not. */
  readonly hasWindow: boolean;
  /** Writes and reads back; asked only where keys are used. */
  readonly proveKeychain: () => Promise<Result<KeychainProof, string>>;
}

const words = <T>(result: Result<T, VenueFailure>): Result<T, string> => (result.ok ? result : fail(result.error.text));

/** A measurement that breaks is red with its reason: it must end neither the test nor the console. */
const measured = async <T>(work: () => Promise<Result<T, string>>): Promise<Result<T, string>> => {
  try {
    return await work();
  } catch (error) {
    return fail(`It could not be measured (${error instanceof Error ? error.message : String(error)}): run the test again.`);
  }
};

/** Looks again and again for a moment, until there is something; then what `otherwise` says. */
const within = async <T>(core: Core, look: () => Promise<T | null> | T | null, otherwise: () => T): Promise<T> => {
  const { clock } = core.setup;
  const until = clock.monoMs() + MOMENT_MS;
  do {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  } while (clock.monoMs() < until);
  return otherwise();
};

const down = (core: Core, stream: 'market' | 'user'): string =>
  `It is down: ${core.engine.market.streams[stream].text}. It is being redialled; look at the network if this lasts.`;

const userRoundTrip = (core: Core): Promise<SelfTestReadings['userStream']> => {
  let last: SelfTestReadings['userStream'] | null = null;
  return within<SelfTestReadings['userStream']>(
    core,
    async () => {
      if (core.engine.market.streams.user.status !== 'live') return null;
      last = words(await core.setup.venue.userRoundTrip());
      return last.ok ? last : null;
    },
    () => last ?? fail(down(core, 'user')),
  );
};

const marketHeard = (core: Core): Promise<SelfTestReadings['marketStream']> =>
  within<SelfTestReadings['marketStream']>(
    core,
    () => {
      const { status, aliveAtMs } = core.engine.market.streams.market;
      return status === 'live' && aliveAtMs !== null ? ok({ silentMs: core.setup.clock.monoMs() - aliveAtMs }) : null;
    },
    () => fail(down(core, 'market')),
  );

const watchdogStands = (core: Core): Promise<Result<string, string>> => {
  const now = (): Result<string, string> => {
    const { watchdog } = core.engine.market;
    return watchdog?.status === 'watching' ? ok(watchdog.text) : fail(watchdog?.text ?? 'Nobody watches over this console.');
  };
  const isOnItsWay = (): boolean => ['starting', 'gone'].includes(core.engine.market.watchdog?.status ?? '');
  return within<Result<string, string>>(core, () => (isOnItsWay() ? null : now()), now);
};

const killSwitchListens = (core: Core): Promise<SelfTestReadings['killSwitch']> | null => {
  if (core.engine.state.policy?.killSwitch.enabled !== true) return null;
  const now = (): Result<string, string> => {
    const view = core.engine.market.killSwitch;
    return view?.status === 'listening' ? ok(view.text) : fail(view?.text ?? 'Not listening.');
  };
  const isOnItsWay = (): boolean => ['off', undefined].includes(core.engine.market.killSwitch?.status);
  return within<Result<string, string>>(core, () => (isOnItsWay() ? null : now()), now);
};

const journalWhole = async (core: Core): Promise<SelfTestReadings['journal']> => {
  const { verdict, facts, text } = await core.journalReport();
  return verdict === 'whole' ? ok({ facts }) : fail(text);
};

/** What this user may still write. */
export const freeDisk = async (home: string): Promise<SelfTestReadings['disk']> => {
  try {
    const { bavail, bsize } = await statfs(home);
    return ok({ freeBytes: bavail * bsize });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(`How much is left on the disk cannot be told (${why}): check that the home ${home} is there and may be written.`);
  }
};

/** The rules of the day: a new filter must not be learnt from a refusal. When they cannot be read, their age tells. */
const readRulesAgain = async (core: Core): Promise<Result<void, string>> => {
  const { clock, venue, symbols } = core.setup;
  const { instrumentsAtMs } = core.engine.market;
  if (instrumentsAtMs !== null && Math.abs(clock.nowMs() - instrumentsAtMs) < RULES_FRESH_MS) return ok(undefined);
  const instruments = await venue.instruments(symbols);
  if (!instruments.ok) return words(instruments);
  core.engine.dispatch({ kind: 'instruments', instruments: instruments.value });
  return ok(undefined);
};

/** Runs every check. */
export const runSelfTest = async (
  core: Core,
  { mode, home, hasWindow, proveKeychain }: SelfTestPorts,
): Promise<readonly SelfTestItem[]> => {
  const { venue, clock } = core.setup;
  // First, by itself: with an idea of the clock that is no longer right, every signed request would be refused for that alone.
  const serverClock = await measured(async () => words(await venue.clock()));
  const [account, permissions, userStream, marketStream, journal, disk, keychain, watchdog, killSwitch] = await Promise.all([
    measured(async () => words(await venue.account('normal'))),
    measured(async () => words(await venue.permissions())),
    measured(() => userRoundTrip(core)),
    measured(() => marketHeard(core)),
    measured(() => journalWhole(core)),
    freeDisk(home),
    measured(() => (mode === 'practice' ? Promise.resolve(ok('session' as const)) : proveKeychain())),
    measured(() => watchdogStands(core)),
    killSwitchListens(core),
    measured(() => readRulesAgain(core)),
  ]);
  const { market, state } = core.engine;
  const { hotkey } = market;
  const { ccxtInstalled, ccxtPinned } = versions();
  return verdicts({
    mode,
    reachability: serverClock,
    account,
    permissions,
    userStream,
    marketStream,
    clock: serverClock,
    exchangeInfo:
      market.instrumentsAtMs === null ? fail('The trading rules were never read.') : ok({ ageMs: clock.nowMs() - market.instrumentsAtMs }),
    journal,
    disk,
    policy:
      state.policy === null || (market.policyProblem !== '' && !market.policyStandsIn)
        ? fail(market.policyProblem === '' ? 'No policy is loaded.' : market.policyProblem)
        : ok({ name: state.policy.name }),
    keychain,
    hotkey: {
      isProven: hotkey?.status === 'ARMED',
      isPossible: hasWindow,
      text: hotkey === null ? 'The key is not registered yet.' : `${hotkey.accelerator}: ${hotkey.text}`,
    },
    watchdog,
    killSwitch,
    versions: { node: process.versions.node, ccxt: ccxtInstalled, expectedCcxt: ccxtPinned },
  });
};
