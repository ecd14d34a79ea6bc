// The composition: home, policy, keys, mode, journal, venue, engine, replicas, control socket, put together for whatever shell hosts
// them. Two entries use it (main.ts, headless.ts). It must never let a mode be had that settings/mode.ts refuses (REQUIREMENTS A1).
import type { CallResult, Preferences, Push } from '../src-shared/contract/contract.ts';
import type { HotkeyView, Snapshot } from '../src-shared/contract/view.ts';
import type { DrillResult } from '../src-shared/domain/drill.ts';
import type { LadderSignOff } from '../src-shared/domain/ladder.ts';
import type { Mode } from '../src-shared/domain/mode.ts';
import type { StopTrigger } from '../src-shared/domain/stop.ts';
import { fail, ok } from '../src-shared/errors/result.ts';
import type { Result } from '../src-shared/errors/result.ts';
import { NORMAL } from '../src-shared/policy/profiles.ts';
import type { Policy } from '../src-shared/policy/schema.ts';
import type { Alert } from './alerts/port.ts';
import { rememberAlerts } from './alerts/recent.ts';
import type { RecentAlerts } from './alerts/recent.ts';
import { claimHome, startControlServer } from './control/server.ts';
import type { ControlServer, HomeClaim } from './control/server.ts';
import { Alerting } from './console/alerting.ts';
import { watchClock } from './console/clock-watch.ts';
import type { ClockWatch } from './console/clock-watch.ts';
import { Core } from './console/core.ts';
import { DrillGround } from './console/drill.ts';
import { followPolicy } from './console/follow-policy.ts';
import { createHandlers } from './console/handlers.ts';
import { KillSwitch } from './console/kill-switch.ts';
import { LadderKeeper } from './console/ladder-keeper.ts';
import { runSelfTest } from './console/self-test-run.ts';
import { openStation } from './console/station.ts';
import type { Station } from './console/station.ts';
import { versions } from './console/version.ts';
import { relieveWatchdog, WatchdogKeeper } from './console/watchdog.ts';
import type { Relief } from './console/watchdog.ts';
import { Metrics } from './engine/metrics.ts';
import { Replica } from './engine/replica.ts';
import type { ConsoleFrame } from './engine/replica.ts';
import type { KeychainProof } from './safety/self-test.ts';
import { schedule } from './shell/timers.ts';
import { openPolicyFile } from './settings/policy-file.ts';
import type { PolicyFile } from './settings/policy-file.ts';
import { openPreferences } from './settings/preferences.ts';
import { chooseMode } from './settings/mode.ts';
import type { ConsoleAddresses, ConsoleApi, ConsoleOptions, Shell, StartConsole, StatusLine } from './shell/port.ts';
import { countedKeychain } from './vault/counted-keychain.ts';
import { systemKeychain } from './vault/keychain.ts';
import { openAlertSecrets } from './vault/alert-secrets.ts';
import type { AlertSecrets } from './vault/alert-secrets.ts';
import { openKillSwitchSecret } from './vault/kill-switch-secret.ts';
import type { KillSwitchSecret } from './vault/kill-switch-secret.ts';
import { openVault } from './vault/vault.ts';
import type { Vault } from './vault/vault.ts';

const UNWATCHED_MAINNET = 'Mainnet is refused: nobody watches over this console. Start it again without --no-watchdog (E8).';
/** As they were when this process started: what sets it later, within or from without, sets nothing (A1). */
const AT_START: Readonly<Record<string, string | undefined>> = { ALLOW_MAINNET_TRADING: process.env['ALLOW_MAINNET_TRADING'] };
const NOT_AT_START = 'mainnet is entered from a running console, after it proved itself';
const CLOCK = { nowMs: () => Date.now(), monoMs: () => performance.now() };
/** Deltas are put together for at most this long; a frame of market data goes out as often (DESIGN 7: at most 20 a second). */
const FLUSH_MS = 16;
const FRAME_MS = 50;
/** How often what only the market moves (marks, gauges, health) is looked at again. */
const PULSE_MS = 250;
/** How often the policy file is looked at for a change from outside. */
const POLICY_LOOK_MS = 5000;

