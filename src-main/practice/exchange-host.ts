// Puts the practice exchange together: core, feed, limits, keys, the three protocols and the fault desk, on loopback.
// Everything that it opens it closes; it holds no rule of its own.
import fs from 'node:fs';
import { findAccounts, openAccounts } from './accounts.ts';
import type { CoreEvent, ExecutionReport } from './core/types.ts';
import { MAIN_ACCOUNT, type ParsedOptions } from './options.ts';
import type { PracticeAddresses, TestKey } from './practice.ts';
import { performDesk, type DeskAnswer, type DeskContext } from './protocol/desk.ts';
import { createDeskServer } from './protocol/desk-server.ts';
import { EventGate } from './protocol/event-gate.ts';
import { Faults } from './protocol/faults.ts';
import { Gateway } from './protocol/gateway.ts';
import { KeyRing } from './protocol/keys.ts';
import { RateLimits } from './protocol/limits.ts';
import type { Venue } from './protocol/operation.ts';
import { RestServer } from './protocol/rest-server.ts';
import { createExchangeServer, LOOPBACK, LoopbackServer } from './protocol/server.ts';
import { StreamServer } from './protocol/stream-server.ts';
import { UserStreams } from './protocol/user-streams.ts';
import { Wire } from './protocol/wire.ts';
import { WsApiServer } from './protocol/ws-api-server.ts';
import { FeedRunner } from './feed-runner.ts';
import type { Regime } from './feeds/feed.ts';

/** How often the core's time-driven work is done where no feed does it: a replay that has ended. Running feeds bring their own time. */
const ADVANCE_EVERY_MS = 100;
const MINUTE_MS = 60_000;
/** Moods of the market that follow each other where it is to turn by itself. */
const after = (regime: Regime): Regime => (regime === 'ranging' ? 'trending' : regime === 'trending' ? 'volatile' : 'ranging');
/** Internal errors kept for the desk's dump. */
const MAX_ERRORS = 100;

export interface RunningExchange {
  readonly addresses: PracticeAddresses;
  readonly key: TestKey;
  readonly notices: readonly string[];
  perform(operation: unknown): DeskAnswer;
  close(): Promise<void>;
}

/** Starts an exchange in this thread. Rejects when a port is taken, a recording cannot be read or the state file not be written. */
export async function startExchange(
  options: ParsedOptions,
  onRegime: (regime: Regime) => void = () => undefined,
): Promise<RunningExchange> {
  const clock = new ServerClock();
  const nowMs = (): number => clock.nowMs();
  const found = findAccounts(options);
  const feed = await FeedRunner.open(options, found.saved?.state.lastPrices);
  const accounts = openAccounts(options, feed.instruments, found, endAtOnce);
  const { core, key, notices } = accounts;
  const venue: Venue = { core, limits: new RateLimits(options.limits), nowMs };
  const keys = new KeyRing();
  keys.add({ kind: 'HMAC', ...key, accountId: MAIN_ACCOUNT }, nowMs());

  const internalErrors: string[] = [];
  const onBroken = (error: unknown): void => {
    if (internalErrors.length < MAX_ERRORS) internalErrors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const gateway = new Gateway(venue, keys, onBroken);
  const faults = new Faults();
  const wire = new Wire(options.latencyMs);
  const gate = new EventGate(faults, wire);
  const users = new UserStreams(gate);
  const streams = new StreamServer({ core, wire, gate, sockets: options.sockets, nowMs });
  const wsApi = new WsApiServer({ gateway, faults, wire, users, sockets: options.sockets });
  const rest = new RestServer(gateway, faults, wire);
  core.onEvent((event) => dispatch(event, venue, users, streams));

  feed.start({ core, skewMs: () => clock.skewMs, onBroken }, options.paused);
  let current: Regime = options.regime;
  const setRegime = (regime: Regime): boolean => {
    const has = feed.setRegime(regime);
    current = regime;
    if (has) onRegime(regime);
    return has;
  };
  const turn = options.regimeMinutes === 0 ? undefined : setInterval(() => setRegime(after(current)), options.regimeMinutes * MINUTE_MS);
  const desk: DeskContext = {
    core,
    keys,
    faults,
    wire,
    gate,
    users,
    internalErrors,
    nowMs,
    setClockSkew: (skewMs) => (clock.skewMs = skewMs),
    pauseFeed: (on) => feed.pause(on),
    setRegime,
    disconnect: (channel) => {
      if (channel === 'stream' || channel === 'all') streams.disconnect();
      if (channel !== 'stream') wsApi.disconnect(channel === 'user');
    },
    forgetRequests: () => venue.limits.forget(),
  };
  const advance = setInterval(() => {
    if (feed.ended) core.advance(nowMs());
  }, ADVANCE_EVERY_MS);
  const server = new LoopbackServer(createExchangeServer({ rest, streams, wsApi, wire, limits: venue.limits, nowMs }));
  const deskServer = new LoopbackServer(createDeskServer(desk));
  const close = async (): Promise<void> => {
    clearInterval(advance);
    clearInterval(turn);
    feed.stop();
    wire.close();
    streams.close();
    await Promise.all([server.close(), deskServer.close()]);
    accounts.close();
  };
  try {
    const port = await server.listen(options.port);
    const deskPort = await deskServer.listen(0);
    setRegime(options.regime);
    return { addresses: addressesOf(port, deskPort), key, notices, perform: (operation) => performDesk(desk, operation), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends this thread (of a process by itself: the process) before another byte leaves it, as a crash would. */
function endAtOnce(reason: string): never {
  fs.writeSync(process.stderr.fd, `practice-exchange: ${reason}\n`);
  process.exit(1);
}

function dispatch(event: CoreEvent, venue: Venue, users: UserStreams, streams: StreamServer): void {
  if (event.kind !== 'user') {
    streams.publish(event);
    return;
  }
  if (event.payload.e === 'executionReport' && isFirstFill(event.payload)) {
    venue.limits.firstFill(event.account, event.payload.m, venue.nowMs());
  }
  users.publish(event.account, event.payload);
}

const isFirstFill = (report: ExecutionReport): boolean => report.x === 'TRADE' && report.l === report.z;

const addressesOf = (port: number, deskPort: number): PracticeAddresses => ({
  restUrl: `http://${LOOPBACK}:${port}`,
  streamUrl: `ws://${LOOPBACK}:${port}`,
  wsApiUrl: `ws://${LOOPBACK}:${port}/ws-api/v3`,
  faultDeskUrl: `http://${LOOPBACK}:${deskPort}`,
});

/** The exchange's clock: this machine's, plus what the fault desk sets it off by. */
class ServerClock {
  skewMs = 0;

  nowMs(): number {
    return Date.now() + this.skewMs;
  }
}
