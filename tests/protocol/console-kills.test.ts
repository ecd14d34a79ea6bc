// kill -9 at 200 random moments of a trading session (issue 3, section 5): the console is started again each time on the same home, and
// at the end its books are the exchange's to the last digit (B8, Q3, Q4). `KILLS=n SEED=n` draws other ones; as these are real
// processes, a seed draws the same wishes and moments but not the same instants.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { connectControl } from '../../src-main/control/client.ts';
import { controlAddress } from '../../src-main/settings/home.ts';
import type { OrderView, PositionView } from '../../src-shared/contract/view.ts';
import { booksOnceEqual } from '../support/console-books.ts';
import { holdfast } from '../support/console-process.ts';
import { alarmsOf, killAgainAndAgain, openLane, startAgain } from '../support/crash-session.ts';
import type { CrashLane, CrashReport } from '../support/crash-session.ts';
import { buildLeanConsole } from '../support/lean-build.ts';
import { standBy } from '../support/lean-process.ts';
import type { LeanConsole, Standby } from '../support/lean-process.ts';
import { Luck } from '../support/luck.ts';

const KILLS = Number(process.env['KILLS'] ?? 200);
const SEED = Number(process.env['SEED'] ?? 2026);
/** A process that starts waits more than it computes. */
const LANES = 3;
const SETTLED_WITHIN_MS = 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-kills-'));
let practice: PracticeHandle;
let program: string;
beforeAll(async () => {
  program = await buildLeanConsole();
  practice = await startPractice({ seed: SEED, eventsPerSecond: 40, historyMinutes: 5, regime: 'volatile' });
});
afterAll(async () => {
  await practice.close();
  rmSync(scratch, { recursive: true, force: true });
});

const told = async <T>(home: string, line: string): Promise<readonly T[]> =>
  JSON.parse((await holdfast(home, `${line} --json`)).out) as readonly T[];

/** What must be true of a lane once its last console has had its time. */
const expectSound = async (lane: CrashLane, report: CrashReport, last: LeanConsole): Promise<void> => {
  const { home, account } = lane;
  const equal = async (): Promise<void> => {
    const { console: here, exchange: there } = await booksOnceEqual(home, practice, SETTLED_WITHIN_MS, account);
    expect(here).toEqual(there);
  };
  await equal();
  const ids = (await practice.state(account)).orders.map(({ clientOrderId }) => clientOrderId);
  expect(new Set(ids).size).toBe(ids.length);
  // The market goes on, and protection with it: what was in doubt is settled, and nothing stays on its way.
  const onTheirWay = async () =>
    (await told<OrderView>(home, 'orders')).filter(({ status }) => ['INTENDED', 'SENT', 'UNKNOWN'].includes(status));
  await expect.poll(onTheirWay, { timeout: SETTLED_WITHIN_MS }).toEqual([]);
  // Without the trader's own sales, which hold the coins, every position that has a plan is guarded.
  expect((await holdfast(home, 'order cancel --all --timeout-ms 30000')).err).toBe('');
  const lacking = async () =>
    (await told<PositionView>(home, 'positions')).filter(({ protection }) => ['missing', 'partial'].includes(protection?.status ?? ''));
  await expect.poll(lacking, { timeout: SETTLED_WITHIN_MS }).toEqual([]);
  await equal();
  const foreign = (await told<OrderView>(home, 'orders --all')).filter(({ origin }) => origin === 'foreign');
  expect(foreign.filter(({ clientOrderId }) => clientOrderId.startsWith('hf-'))).toEqual([]);
  expect(foreign).toHaveLength(report.placed['phone'] ?? 0);
  const client = await connectControl(controlAddress(home));
  expect(await client.call('verifyJournal', {}, 30_000)).toMatchObject({ ok: true });
  client.close();
  expect([...report.alarms, ...alarmsOf(last)]).toEqual([]);
};

const runLane = async (lane: CrashLane, standby: Standby, kills: number): Promise<CrashReport> => {
  const report = await killAgainAndAgain(practice, lane, standby, new Luck(SEED + Number(lane.name)), kills);
  const last = await startAgain(practice, lane, standby);
  try {
    await expectSound(lane, report, last);
  } finally {
    await last.kill();
  }
  return report;
};

it(`a console killed hard ${KILLS} times while it trades (seed ${SEED}) has the exchange's books at the end: no order twice, none forgotten, every fill once`, async () => {
  const startedMs = Date.now();
  const standbys = Array.from({ length: LANES }, () => standBy(program, join(scratch, 'cache')));
  const lanes = await Promise.all(standbys.map((_, at) => openLane(practice, String(at), join(scratch, String(at)))));
  const share = (at: number): number => Math.floor(KILLS / LANES) + (at < KILLS % LANES ? 1 : 0);
  const settled = await Promise.allSettled(lanes.map((lane, at) => runLane(lane, standbys[at] as Standby, share(at))));
  await Promise.all(standbys.map((standby) => standby.close()));
  const reports = settled.map((lane) => {
    if (lane.status === 'rejected') throw lane.reason;
    return lane.value;
  });
  const placed = reports.reduce<Record<string, number>>((sum, report) => {
    for (const [name, count] of Object.entries(report.placed)) sum[name] = (sum[name] ?? 0) + count;
    return sum;
  }, {});
  console.info(
    `seed ${SEED}: ${KILLS} kills in ${Math.round((Date.now() - startedMs) / 1000)} s, acknowledged before them: ${JSON.stringify(placed)}`,
  );
  expect((await practice.state()).internalErrors).toEqual([]);
  // The session was one: every kind of wish got through. A few lives are too short for that.
  const kinds = KILLS < 60 ? [] : ['placeOrder', 'placeOco', 'protectPosition', 'replaceOrder', 'cancelOrder', 'phone'];
  expect(kinds.filter((name) => placed[name] === undefined)).toEqual([]);
}, 600_000);
