// The panic hotkey's life (REQUIREMENTS E1, E2): ARMED is shown only after one real press arrived. When in doubt a press stops
// trading: the one press that does not is the one that was asked for as proof.
import type { CallResult } from '../../src-shared/contract/contract.ts';
import type { HotkeyView } from '../../src-shared/contract/view.ts';
import { assertNever, fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { acceleratorText, parseAccelerator } from './accelerator.ts';
import type { Accelerator } from './accelerator.ts';

export const PROOF_WAIT_MS = 30_000;
/** Without a release, events closer than this are one held key: X11 repeats first after 660 ms, others sooner. */
const REPEAT_GAP_MS = 1_000;
/** X11 may repeat as release and press pairs a few ms apart; no finger is that fast. */
const BOUNCE_MS = 30;

export type HotkeyState =
  /** `listening`: the system delivers presses, none has been proven. */
  | { readonly kind: 'NOT_ARMED'; readonly listening: boolean; readonly text: string }
  | { readonly kind: 'PROVING'; readonly untilMs: number; readonly before: Settled }
  | { readonly kind: 'ARMED'; readonly provenAtMs: number };
type Settled = Exclude<HotkeyState, { readonly kind: 'PROVING' }>;

export type HotkeyEvent =
  | { readonly kind: 'registered' }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'proof-asked' }
  | { readonly kind: 'pressed' }
  | { readonly kind: 'time-passed' };

export const UNPROVEN = 'Registered, but no press has been seen yet: prove it with one real press.';
export const NOT_REGISTERED: HotkeyState = { kind: 'NOT_ARMED', listening: false, text: 'Not registered yet.' };

/** The state after an event, and whether the stop must be tripped. */
export const stepHotkey = (
  state: HotkeyState,
  event: HotkeyEvent,
  nowMs: number,
): { readonly state: HotkeyState; readonly trips: boolean } => {
  const to = (next: HotkeyState, trips = false) => ({ state: next, trips });
  switch (event.kind) {
    case 'registered':
      return to({ kind: 'NOT_ARMED', listening: true, text: UNPROVEN });
    case 'refused':
      return to({ kind: 'NOT_ARMED', listening: false, text: event.text });
    case 'proof-asked':
      if (state.kind === 'PROVING') return to({ ...state, untilMs: nowMs + PROOF_WAIT_MS });
      if (state.kind === 'NOT_ARMED' && !state.listening) return to(state);
      return to({ kind: 'PROVING', untilMs: nowMs + PROOF_WAIT_MS, before: state });
    case 'pressed':
      // A press that nobody asked for stops trading, proven or not; and it is a proof like any other.
      return to({ kind: 'ARMED', provenAtMs: nowMs }, state.kind !== 'PROVING' || nowMs >= state.untilMs);
    case 'time-passed':
      return to(state.kind === 'PROVING' && nowMs >= state.untilMs ? state.before : state);
    default:
      return assertNever(event);
  }
};

export const viewHotkey = (state: HotkeyState, accelerator: string): HotkeyView => {
  switch (state.kind) {
    case 'NOT_ARMED':
      return { status: 'NOT_ARMED', accelerator, text: state.text, provenAtMs: null };
    case 'PROVING':
      return {
        status: 'PROVING',
        accelerator,
        text: `Press ${accelerator} now. This one press only proves the key; the next one stops trading.`,
        provenAtMs: null,
      };
    case 'ARMED':
      return { status: 'ARMED', accelerator, text: 'Proven by a real press. The next press stops trading.', provenAtMs: state.provenAtMs };
    default:
      return assertNever(state);
  }
};

/**
 * Times are the source's own, ms: they tell a held key from a new press, and must not depend on when a busy console gets to hear of it.
 */
export interface HotkeyListener {
  onPress(atMs: number): void;
  /** Only from a source that knows releases. */
  onRelease(atMs: number): void;
  /** The system stopped delivering presses: why, and what to do. */
  onLost(text: string): void;
}

/** How the system tells of the key. */
export interface HotkeySource {
  /** Fails with why, and what the person can do about it. Gives back the way to let go. */
  register(accelerator: Accelerator, listener: HotkeyListener): Promise<Result<() => void, string>>;
}

export interface HotkeyPorts {
  readonly source: HotkeySource;
  /** As the policy writes it. */
  readonly accelerator: string;
  readonly platform: string;
  nowMs(): number;
  schedule(run: () => void, delayMs: number): () => void;
  trip(): void;
  show(view: HotkeyView): void;
}

export interface Hotkey {
  /** Registers the key and shows how that went. */
  start(): Promise<void>;
  prove(): CallResult<{ readonly waitMs: number }>;
  close(): void;
}

/** Tells the repeats of a held key from presses. A press that is swallowed always follows, at once, one that was not. */
const repeats = (): { press(atMs: number): boolean; release(atMs: number): void } => {
  let lastPressMs = Number.NEGATIVE_INFINITY;
  let releasedMs: number | null = Number.NEGATIVE_INFINITY;
  return {
    press(atMs) {
      const repeated = releasedMs === null ? atMs - lastPressMs < REPEAT_GAP_MS : atMs - releasedMs < BOUNCE_MS;
      lastPressMs = atMs;
      releasedMs = null;
      return repeated;
    },
    release(atMs) {
      // The key let go of another combination says nothing about ours.
      releasedMs ??= atMs;
    },
  };
};

const FIX =
  'Change emergencyStop.hotkey in the policy file, as CommandOrControl+Shift+F12: it is taken up at once. Meanwhile use "holdfast stop".';

export const createHotkey = (ports: HotkeyPorts): Hotkey => {
  let state: HotkeyState = NOT_REGISTERED;
  let release: (() => void) | null = null;
  let cancelWait: (() => void) | null = null;
  let closed = false;
  const held = repeats();
  const wanted = parseAccelerator(ports.accelerator, ports.platform);
  const name = wanted.ok ? acceleratorText(wanted.value, ports.platform) : ports.accelerator;

  const take = (event: HotkeyEvent): void => {
    if (closed) return;
    const next = stepHotkey(state, event, ports.nowMs());
    if (next.trips) ports.trip();
    if (next.state === state) return;
    state = next.state;
    ports.show(viewHotkey(state, name));
  };

  return {
    async start() {
      if (!wanted.ok) return take({ kind: 'refused', text: `${wanted.error} ${FIX}` });
      const registered = await ports.source.register(wanted.value, {
        onPress: (atMs) => {
          if (!held.press(atMs)) take({ kind: 'pressed' });
        },
        onRelease: (atMs) => held.release(atMs),
        onLost: (text) => take({ kind: 'refused', text }),
      });
      if (registered.ok && closed) return registered.value();
      if (registered.ok) release = registered.value;
      take(registered.ok ? { kind: 'registered' } : { kind: 'refused', text: registered.error });
    },
    prove() {
      take({ kind: 'proof-asked' });
      if (state.kind !== 'PROVING') return fail({ code: 'UNAVAILABLE', text: viewHotkey(state, name).text });
      cancelWait?.();
      cancelWait = ports.schedule(() => take({ kind: 'time-passed' }), PROOF_WAIT_MS);
      return ok({ waitMs: PROOF_WAIT_MS });
    },
    close() {
      closed = true;
      cancelWait?.();
      release?.();
      release = null;
    },
  };
};
