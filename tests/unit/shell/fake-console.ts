// A console with no engine: its picture is what a test says, its calls are recorded. For the shells and the ipc alone.
import type { CallName, CallResult, Handlers, Push } from '../../../src-shared/contract/contract.ts';
import { applyDelta, EMPTY_VIEW } from '../../../src-shared/contract/view.ts';
import type { Change, ConsoleView, Delta, HotkeyView, Snapshot } from '../../../src-shared/contract/view.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { CALL_NAMES } from '../../../src-main/ipc/exposed.ts';
import type { ConsoleApi, StatusLine } from '../../../src-main/shell/port.ts';

export interface FakeConsole extends ConsoleApi {
  readonly calls: { readonly name: string; readonly input: unknown }[];
  readonly trips: { readonly trigger: string; readonly reason: string }[];
  readonly hotkeys: HotkeyView[];
  readonly subscribers: Set<(push: Push) => void>;
  closed: boolean;
  change(...changes: readonly Change[]): void;
  push(push: Push): void;
  setStatus(status: StatusLine): void;
  setAccelerator(accelerator: string): void;
  answer(name: CallName, answer: (input: unknown) => Promise<CallResult<unknown>>): void;
}

export const fakeConsole = (view: Partial<ConsoleView> = {}): FakeConsole => {
  let at: Snapshot = { n: 0, seq: 0, view: { ...EMPTY_VIEW, ...view } };
  let status: StatusLine = { mode: 'practice', level: 'ACTIVE', phase: 'ARMED' };
  let accelerator = 'CommandOrControl+Shift+F12';
  const statusListeners = new Set<(status: StatusLine) => void>();
  const acceleratorListeners = new Set<(accelerator: string) => void>();
  const answers = new Map<string, (input: unknown) => Promise<CallResult<unknown>>>();
  const calls: FakeConsole['calls'] = [];
  const handlers = Object.fromEntries(
    CALL_NAMES.map((name) => [
      name,
      (input: unknown) => {
        calls.push({ name, input });
        return answers.get(name)?.(input) ?? Promise.resolve(fail({ code: 'UNAVAILABLE', text: `${name} is not part of this test.` }));
      },
    ]),
  ) as unknown as Handlers;
  const fake: FakeConsole = {
    addresses: { home: '/home/of/test', account: 'practice', venue: { rest: 'http://127.0.0.1:1' }, socket: null },
    handlers,
    calls,
    trips: [],
    hotkeys: [],
    subscribers: new Set(),
    closed: false,
    subscribe(listener) {
      fake.subscribers.add(listener);
      return { snapshot: at, close: () => void fake.subscribers.delete(listener) };
    },
    trip(trigger, reason) {
      fake.trips.push({ trigger, reason });
    },
    hotkeyAccelerator: () => accelerator,
    onHotkeyAccelerator(listener) {
      acceleratorListeners.add(listener);
      return () => void acceleratorListeners.delete(listener);
    },
    setAccelerator(next) {
      accelerator = next;
      for (const listener of acceleratorListeners) listener(next);
    },
    setHotkey(hotkey) {
      fake.hotkeys.push(hotkey);
      fake.change(['safety', 'hotkey', hotkey]);
    },
    status: () => status,
    onStatus(listener) {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    close() {
      fake.closed = true;
      return Promise.resolve();
    },
    change(...changes) {
      const delta: Delta = { n: at.n + 1, seq: at.seq + 1, changes };
      at = applyDelta(at, delta) ?? at;
      fake.push({ kind: 'deltas', deltas: [delta] });
    },
    push(push) {
      for (const listener of fake.subscribers) listener(push);
    },
    setStatus(next) {
      status = next;
      for (const listener of statusListeners) listener(next);
    },
    answer(name, answer) {
      answers.set(name, answer);
    },
  };
  answers.set('getPreferences', () => Promise.resolve(ok({ theme: 'dark', palette: 'standard' })));
  return fake;
};

/** Time that moves only when a test says so. */
export interface FakeTimers {
  readonly nowMs: () => number;
  readonly schedule: (run: () => void, delayMs: number) => () => void;
  readonly advance: (ms: number) => void;
}

export const fakeTimers = (): FakeTimers => {
  let nowMs = 1_000_000;
  let pending: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    schedule(run, delayMs) {
      const entry = { atMs: nowMs + delayMs, run };
      pending.push(entry);
      return () => {
        pending = pending.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = pending.filter((entry) => entry.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        pending = pending.filter((entry) => entry !== next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = untilMs;
    },
  };
};
