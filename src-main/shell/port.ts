// The Shell port: what hosts a console (window, tray, panic hotkey, notifications), and what it may ask of the console it hosts.
// The engine must be able to stop trading with no shell at all, so nothing here is ever awaited by a decision.
import type { CallResult, Handlers, Push } from '../../src-shared/contract/contract.ts';
import type { ConsoleStatus, HotkeyView, Snapshot, TradingView } from '../../src-shared/contract/view.ts';
import type { Mode, PracticeAccount } from '../../src-shared/domain/mode.ts';
import type { StopPhase, StopTrigger } from '../../src-shared/domain/stop.ts';
import type { Alerts, Log, Severity } from '../alerts/port.ts';

export type ShellName = ConsoleStatus['shell']['name'];

/** For the title, the tray and the terminal. */
export interface StatusLine {
  readonly mode: Mode;
  readonly level: TradingView['level'];
  readonly phase: StopPhase;
}

/** What the console says about itself once it has started; nothing secret. */
export interface ConsoleAddresses {
  readonly home: string;
  readonly account: string;
  /** Addresses of the venue, as `rest`, `stream`, `wsApi`, and in practice `faultDesk`. */
  readonly venue: Readonly<Record<string, string>>;
  /** Path of the control socket; null when there is none. */
  readonly socket: string | null;
}

/** A running console, as its shell sees it. */
export interface ConsoleApi {
  readonly addresses: ConsoleAddresses;
  readonly handlers: Handlers;
  /** One replica's feed: the picture now, and from then on every delta in order. */
  subscribe(listener: (push: Push) => void): { readonly snapshot: Snapshot; close(): void };
  /** The emergency stop, at once and synchronously; a second call while tripped changes nothing. */
  trip(trigger: StopTrigger, reason: string): void;
  /** The policy's panic hotkey, as `CommandOrControl+Shift+F12`. */
  hotkeyAccelerator(): string;
  /** Called when the policy names another one; gives back the way to end it. */
  onHotkeyAccelerator(listener: (accelerator: string) => void): () => void;
  /** The hotkey's state, for the window and the self-test. */
  setHotkey(view: HotkeyView): void;
  status(): StatusLine;
  /** Called on every change of `status()`; gives back the way to end it. */
  onStatus(listener: (status: StatusLine) => void): () => void;
  /** Closes streams, socket and journal. Nothing acknowledged is lost. */
  close(): Promise<void>;
}

export interface Shell {
  readonly name: ShellName;
  /** What this shell cannot do, in words for the screen; empty for none. */
  readonly lacks: readonly string[];
  /** Shows the console: window, tray, hotkey. Called once, when the console runs. A window that cannot open is a rejection. */
  open(console: ConsoleApi): Promise<void>;
  /** Asks for one real press of the panic hotkey (E2). Refused when the system lets no hotkey be registered. */
  proveHotkey(): CallResult<{ readonly waitMs: number }>;
  /** A desktop notification; dropped silently where there is no desktop (the terminal line is the alerts' own). */
  notify(severity: Severity, title: string, text: string): void;
  /** The person closed the window or asked to quit; whoever composed the console decides what follows. */
  onQuit(listener: (wish: QuitWish) => void): void;
  /** Asked before the console closes with orders open on the venue, where the shell can ask; `stay` keeps the engine running. */
  confirmQuit(openOrders: number, wish: QuitWish): Promise<'quit' | 'stay'>;
  /** Shows a closed window again. */
  reopen(): Promise<void>;
  /** Closes window, tray and hotkey; never the console. */
  close(): Promise<void>;
}

/** `window-closed`: only the window is gone, the engine need not be. `asked`: a person said quit. */
export type QuitWish = 'window-closed' | 'asked';

/** How a console is to be started; parsed from the command line by shell/options.ts. */
export interface ConsoleOptions {
  readonly home: string;
  readonly seed: number;
  readonly feed: { readonly kind: 'synthetic' } | { readonly kind: 'replay'; readonly files: readonly string[] };
  /** The account of practice mode; it means nothing in another mode. */
  readonly account: PracticeAccount;
  /** Null: what settings and keys say (A1). A wish, judged by the console: mainnet is never granted by an option alone. */
  readonly mode: Mode | null;
  /** The policy profile for a first start; null for NORMAL. */
  readonly profile: string | null;
  /** A4: any Binance-speaking server, in headless runs and tests only. */
  readonly customVenue: CustomVenue | null;
  /** How the watchdog process is started (E8); null: nobody watches over this console. */
  readonly watchdog: WatchdogCommand | null;
  /** The terminal's bell, for a console without a window; absent: the window plays the sound of an alert. */
  readonly bell?: () => void;
  readonly alerts: Alerts;
  readonly log: Log;
}

/** A program that reads its orders from file descriptor 3 (watchdog/messages.ts). */
export interface WatchdogCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface CustomVenue {
  readonly restUrl: string;
  readonly streamUrl: string;
  readonly wsApiUrl: string;
  readonly apiKey: string;
  readonly secret: string;
}

/** What src-main/console.ts exports. */
export type StartConsole = (options: ConsoleOptions, shell: Shell) => Promise<ConsoleApi>;