interface ConsoleParts {
  readonly options: ConsoleOptions;
  readonly shell: Shell;
  readonly claim: HomeClaim;
  readonly policyFile: PolicyFile;
  readonly vault: Vault;
  readonly killSwitchSecret: KillSwitchSecret;
  readonly alertSecrets: AlertSecrets;
  readonly keychainFailures: () => ReadonlyMap<string, number>;
  readonly station: Station;
}

class HoldfastConsole implements ConsoleApi {
  readonly handlers;
  private readonly options: ConsoleOptions;
  private readonly shell: Shell;
  private readonly claim: HomeClaim;
  private readonly policyFile: PolicyFile;
  private readonly vault: Vault;
  private readonly killSwitch: KillSwitch;
  private readonly preferences: { get(): Preferences; set(preferences: Preferences): Preferences };
  private readonly startedAtMs = CLOCK.nowMs();
  private readonly listeners = new Set<(push: Push) => void>();
  private readonly statusListeners = new Set<(status: StatusLine) => void>();
  private readonly hotkeyListeners = new Set<(accelerator: string) => void>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly alerts: RecentAlerts;
  private readonly alerting: Alerting;
  private readonly replica: Replica;
  private station: Station;
  private core: Core;
  private clockWatch: ClockWatch;
  private readonly watchdog: WatchdogKeeper;
  private readonly ladder: LadderKeeper;
  private readonly drills = new DrillGround();
  private metrics: Metrics;
  private readonly keychainFailures: () => ReadonlyMap<string, number>;
  private control: ControlServer | null = null;
  private flushTimer: NodeJS.Timeout | null = null;
  private lastStatus = '';
  private followed: Policy | null = null;
  private switching = false;
  private closed = false;

  constructor(parts: ConsoleParts) {
    this.options = parts.options;
    this.shell = parts.shell;
    this.claim = parts.claim;
    this.policyFile = parts.policyFile;
    this.vault = parts.vault;
    this.station = parts.station;
    this.keychainFailures = parts.keychainFailures;
    this.metrics = new Metrics(this.keychainFailures);
    this.preferences = openPreferences(parts.options.home);
    this.alerting = this.openAlerting(parts.alertSecrets);
    const everywhere = (alert: Alert): void => {
      parts.options.alerts.raise(alert);
      this.alerting.raise(alert);
    };
    this.alerts = rememberAlerts({ raise: everywhere }, CLOCK.nowMs);
    this.ladder = new LadderKeeper({
      home: parts.options.home,
      version: versions().app,
      core: () => this.core,
      alerts: this.alerts,
      log: parts.options.log,
    });
    this.core = this.createCore();
    this.clockWatch = this.watchClock();
    const { home, log } = this.options;
    this.killSwitch = new KillSwitch({ home, log, secret: parts.killSwitchSecret, core: () => this.core, clock: CLOCK });
    this.watchdog = this.keepWatchdog();
    const frame = (): ConsoleFrame => ({
      version: versions().app,
      venue: this.station.venueName,
      shell: { name: this.shell.name, lacks: this.shell.lacks },
      startedAtMs: this.startedAtMs,
    });
    this.replica = new Replica(this.core.engine, CLOCK, frame, {
      recent: () => this.alerts.recent(),
      alerting: () => this.alerting.view(),
    });
    this.replica.attach(this.core.engine, this.station.opened.recent);
    this.handlers = createHandlers({
      core: () => this.core,
      metrics: () => this.metrics,
      snapshot: () => this.snapshot(),
      proveHotkey: (): CallResult<{ readonly waitMs: number }> => this.shell.proveHotkey(),
      drill: () => this.drill(),
      switchMode: (mode, confirmation) => this.switchMode(mode, confirmation),
      isSwitching: () => this.switching,
      keys: this.vault,
      killSwitch: this.killSwitch,
      alerting: this.alerting,
      preferences: this.preferences,
      policyFile: this.policyFile,
    });
  }

