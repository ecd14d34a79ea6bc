// The life of a console in a process: READY once it may trade, quits cleanly, and never dies of a window.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ConsoleView, OrderView, TradingView } from '../../../src-shared/contract/view.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { ending } from '../../../src-main/shell/ending.ts';
import { createHost } from '../../../src-main/shell/host.ts';
import type { QuitWish, Shell } from '../../../src-main/shell/port.ts';
import { createTerminal, stateText } from '../../../src-main/shell/terminal.ts';
import { fakeConsole, fakeTimers } from './fake-console.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const trading = (level: TradingView['level'], ...codes: readonly string[]): TradingView => ({
  level,
  causes: codes.map((code) => ({ code, level: 'HALTED', text: `because ${code}`, ends: '', untilMs: null })),
});
const stop = (phase: string) => ({ phase }) as NonNullable<ConsoleView['safety']['stop']>;
const order = (status: string) => ({ status }) as OrderView;

const setUp = (view: Partial<ConsoleView> = {}, overrides: Partial<Shell> = {}) => {
  const console = fakeConsole(view);
  const printed: string[] = [];
  const ready: string[] = [];
  const exits: number[] = [];
  const did: string[] = [];
  let wish: (wish: QuitWish) => void = () => undefined;
  const shell: Shell = {
    name: 'chromium',
    lacks: ['a tray icon'],
    open: () => Promise.resolve(),
    proveHotkey: () => ok({ waitMs: 1 }),
    notify: () => undefined,
    onQuit: (listener) => (wish = listener),
    confirmQuit: () => Promise.resolve('stay'),
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(void did.push('shell closed')),
    ...overrides,
  };
  const timers = fakeTimers();
  const host = createHost({
    shell,
    start: () => Promise.resolve(console),
    terminal: createTerminal({ isTTY: false, write: (text) => printed.push(text) }),
    ready: (line) => ready.push(line),
    log: silent,
    exit: (code) => exits.push(code),
    schedule: timers.schedule,
    nowMs: timers.nowMs,
    reopenHint: 'Press Enter to open it again.',
  });
  return { console, host, printed, ready, exits, did, timers, wish: (how: QuitWish) => wish(how), text: () => printed.join('') };
};

describe('READY', () => {
  it('is said once, when recovery is through, with what a script needs', async () => {
    const { console, host, ready } = setUp({ safety: { trading: trading('HALTED', 'RECOVERING'), stop: stop('DISABLED') } });
    await host.run();
    expect(ready).toEqual([]);
    console.change(['safety', 'stop', stop('ARMED')]);
    console.change(['safety', 'trading', trading('HALTED', 'SELF_TEST')]);
    expect(ready).toEqual([]);
    console.change(['safety', 'trading', trading('ACTIVE')]);
    console.change(['safety', 'trading', trading('ACTIVE')]);
    expect(ready).toHaveLength(1);
    expect(ready[0]).toMatch(/^READY \{.*\}$/);
    expect(JSON.parse(ready[0]?.slice('READY '.length) ?? '')).toMatchObject({
      mode: 'practice',
      tradingState: 'ACTIVE',
      stop: 'ARMED',
      addresses: { rest: 'http://127.0.0.1:1' },
      socket: null,
    });
  });

  it('is said of a console that starts tripped, and says that it is', async () => {
    const { host, ready } = setUp({ safety: { trading: trading('HALTED', 'EMERGENCY_STOP'), stop: stop('TRIPPED') } });
    await host.run();
    expect(ready[0]).toContain('"tradingState":"HALTED"');
    expect(ready[0]).toContain('"stop":"TRIPPED"');
  });
});

describe('quitting', () => {
  it('closes shell and console and ends with 0; asked again it ends at once, but a signal that came doubled is one wish', async () => {
    const { console, host, exits, did, timers } = setUp();
    await host.run();
    host.quit('SIGTERM');
    host.quit('SIGTERM');
    await settle();
    expect([did, console.closed, exits]).toEqual([['shell closed'], true, [0]]);
    timers.advance(1_500);
    host.quit('SIGTERM');
    expect(exits).toEqual([0, 130]);
  });

  it('that hangs is given up on after a while', async () => {
    const { host, exits, timers } = setUp({}, { close: () => new Promise(() => undefined) });
    await host.run();
    host.quit('SIGTERM');
    await settle();
    timers.advance(20_000);
    expect(exits).toEqual([1]);
  });

  it('follows a closed window when nothing is open, and not while orders are', async () => {
    const open = setUp({ orders: { a: order('PARTIALLY_FILLED'), b: order('FILLED') } });
    await open.host.run();
    open.wish('window-closed');
    await settle();
    expect([open.console.closed, open.exits]).toEqual([false, []]);
    expect(open.text()).toMatch(/1 order is open.*Press Enter/);

    const idle = setUp({ orders: { b: order('FILLED') } });
    await idle.host.run();
    idle.wish('window-closed');
    await settle();
    expect([idle.console.closed, idle.exits]).toEqual([true, [0]]);
  });
});

