// A drill's thread (REQUIREMENTS E7): an exchange of its own on a loopback port of its own, a console's core with a journal in memory,
// the orders of the picture, and then the real sequence of an emergency stop. It is given no key, no address and no file.
import { parentPort, workerData } from 'node:worker_threads';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { invariant, ok } from '../../src-shared/errors/result.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import { startPractice } from '../practice/practice.ts';
import type { PracticeHandle } from '../practice/practice.ts';
import type { DeskOperation } from '../practice/protocol/desk.ts';
import { DRILL_ROUND_TRIP_MS, drillVerdict } from '../safety/drill.ts';
import { createBinanceVenue } from '../venue/binance.ts';
import { Core } from './core.ts';
import { openDrillJournal } from './drill-journal.ts';
import type { DrillPicture } from './drill-picture.ts';

export type FromDrill = { readonly kind: 'done'; readonly drill: DrillResult } | { readonly kind: 'failed'; readonly text: string };

const READY_MS = 20_000;
const RECEIPT_MS = 15_000;
const LOOK_MS = 20;
/** What placing left to be done is done before anything is measured. */
const SETTLE_MS = 300;
/** A market that lives, and does not fill everything while the drill is prepared. */
const EVENTS_PER_SECOND = 10;
const VENUE_WEIGHT_LIMIT = 6000;

const CLOCK = { nowMs: () => Date.now(), monoMs: () => performance.now() };
const nothing = (): void => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const until = async (what: string, holds: () => boolean): Promise<void> => {
  const endMs = CLOCK.monoMs() + READY_MS;
  while (!holds()) {
    if (CLOCK.monoMs() > endMs) throw new Error(`${what} did not come about within ${READY_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

const startCore = async ({ restUrl, streamUrl, wsApiUrl, key }: PracticeHandle, { policy, symbols }: DrillPicture): Promise<Core> => {
  const venue = await createBinanceVenue({
    addresses: { restUrl, streamUrl, wsApiUrl, hasSapi: true },
    credentials: { ...key, kind: 'hmac' },
    symbols: symbols as readonly SymbolId[],
    weightCeiling: policy.limits.maxRequestWeight,
    emergencyReserve: VENUE_WEIGHT_LIMIT - policy.limits.maxRequestWeight,
    nowMs: CLOCK.nowMs,
    random: Math.random,
  });
  if (!venue.ok) throw new Error(venue.error.text);
  const core = new Core({
    mode: 'practice',
    account: 'drill',
    version: 'drill',
    opened: openDrillJournal(),
    venue: venue.value,
    symbols: symbols as readonly SymbolId[],
    policy: ok({ policy: policySchema.parse(policy), version: 1, by: 'drill', why: 'drill', problem: '' }),
    alerts: { raise: nothing },
    log: SILENT,
    clock: CLOCK,
    selfTest: () => Promise.resolve([]),
    onTurn: nothing,
  });
  core.start();
  return core;
};

/** Places what the picture holds, as somebody else with the same key would. Gives what the exchange did not take, in words. */
const place = async (practice: PracticeHandle, core: Core, { positions, orders }: DrillPicture): Promise<readonly string[]> => {
  const refused: string[] = [];
  const perform = async (what: string, operation: DeskOperation): Promise<boolean> => {
    try {
      await practice.perform(operation);
      return true;
    } catch (error) {
      refused.push(`${what}: ${error instanceof Error ? error.message : String(error)}.`);
      return false;
    }
  };
  const { state } = core.engine;
  const held: string[] = [];
  for (const { symbol, operation } of positions) if (await perform(`position ${symbol}`, operation)) held.push(symbol);
  const placed: string[] = [];
  for (const { ids, operation } of orders) if (await perform(ids.join(', '), operation)) placed.push(...ids);
  await until('the copy of the orders', () => placed.every((id) => state.orders.has(id as never)));
  await until('the copy of the positions', () => held.every((symbol) => state.positions.has(symbol as SymbolId)));
  return refused;
};

const drill = async (picture: DrillPicture): Promise<DrillResult> => {
  const startedAtMs = CLOCK.nowMs();
  const { symbols, listings, balances, isExample, leftOut } = picture;
  const practice = await startPractice({
    symbols: [...symbols],
    listings,
    balances,
    makerRate: '0',
    takerRate: '0',
    historyMinutes: 1,
    eventsPerSecond: EVENTS_PER_SECOND,
    latencyMs: DRILL_ROUND_TRIP_MS,
  });
  const core = await startCore(practice, picture);
  await until('the comparison of the books', () => core.engine.state.session.reconciled);
  const refused = await place(practice, core, picture);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const done = core.until((facts) => facts.find(({ fact }) => fact.kind === 'stop.receipted' && fact.receipt.complete), RECEIPT_MS);
  core.engine.dispatch({ kind: 'trip', trigger: 'drill', reason: 'Drill', positions: null });
  await done;
  const { receipt } = core.engine.state.stop;
  invariant(receipt !== null, 'a stop without a receipt');
  return {
    startedAtMs,
    orders: receipt.orders.length,
    symbols: new Set(receipt.orders.map(({ symbol }) => symbol)).size,
    receipt,
    ...drillVerdict({ receipt, isExample, leftOut: [...leftOut, ...refused] }),
  };
};

invariant(parentPort !== null, 'a drill runs in a thread of its own');
const port = parentPort;
const send = (message: FromDrill): void => port.postMessage(message);
// Whoever started it ends this thread, and the exchange's with it.
drill(workerData as DrillPicture).then(
  (result) => send({ kind: 'done', drill: result }),
  (error: unknown) => send({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
);