  get addresses(): ConsoleAddresses {
    return { home: this.options.home, account: this.station.account, venue: this.station.addresses, socket: this.control?.address ?? null };
  }

  async open(relief: Relief): Promise<void> {
    const server = await startControlServer({
      home: this.options.home,
      claim: this.claim,
      handlers: this.handlers,
      subscribe: (listener) => this.subscribe(listener),
      onFault: (call, error) => this.options.log.error('control-fault', { call, error }),
    });
    if (!server.ok) throw new Error(server.error);
    this.control = server.value;
    this.timers.push(
      setInterval(() => this.pulse(), PULSE_MS),
      setInterval(() => this.pushFrame(), FRAME_MS),
      setInterval(() => this.lookAtPolicy(), POLICY_LOOK_MS),
    );
    this.startCore();
    this.watchdog.follows(relief);
    this.watchdog.start();
    void this.alerting.open();
  }

  /** The market's mood belongs to the session that has begun. */
  private startCore(): void {
    const { core, station } = this;
    core.start();
    station.onRegime((regime) => {
      if (core === this.core) core.engine.dispatch({ kind: 'market-regime', regime });
    });
  }

  subscribe(listener: (push: Push) => void): { readonly snapshot: Snapshot; close(): void } {
    const snapshot = this.snapshot();
    this.listeners.add(listener);
    return { snapshot, close: () => void this.listeners.delete(listener) };
  }

  trip(trigger: StopTrigger, reason: string): void {
    this.core.engine.dispatch({ kind: 'trip', trigger, reason, positions: null });
  }

  /** With no policy at all the usual key: a broken file must not take the stop away. */
  hotkeyAccelerator(): string {
    return (this.core.engine.state.policy ?? NORMAL).emergencyStop.hotkey;
  }

  onHotkeyAccelerator(listener: (accelerator: string) => void): () => void {
    this.hotkeyListeners.add(listener);
    return () => void this.hotkeyListeners.delete(listener);
  }

  setHotkey(hotkey: HotkeyView): void {
    const { engine } = this.core;
    const wasProven = engine.market.hotkey?.status === 'ARMED';
    engine.dispatch({ kind: 'hotkey', hotkey });
    this.flush();
    // Beside practice the self-test asks for a proven key (J): a proof, and its loss, count at once.
    const isProven = hotkey.status === 'ARMED';
    const counts = this.station.mode !== 'practice' && this.shell.name !== 'headless' && engine.state.session.selfTested;
    if (counts && hotkey.status !== 'PROVING' && wasProven !== isProven) void this.core.runSelfTest();
  }

  status(): StatusLine {
    const { state } = this.core.engine;
    return { mode: state.mode, level: this.core.engine.trading().level, phase: state.stop.phase };
  }

  onStatus(listener: (status: StatusLine) => void): () => void {
    this.statusListeners.add(listener);
    return () => void this.statusListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.drills.giveUp('The console is closing.');
    for (const timer of this.timers) clearInterval(timer);
    if (this.flushTimer !== null) clearTimeout(this.flushTimer);
    // A goodbye is final: every way to press stop closes before it, and the core, which trips by itself, right after it.
    await this.killSwitch.close();
    await this.control?.close();
    await this.watchdog.close();
    await this.core.close();
    // Last, so that what the end itself had to tell still leaves.
    await this.alerting.close();
    await this.station.close();
    this.claim.release();
  }

