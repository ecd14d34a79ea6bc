// The console's side of the watchdog (E8) against programs that are poor watchdogs, with a clock that the test turns: none that cannot be
// started, is deaf, talks nonsense or dies is taken for one that watches.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WatchdogView } from '../../src-shared/contract/view.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { relieveWatchdog, WatchdogKeeper } from '../../src-main/console/watchdog.ts';
import type { WatchdogDeed } from '../../src-main/console/watchdog.ts';
import { lockFile } from '../../src-main/journal/lock.ts';
import { watchdogLockPath, watchdogRelievedPath } from '../../src-main/settings/home.ts';
import type { WatchdogCommand } from '../../src-main/shell/port.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** A program with the pipe as `pipe`. */
const program = (script: string): WatchdogCommand => ({
  file: process.execPath,
  args: ['-e', `const pipe = new (require('node:net').Socket)({ fd: 3 }); pipe.on('error', () => {}); ${script}`],
});
const SAYS_ARMED = `pipe.write('{"kind":"armed"}\\n');`;
const ENDS_WITH_PIPE = `pipe.resume(); pipe.on('close', () => process.exit(0));`;

let home: string;
let keeper: WatchdogKeeper | undefined;
let nowMs: number;
const views: WatchdogView[] = [];
const titles: string[] = [];
const texts: string[] = [];
const trips: string[] = [];
const deeds: WatchdogDeed[] = [];
let durable = true;
const reportPath = (): string => join(home, 'journals', 'x.sqlite.watchdog.json');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-keeper-'));
  mkdirSync(join(home, 'journals'));
  nowMs = 1000;
  durable = true;
  for (const list of [views, titles, texts, trips, deeds]) list.length = 0;
});
afterEach(async () => {
  await keeper?.close();
  keeper = undefined;
  rmSync(home, { recursive: true, force: true });
});

const keep = (command: WatchdogCommand | null, mode: Mode = 'testnet'): WatchdogKeeper => {
  keeper = new WatchdogKeeper({
    command,
    home,
    clock: { nowMs: () => 1_700_000_000_000 + nowMs, monoMs: () => nowMs },
    alerts: {
      raise: ({ title, text }) => {
        titles.push(title);
        texts.push(text);
      },
    },
    log: silent,
    watched: () => ({
      mode,
      restUrl: 'http://127.0.0.1:9',
      credentials: { apiKey: 'key', secret: 'secret', kind: 'hmac' },
      endsWithConsole: false,
      symbols: ['BTCUSDT'],
      reportPath: reportPath(),
    }),
    patienceSeconds: () => 10,
    keepsProtection: () => true,
    isStopAtWork: () => false,
    offsetMs: () => 0,
    show: (view) => void views.push(view),
    trip: (reason) => void trips.push(reason),
    record: async (deed) => {
      deeds.push(deed);
      return durable;
    },
  });
  return keeper;
};
const shown = (status: WatchdogView['status'], text = ''): Promise<void> =>
  expect.poll(() => views.some((view) => view.status === status && view.text.includes(text)), { timeout: 10_000 }).toBe(true);
const aReport = { version: 1, atMs: 5, why: 'the console hung', canceled: [], left: [], problem: '', emptyAfterMs: 80 };

