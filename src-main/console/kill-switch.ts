// The signed endpoint in the console (REQUIREMENTS F): it follows the policy, listens while that says so, and says in words why it does
// not. With no policy at all it stays as it is: a broken file must take no way to stop away.
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { KillSwitchView } from '../../src-shared/contract/view.ts';
import type { Log } from '../alerts/port.ts';
import { openNonces } from '../control/kill-switch-nonces.ts';
import type { Nonces } from '../control/kill-switch-nonces.ts';
import { startKillSwitch } from '../control/kill-switch.ts';
import type { KillSwitchActions, KillSwitchServer } from '../control/kill-switch.ts';
import type { Reply } from '../engine/inputs.ts';
import type { Clock } from '../engine/ports.ts';
import { killSwitchNoncesPath } from '../settings/home.ts';
import type { KillSwitchSecret } from '../vault/kill-switch-secret.ts';
import type { Core } from './core.ts';

/** A port or a keychain that cannot be had is tried for again this often. */
const RETRY_MS = 10_000;
/** The stop is at work whatever the disk does: its answer waits for a disk to have it, but not for ever. */
const DURABLE_MS = 1000;

export interface KillSwitchDeps {
  readonly home: string;
  readonly secret: KillSwitchSecret;
  readonly core: () => Core;
  readonly clock: Clock;
  readonly log: Log;
}

const OFF: KillSwitchView = { status: 'off', text: 'Off, as the policy says.' };

export class KillSwitch {
  private readonly deps: KillSwitchDeps;
  private view: KillSwitchView = OFF;
  private server: KillSwitchServer | null = null;
  private nonces: Nonces | null = null;
  #secret = '';
  /** What was last tried: a port, null for off. */
  private tried: number | null = null;
  private retryAtMs = Number.POSITIVE_INFINITY;
  private work: Promise<void> | null = null;
  private closed = false;

  constructor(deps: KillSwitchDeps) {
    this.deps = deps;
  }

  /** Looks at what the policy says now, and shows what is. Cheap; called often. */
  follow(): void {
    const { engine } = this.deps.core();
    if (engine.market.killSwitch !== this.view) engine.dispatch({ kind: 'kill-switch', view: this.view });
    const policy = engine.state.policy?.killSwitch;
    if (this.closed || this.work !== null || policy === undefined) return;
    const wish = policy.enabled ? policy.port : null;
    if (wish === this.tried && this.deps.clock.monoMs() < this.retryAtMs) return;
    this.work = this.become(wish).finally(() => {
      this.work = null;
    });
  }

  /** A secret that was set or deleted counts from now on. */
  async setSecret(secret: string): Promise<Result<string, string>> {
    return this.changeSecret(await this.deps.secret.set(secret), 'Stored. It cannot be read back here.');
  }

  async deleteSecret(): Promise<Result<string, string>> {
    return this.changeSecret(await this.deps.secret.delete(), 'The secret is deleted: the kill switch does not listen any more.');
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.work;
    await this.stopListening();
  }

  private changeSecret(done: Result<void, string>, text: string): Result<string, string> {
    if (!done.ok) return done;
    this.retryAtMs = Number.NEGATIVE_INFINITY;
    this.follow();
    return ok(text);
  }

  private async become(port: number | null): Promise<void> {
    this.tried = port;
    this.retryAtMs = Number.POSITIVE_INFINITY;
    this.view = port === null ? OFF : await this.listenOn(port);
    if (port === null || this.view.status === 'failed') await this.stopListening();
    if (this.view.status === 'failed') this.retryAtMs = this.deps.clock.monoMs() + RETRY_MS;
    this.follow();
  }

  private async listenOn(port: number): Promise<KillSwitchView> {
    const failed = (text: string): KillSwitchView => ({ status: 'failed', text: `Not listening. ${text}` });
    const found = await this.deps.secret.read();
    if (!found.ok) return failed(found.error);
    this.#secret = found.value.secret;
    if (this.server?.port !== port) {
      await this.stopListening();
      const { clock, home, log } = this.deps;
      this.nonces ??= openNonces(killSwitchNoncesPath(home), clock.nowMs());
      const started = await startKillSwitch({
        port,
        secret: () => this.#secret,
        nonces: this.nonces,
        actions: actionsOf(this.deps.core),
        nowMs: () => clock.nowMs(),
        onFault: (error) => log.error('kill-switch-fault', { error }),
      });
      if (!started.ok) return failed(started.error);
      this.server = started.value;
    }
    return { status: 'listening', text: `Listening on 127.0.0.1:${port}, with the secret from ${found.value.from}.` };
  }

  private async stopListening(): Promise<void> {
    const { server } = this;
    this.server = null;
    await server?.close();
  }
}

const failureOf = (reply: Reply): Result<never, string> => fail(reply.kind === 'refused' ? reply.text : 'The engine gave no answer.');

/** Each at the core that runs at that moment: a mode switch changes nothing for whoever is outside. */
const actionsOf = (core: () => Core): KillSwitchActions => ({
  trip(reason, positions) {
    const reply = core().engine.dispatch({ kind: 'trip', trigger: 'endpoint', reason, positions });
    const patience = new Promise((resolve) => setTimeout(resolve, DURABLE_MS).unref());
    return {
      tripId: reply.kind === 'tripped' ? ok(reply.tripId) : failureOf(reply),
      durable: Promise.race([core().latchDurable(), patience]),
    };
  },
  async reset(by, why, readBackTripId) {
    const { engine, setup } = core();
    const reply = engine.dispatch({ kind: 'reset', by, why, readBackTripId });
    if (reply.kind !== 'reset') return failureOf(reply);
    const kept = await setup.opened.journal.flush().then(
      () => true,
      () => false,
    );
    return kept ? ok({ coolDownUntilMs: reply.coolDownUntilMs }) : fail('The journal cannot be written, so this reset is not kept.');
  },
  isResetAllowed: () => core().engine.state.policy?.killSwitch.resetAllowed === true,
  status() {
    const { engine } = core();
    const { phase, tripId, trigger, receipt } = engine.state.stop;
    const { level, causes } = engine.trading();
    return {
      mode: engine.state.mode,
      phase,
      tripId,
      trigger,
      trading: level,
      causes: causes.map(({ text }) => text),
      openOrders: engine.state.openOrders.size,
      isReceiptComplete: receipt === null ? null : receipt.complete,
    };
  },
  asked: (record) => void core().engine.dispatch({ kind: 'kill-switch-asked', ...record }),
});