  private createCore(): Core {
    const { station, options } = this;
    const core: Core = new Core({
      mode: station.mode,
      account: station.account,
      version: versions().app,
      standIn: options.customVenue !== null,
      opened: station.opened,
      restored: { file: station.opened, state: station.state },
      venue: station.venue,
      symbols: station.symbols,
      policy: this.policyFile.current(),
      alerts: this.alerts,
      log: options.log,
      clock: CLOCK,
      selfTest: (core) =>
        runSelfTest(core, {
          mode: station.mode,
          home: options.home,
          hasWindow: this.shell.name !== 'headless',
          proveKeychain: () => this.proveKeychain(station.mode),
        }),
      onTurn: (input, facts) => {
        // What still comes back to a core that was left is no part of the picture any more.
        if (core !== this.core) return;
        if (input.kind === 'tick') this.watchdog.beat();
        if (input.kind === 'venue' && input.event.kind === 'clock') this.clockWatch.read(input.event.offsetMs);
        followPolicy(this.policyFile, core.engine.state, input, facts, (text) => options.log.error('policy-file', { text }));
        this.metrics.note(input);
        if (facts.length === 0) return;
        if (facts.some(({ fact }) => fact.kind === 'stop.tripped'))
          this.drills.giveUp('The real emergency stop tripped: the drill was ended.');
        this.ladder.note(core, facts);
        this.replica.note(facts);
        this.flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS);
      },
    });
    return core;
  }

  private openAlerting(secrets: AlertSecrets): Alerting {
    const { shell, options } = this;
    const hasDesktop = !shell.lacks.some((lack) => lack.startsWith('desktop notifications'));
    return new Alerting({
      policy: () => this.core.engine.state.policy?.alerts ?? NORMAL.alerts,
      secrets,
      speaker: () => `${this.station.mode.toUpperCase()} ${this.station.account}`,
      notify: hasDesktop ? (...alert) => shell.notify(...alert) : null,
      bell: options.bell ?? null,
      raise: (alert) => this.alerts.raise(alert),
      clock: CLOCK,
      schedule,
      log: options.log,
    });
  }

  private keepWatchdog(): WatchdogKeeper {
    const { home, log, watchdog } = this.options;
    return new WatchdogKeeper({
      command: watchdog,
      home,
      clock: CLOCK,
      alerts: this.alerts,
      log,
      watched: () => this.station.watched,
      patienceSeconds: () =>
        (this.core.engine.state.policy ?? NORMAL).emergencyStop.watchdogSeconds ?? NORMAL.emergencyStop.watchdogSeconds,
      keepsProtection: () =>
        (this.core.engine.state.policy ?? NORMAL).emergencyStop.watchdogKeepsProtection ?? NORMAL.emergencyStop.watchdogKeepsProtection,
      isStopAtWork: () => {
        const { state, market } = this.core.engine;
        // A reset does not end the pursuit of what the receipt named as not cancelled.
        return market.condemned.size > 0 || (state.stop.phase === 'TRIPPED' && state.stop.receipt?.complete !== true);
      },
      offsetMs: () => this.core.engine.market.clock?.offsetMs ?? 0,
      show: (watchdog) => {
        const wasWatched = this.core.engine.market.watchdog?.status === 'watching';
        this.core.engine.dispatch({ kind: 'watchdog', watchdog });
        // Real money must not be traded without it for long: the test waits a moment for the next one, then it is red.
        if (wasWatched && watchdog.status === 'gone' && this.station.mode === 'mainnet') void this.core.runSelfTest();
      },
      trip: (reason) => this.trip('watchdog', reason),
      record: (deed) => this.core.record({ kind: 'watchdog-acted', ...deed }),
    });
  }

  /** Until the first self-test is through, the start itself sees to one. */
  private watchClock(): ClockWatch {
    return watchClock(CLOCK.monoMs, () => {
      if (this.core.engine.state.session.selfTested) void this.core.runSelfTest();
    });
  }

  private pulse(): void {
    this.clockWatch.look();
    this.killSwitch.follow();
    this.followAdopted();
    this.flush();
  }

  /** A key that lives in memory for this session (no keychain, testnet only) needs no keychain to work. */
  private async proveKeychain(mode: Mode): Promise<Result<KeychainProof, string>> {
    const keys = this.options.customVenue === null ? await this.vault.status() : [];
    const isSession = this.options.customVenue !== null || keys.some((key) => key.mode === mode && key.stored === 'session');
    if (isSession && mode !== 'mainnet') return ok('session');
    const proven = await this.vault.prove();
    return proven.ok ? ok('read-back') : proven;
  }

  private snapshot(): Snapshot {
    this.flush();
    return this.replica.snapshot();
  }

  private flush(): void {
    if (this.flushTimer !== null) clearTimeout(this.flushTimer);
    this.flushTimer = null;
    const delta = this.replica.flush();
    if (delta !== null) this.push({ kind: 'deltas', deltas: [delta] });
    this.tellStatus();
  }

  private tellStatus(): void {
    const status = this.status();
    const text = JSON.stringify(status);
    if (text === this.lastStatus) return;
    this.lastStatus = text;
    for (const listener of this.statusListeners) listener(status);
  }

  private pushFrame(): void {
    const frame = this.core.takeFrame();
    if (frame !== null) this.push({ kind: 'market', frame });
  }

  private push(push: Push): void {
    for (const listener of this.listeners) {
      try {
        listener(push);
      } catch (error) {
        this.options.log.error('subscriber-fault', { error });
      }
    }
  }

  private lookAtPolicy(): void {
    if (!this.policyFile.refresh()) return;
    const policy = this.policyFile.current();
    this.core.engine.dispatch(policy.ok ? { kind: 'policy', ...policy.value } : { kind: 'policy-broken', text: policy.error });
    this.followAdopted();
  }

  /** A policy comes into force by an edit, a call, the end of a wait or a mode switch: hotkey and watchdog go by the one that is. */
  private followAdopted(): void {
    const { policy } = this.core.engine.state;
    if (policy === this.followed) return;
    const before = this.followed?.emergencyStop.hotkey;
    this.followed = policy;
    this.watchdog.rearm();
    const accelerator = this.hotkeyAccelerator();
    if (before !== undefined && accelerator !== before) for (const listener of this.hotkeyListeners) listener(accelerator);
  }

  /** What was drilled belongs to the journal of the mode whose orders were copied. */
  private async drill(): Promise<Result<DrillResult, string>> {
    const { core } = this;
    const drilled = await this.drills.run(core.engine);
    if (!drilled.ok) return drilled;
    if (core !== this.core) return fail('The mode was switched meanwhile: drill again.');
    core.engine.dispatch({ kind: 'drill-finished', drill: drilled.value });
    return drilled;
  }

  /** Another mode is another journal, venue and engine. What is open or stopped here is not left behind (REQUIREMENTS A2). */
  private async switchMode(mode: Mode, confirmation: string): Promise<Result<string, string>> {
    if (this.switching) return fail('A switch is under way already.');
    if (this.options.customVenue !== null)
      return fail('A custom venue is testnet for as long as the console runs (A4): nothing is switched.');
    if (mode === this.core.engine.state.mode) return fail(`The mode is ${mode} already.`);
    const before = this.heldHere();
    if (before !== null) return fail(before);
    this.switching = true;
    try {
      const isMainnet = mode === 'mainnet';
      const leave = isMainnet ? await this.ladder.leave() : null;
      const chosen = await chooseMode({
        wish: mode,
        confirmation,
        vault: this.vault,
        environment: AT_START,
        selfTestPassed: isMainnet && (await this.passesSelfTest()),
        ladder: () => Promise.resolve(leave === null || leave.ok ? '' : leave.error),
      });
      if (!chosen.ok) return chosen;
      if (chosen.value === 'mainnet' && this.options.watchdog === null) return fail(UNWATCHED_MAINNET);
      const next = await openStation(this.options, chosen.value, this.vault, this.policyFile.current());
      if (!next.ok) return next;
      const heldUp = await this.watchdog.makeWay(next.value.watched.reportPath);
      const meanwhile = heldUp ?? this.heldHere() ?? (leave?.ok === true ? leave.value.lost() : null);
      if (meanwhile !== null) {
        await this.leave('mode-not-taken', [next.value.venue, next.value.opened.journal, next.value]);
        return fail(`The mode stays what it was. ${meanwhile}`);
      }
      await this.moveTo(next.value, leave?.ok === true ? leave.value.signOff : null);
      return ok(`The console runs in ${mode} now.`);
    } finally {
      this.switching = false;
    }
  }

  /** Run now: one of an hour ago says nothing of this moment. */
  private async passesSelfTest(): Promise<boolean> {
    const items = await this.core.runSelfTest();
    return items.length > 0 && items.every(({ verdict }) => verdict !== 'fail');
  }

  /** Why this mode cannot be left now, in words, or null. No order comes to it while a switch is under way (handlers.ts). */
  private heldHere(): string | null {
    const { openOrders, unsettled, stop } = this.core.engine.state;
    if (this.closed) return 'The console is closing.';
    if (stop.phase === 'TRIPPED') return 'The emergency stop is tripped: reset it first.';
    const open = new Set([...openOrders, ...unsettled]).size;
    return open === 0 ? null : `${open === 1 ? '1 order is' : `${open} orders are`} open or not settled yet: cancel first, or wait.`;
  }

  /** One core takes over from the other with no moment between: a stop is always some core's, and is obeyed and answered by that one. */
  private async moveTo(station: Station, leave: LadderSignOff | null): Promise<void> {
    const left = { core: this.core, station: this.station };
    const { hotkey } = this.core.engine.market;
    this.station = station;
    this.metrics = new Metrics(this.keychainFailures);
    this.core = this.createCore();
    this.clockWatch = this.watchClock();
    this.replica.attach(this.core.engine, station.opened.recent);
    if (hotkey !== null) this.core.engine.dispatch({ kind: 'hotkey', hotkey });
    const leaving = this.leave('mode-not-left', [left.core, left.station]);
    this.startCore();
    if (leave !== null) this.core.engine.dispatch({ kind: 'ladder-elsewhere', signOff: leave, demotions: [] });
    this.watchdog.start();
    await leaving;
  }

  /** Closes one after the other; what does not close is logged and keeps nothing else open. */
  private async leave(event: string, parts: readonly { close(): Promise<void> }[]): Promise<void> {
    for (const part of parts) await part.close().catch((error: unknown) => this.options.log.error(event, { error }));
  }
}