describe('trouble', () => {
  it('at the start is told and ends with 1', async () => {
    const { exits, text, ...rest } = setUp();
    const host = createHost({
      shell: { close: () => Promise.resolve() } as Shell,
      start: () => Promise.reject(new Error('another console runs on this home')),
      terminal: createTerminal({ write: (line) => rest.printed.push(line) }),
      ready: () => undefined,
      log: silent,
      exit: (code) => exits.push(code),
      schedule: rest.timers.schedule,
      nowMs: rest.timers.nowMs,
      reopenHint: '',
    });
    await host.run();
    expect([exits, text()]).toEqual([[1], 'Holdfast did not start: another console runs on this home\n']);
  });

  it('with the window leaves the engine running and says so', async () => {
    const { host, exits, text, console } = setUp({}, { open: () => Promise.reject(new Error('no such browser\nstack')) });
    await host.run();
    expect([exits, console.closed]).toEqual([[], false]);
    expect(text()).toMatch(/could not be opened \(no such browser\).*runs without it/);
  });

  it('that nobody expected stops trading and keeps the process', async () => {
    const { host, console, exits, text } = setUp();
    await host.run();
    host.fault(new Error('Invariant broken: x'));
    expect(console.trips).toHaveLength(1);
    expect(exits).toEqual([]);
    expect(text()).toContain('Trading is stopped');
  });
});

describe('a fault', () => {
  it('that its own handling makes again, or that storms, is dealt with once and trips once', async () => {
    const { host, console, text, timers } = setUp();
    await host.run();
    console.trip = (trigger, reason) => {
      console.trips.push({ trigger, reason });
      host.fault(new Error('write EPIPE'));
    };
    for (let times = 0; times < 1000; times += 1) host.fault(new Error('a broken timer'));
    expect(console.trips).toHaveLength(1);
    expect(text().match(/FAULT/g)).toHaveLength(1);
    timers.advance(2_000);
    host.fault(new Error('a broken timer'));
    expect(console.trips).toHaveLength(2);
  });
});

describe('the end of the process', () => {
  const end = (close: () => Promise<void>) => {
    const timers = fakeTimers();
    const exits: number[] = [];
    ending({ log: { close }, schedule: timers.schedule, exit: (code) => exits.push(code) })(3);
    return { timers, exits };
  };

  it('waits for the log', async () => {
    const { exits, timers } = end(() => Promise.resolve());
    expect(exits).toEqual([]);
    await settle();
    timers.advance(5_000);
    expect(exits).toEqual([3]);
  });

  it('comes within a second when the log cannot be written', () => {
    const { exits, timers } = end(() => new Promise(() => undefined));
    timers.advance(1_000);
    expect(exits).toEqual([3]);
  });
});

describe('the terminal', () => {
  it('is silent for ever once its reader is gone, and never throws', () => {
    const written: string[] = [];
    const stream = Object.assign(new EventEmitter(), { write: (text: string) => written.push(text) });
    const terminal = createTerminal(stream);
    terminal.line('heard');
    stream.emit('error', new Error('write EPIPE'));
    terminal.line('not heard');
    expect(written).toEqual(['heard\n']);
    const broken = createTerminal({
      write: () => {
        throw new Error('EPIPE');
      },
    });
    broken.line('x');
    broken.close();
  });

  it('prints a plain line for a change of state only, where there is no screen', async () => {
    const { console, host, printed } = setUp({ safety: { trading: trading('ACTIVE'), stop: stop('ARMED') } });
    await host.run();
    const before = printed.length;
    console.change(['balances', 'BTC', { asset: 'BTC' }]);
    expect(printed.length).toBe(before);
    console.change(['safety', 'stop', stop('TRIPPED')]);
    expect(printed.length).toBe(before + 1);
    expect(printed.at(-1)).toContain('stop TRIPPED');
  });

  it('refreshes one line in place on a screen, keeps other lines above it, and lets no control code through', () => {
    const printed: string[] = [];
    const terminal = createTerminal({ isTTY: true, columns: 60, write: (text) => printed.push(text) });
    terminal.show(fakeView());
    terminal.line('an alert\x1b[2J');
    expect(printed.every((text) => text.startsWith('\r\x1b[K'))).toBe(true);
    expect(printed[1]).toBe('\r\x1b[Kan alert\n');
    expect(printed[2]).toBe(printed[0]);
    expect(printed[0]?.slice('\r\x1b[K'.length).length).toBeLessThan(60);
  });

  it('rings where a person sits, and puts no bell into a file or a pipe', () => {
    const printed: string[] = [];
    createTerminal({ isTTY: true, write: (text) => printed.push(text) }).bell();
    createTerminal({ isTTY: false, write: (text) => printed.push(text) }).bell();
    expect(printed).toEqual(['\x07']);
  });

  it('says why not, in the words of the worst cause', () => {
    expect(stateText(fakeView())).toBe('STARTING · HALTED: because SELF_TEST · stop ARMED');
  });
});

const fakeView = (): ConsoleView => ({
  ...({ status: {}, orders: {}, positions: {}, balances: {}, limits: {}, health: {}, instruments: {}, log: {}, alerts: {} } as const),
  safety: { trading: trading('HALTED', 'SELF_TEST'), stop: stop('ARMED') },
});