describe('the keeper', () => {
  it('shows a watchdog as watching only once it says that it is armed', async () => {
    keep(program(`${ENDS_WITH_PIPE} pipe.once('data', () => { ${SAYS_ARMED} });`)).start();
    expect(views.at(-1)?.status).toBe('starting');
    await shown('watching', 'silent for 10 s');
  });

  it('N1: it gets what it needs of the environment, as the way to the display, and nothing else', async () => {
    process.env['XAUTHORITY'] = '/run/user/1000/gdm/Xauthority';
    process.env['X_PLANTED_SECRET'] = 'planted';
    const out = join(home, 'environment');
    keep(program(`require('node:fs').writeFileSync('${out}', JSON.stringify(process.env)); ${ENDS_WITH_PIPE} ${SAYS_ARMED}`)).start();
    await shown('watching');
    const got = JSON.parse(readFileSync(out, 'utf8')) as Record<string, string>;
    delete process.env['XAUTHORITY'];
    delete process.env['X_PLANTED_SECRET'];
    expect(got).toMatchObject({ XAUTHORITY: '/run/user/1000/gdm/Xauthority', HOME: process.env['HOME'] });
    expect(JSON.stringify(got)).not.toContain('planted');
  });

  it('says so where nobody watches', () => {
    keep(null).start();
    expect(views.at(-1)).toMatchObject({ status: 'off' });
  });

  it('a program that cannot be started is no watchdog, and is tried again', async () => {
    keep({ file: join(home, 'missing'), args: [] }).start();
    await shown('gone', 'could not be started');
    expect(titles).toContain('The watchdog is gone');
    await expect.poll(() => views.filter(({ status }) => status === 'starting').length, { timeout: 5000 }).toBeGreaterThan(1);
  });

  it('one that says that it is unfit is named with its reason', async () => {
    keep(program(`pipe.end('{"kind":"unfit","why":"The lock is taken."}\\n', () => process.exit(3));`)).start();
    await shown('gone', 'The lock is taken.');
    expect(titles).toContain('The watchdog is gone');
  });

  it('one that hears nothing any more is replaced', async () => {
    const deaf = keep(program(`${ENDS_WITH_PIPE} ${SAYS_ARMED}`));
    deaf.start();
    await shown('watching');
    for (let ticks = 0; ticks < 160; ticks += 1) {
      nowMs += 100;
      deaf.beat();
    }
    await shown('gone', 'does not answer');
    await expect.poll(() => views.filter(({ status }) => status === 'starting').length, { timeout: 5000 }).toBe(2);
  });

  it('that it acts trips at once, and once; the report is the fact, and is taken away when that is on disk', async () => {
    writeFileSync(join(home, 'report.json'), JSON.stringify(aReport));
    const acts = `${SAYS_ARMED} pipe.write('{"kind":"acting","why":"the console hung"}\\n{"kind":"acting","why":"the console hung"}\\n');
      setTimeout(() => { require('node:fs').copyFileSync('${join(home, 'report.json')}', '${reportPath()}'); process.exit(0); }, 300);`;
    keep(program(acts)).start();
    await expect.poll(() => trips, { timeout: 10_000 }).toEqual(['The watchdog stands in: the console hung']);
    expect(deeds).toEqual([]);
    await expect.poll(() => deeds[0], { timeout: 10_000 }).toMatchObject({ atMs: 5, why: 'the console hung', complete: true });
    await expect.poll(() => existsSync(reportPath())).toBe(false);
  });

  it('a report from before this start is made true first', async () => {
    writeFileSync(reportPath(), JSON.stringify({ ...aReport, left: null, emptyAfterMs: null }));
    keep(null).start();
    expect(deeds).toMatchObject([{ complete: false }]);
    await expect.poll(() => existsSync(reportPath())).toBe(false);
  });

  it('one that cannot be read is a deed all the same', () => {
    writeFileSync(reportPath(), '{"version":');
    keep(null).start();
    expect(deeds).toMatchObject([{ why: 'it left a report that cannot be read', complete: false }]);
  });

  it('stays where it is while the journal cannot take its fact', async () => {
    durable = false;
    writeFileSync(reportPath(), JSON.stringify(aReport));
    keep(null).start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(deeds).toHaveLength(1);
    expect(existsSync(reportPath())).toBe(true);
  });

  it('one beside another journal is told, and left for the start that opens that journal', () => {
    const others = ['mainnet-a', 'testnet-b'].map((name) => join(home, 'journals', `${name}.sqlite.watchdog.json`));
    const [first = '', second = ''] = others;
    writeFileSync(first, JSON.stringify({ ...aReport, canceled: [{ symbol: 'BTCUSDT', clientOrderId: 'hf-1' }] }));
    writeFileSync(second, '{"version":');
    const one = keep(null);
    one.start();
    expect([deeds, trips], 'it is no deed of this account').toEqual([[], []]);
    expect(titles).toEqual(['A watchdog stood in for another account', 'A watchdog stood in for another account']);
    expect(texts[0]).toMatch(/^mainnet-a: because the console hung\. It cancelled 1 order \(BTCUSDT hf-1\)/);
    expect(texts[1]).toMatch(/^testnet-b: because it left a report that cannot be read/);
    expect(others.filter((path) => existsSync(path))).toEqual(others);
    one.start();
    expect(titles, 'what was told is not told again').toHaveLength(2);
  });

  it('what the one for another account leaves later is told when this console’s own has taken its place', async () => {
    const told = join(home, 'armed');
    keep(
      program(`${ENDS_WITH_PIPE} const look = setInterval(() => {
      if (!require('node:fs').existsSync('${told}')) return; clearInterval(look); ${SAYS_ARMED} }, 20);`),
    ).start();
    writeFileSync(join(home, 'journals', 'mainnet-a.sqlite.watchdog.json'), JSON.stringify(aReport));
    expect(titles).toEqual([]);
    writeFileSync(told, '');
    await expect.poll(() => titles, { timeout: 10_000 }).toEqual(['A watchdog stood in for another account']);
  });

  it('an engine that stood still looks for a report before its turn goes on', () => {
    const woken = keep(null);
    woken.start();
    woken.beat();
    nowMs += 100;
    writeFileSync(reportPath(), JSON.stringify(aReport));
    woken.beat();
    expect(trips, 'no pause, no look').toEqual([]);
    nowMs += 30_000;
    woken.beat();
    expect(trips).toHaveLength(1);
  });
});

describe('an earlier watchdog', () => {
  const realClock = { monoMs: () => performance.now() };

  it('that is not there is no wait', async () => {
    expect(await relieveWatchdog(home, reportPath(), realClock)).toBe('gone');
    expect(existsSync(watchdogRelievedPath(home))).toBe(false);
  });

  it('that holds on is told to leave for as long as it stays', async () => {
    const lock = lockFile(watchdogLockPath(home));
    let askedMs = 0;
    expect(await relieveWatchdog(home, reportPath(), { monoMs: () => (askedMs += 2000) })).toBe('silent');
    expect(readFileSync(watchdogRelievedPath(home), 'utf8'), 'and for which account').toBe(reportPath());
    lock?.release();
    expect(await relieveWatchdog(home, reportPath(), realClock)).toBe('gone');
    expect(existsSync(watchdogRelievedPath(home))).toBe(false);
  });

  it('that takes the file away and stays stands in for another account: there is no wait, but an alert, and no switch', async () => {
    const lock = lockFile(watchdogLockPath(home));
    const answer = setInterval(() => rmSync(watchdogRelievedPath(home), { force: true }), 10);
    const relief = await relieveWatchdog(home, reportPath(), realClock);
    clearInterval(answer);
    expect(relief).toBe('elsewhere');
    const one = keep(null);
    expect(one.heldUp()).toBeNull();
    one.follows(relief);
    expect(titles).toEqual(['A watchdog still stands in for another account']);
    expect(one.heldUp()).toMatch(/earlier console/);
    lock?.release();
    expect(one.heldUp()).toBeNull();
  });
});