/** Starts a console. Rejects with a sentence for a person when the home, the mode or the journal cannot be had. */
export const startConsole: StartConsole = async (options, shell) => {
  const claim = claimHome(options.home);
  if (!claim.ok) throw new Error(claim.error);
  try {
    const policyFile = openPolicyFile(options.home, options.profile);
    const keychain = countedKeychain(systemKeychain());
    const vault = await openVault(options.home, keychain);
    const killSwitchSecret = openKillSwitchSecret(options.home, process.env, keychain);
    const alertSecrets = openAlertSecrets(options.home, process.env, keychain);
    const chosen =
      options.customVenue === null
        ? await chooseMode({
            wish: options.mode,
            confirmation: '',
            vault,
            environment: AT_START,
            selfTestPassed: false,
            ladder: () => Promise.resolve(NOT_AT_START),
          })
        : ok<Mode>('testnet');
    if (!chosen.ok) throw new Error(chosen.error);
    if (chosen.value === 'mainnet' && options.watchdog === null) throw new Error(UNWATCHED_MAINNET);
    const station = await openStation(options, chosen.value, vault, policyFile.current());
    if (!station.ok) throw new Error(station.error);
    // Not before this start is good for something, and not after an engine ticks: somebody must stand in for the account, but only one.
    const relief = await relieveWatchdog(options.home, station.value.watched.reportPath, CLOCK);
    const console = new HoldfastConsole({
      options,
      shell,
      claim: claim.value,
      policyFile,
      vault,
      killSwitchSecret,
      alertSecrets,
      keychainFailures: keychain.failures,
      station: station.value,
    });
    await console.open(relief);
    return console;
  } catch (error) {
    claim.value.release();
    throw error;
  }
};
