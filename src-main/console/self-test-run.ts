// Measures what the self-test judges (REQUIREMENTS J). Each measurement is a value or the reason why there is none; the verdicts are
// safety/self-test.ts's.
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { verdicts } from '../safety/self-test.ts';
import type { VenueFailure } from '../venue/port.ts';
import type { Core } from './core.ts';
import { versions } from './version.ts';

const STREAM_WAIT_MS = 5000;
const STREAM_LOOK_MS = 50;

const words = <T>(result: Result<T, VenueFailure>): Result<T, string> => (result.ok ? result : fail(result.error.text));

/** A stream may still be on its way up when the test begins; it gets a moment, then it is red. */
const streamLive = async (core: Core, stream: 'market' | 'user'): Promise<Result<void, string>> => {
  const { clock } = core.setup;
  const until = clock.monoMs() + STREAM_WAIT_MS;
  while (clock.monoMs() < until) {
    if (core.engine.market.streams[stream].status === 'live') return ok(undefined);
    await new Promise((resolve) => setTimeout(resolve, STREAM_LOOK_MS));
  }
  return fail(`It is down: ${core.engine.market.streams[stream].text}. It is being redialled; look at the network if this lasts.`);
};

/** One that is being started gets a moment. */
const watchdogStands = async (core: Core): Promise<Result<string, string>> => {
  const { clock } = core.setup;
  const until = clock.monoMs() + STREAM_WAIT_MS;
  const isOnItsWay = (): boolean => ['starting', 'gone'].includes(core.engine.market.watchdog?.status ?? '');
  while (isOnItsWay() && clock.monoMs() < until) await new Promise((resolve) => setTimeout(resolve, STREAM_LOOK_MS));
  const { watchdog } = core.engine.market;
  if (watchdog?.status === 'watching') return ok(watchdog.text);
  return fail(watchdog?.text ?? 'Nobody watches over this console.');
};

/** Runs every check; `proveKeychain` writes and reads back where keys are used. */
export const runSelfTest = async (
  core: Core,
  mode: Mode,
  proveKeychain: () => Promise<Result<void, string>>,
): Promise<readonly SelfTestItem[]> => {
  const { venue, clock } = core.setup;
  // First, by itself: with an idea of the clock that is no longer right, every signed request would be refused for that alone.
  const serverClock = await venue.clock();
  const [account, permissions, userStream, marketStream, journal, keychain, watchdog] = await Promise.all([
    venue.account('normal'),
    venue.permissions(),
    streamLive(core, 'user'),
    streamLive(core, 'market'),
    core.journalReport(),
    mode === 'practice' ? Promise.resolve(ok(undefined)) : proveKeychain(),
    watchdogStands(core),
  ]);
  const { market, state } = core.engine;
  const { ccxtInstalled, ccxtPinned } = versions();
  return verdicts({
    mode,
    reachability: words(serverClock),
    account: words(account),
    permissions: words(permissions),
    userStream,
    marketStream,
    clock: words(serverClock),
    exchangeInfo:
      market.instrumentsAtMs === null ? fail('The trading rules were never read.') : ok({ ageMs: clock.nowMs() - market.instrumentsAtMs }),
    journal: journal.verdict === 'whole' ? ok({ facts: journal.facts }) : fail(journal.text),
    policy:
      state.policy === null || (market.policyProblem !== '' && !market.policyStandsIn)
        ? fail(market.policyProblem === '' ? 'No policy is loaded.' : market.policyProblem)
        : ok({ name: state.policy.name }),
    keychain,
    watchdog,
    versions: { node: process.versions.node, ccxt: ccxtInstalled, expectedCcxt: ccxtPinned },
  });
};
