// The ways on which this console's alerts leave it (REQUIREMENTS L4), put together: the policy says where what goes, the keychain holds
// what is secret of it, and what does not get through is shown, logged and told on the other ways. No decision ever waits for it.
import { ALERT_OUTLETS } from '../../src-shared/domain/alerts.ts';
import type { AlertOutlet } from '../../src-shared/domain/alerts.ts';
import type { AlertTestResult } from '../../src-shared/contract/alerts.ts';
import type { AlertingView, AlertOutletView } from '../../src-shared/contract/view.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { mailCarrier, readMailSettings } from '../alerts/mail.ts';
import type { DatedAlert } from '../alerts/message.ts';
import { Outbox } from '../alerts/outbox.ts';
import { createOutlets, keyOfOutlet, TEST_KEY } from '../alerts/outlets.ts';
import type { Alert, Alerts, Log, Severity } from '../alerts/port.ts';
import { readWebhookUrl, webhookCarrier } from '../alerts/webhook.ts';
import type { Clock } from '../engine/ports.ts';
import type { AlertSecretName, AlertSecrets } from '../vault/alert-secrets.ts';

/** What quits waits this long for alerts that are on their way, and no longer. */
const CLOSE_WITHIN_MS = 1_500;
/** Tests of the alerts follow each other no faster. */
export const TEST_PAUSE_MS = 3_000;

export interface AlertingDeps {
  readonly policy: () => Policy['alerts'];
  readonly secrets: AlertSecrets;
  /** Which console speaks: `PRACTICE conservative`. */
  readonly speaker: () => string;
  /** Null: this shell has no desktop notifications. */
  readonly notify: ((severity: Severity, title: string, text: string) => void) | null;
  /** The terminal's bell; null: the window plays the sound, where one is open. */
  readonly bell: (() => void) | null;
  /** Where an alert about alerts goes: everywhere that shows any. */
  readonly raise: (alert: Alert) => void;
  readonly clock: Clock;
  readonly schedule: (run: () => void, delayMs: number) => () => void;
  readonly log: Log;
}

type Slow = AlertSecretName;
type Shown = Pick<AlertOutletView, 'status' | 'text'>;

export class Alerting implements Alerts {
  private readonly deps: AlertingDeps;
  private readonly outlets: Alerts;
  private readonly boxes: Readonly<Record<Slow, Outbox>>;
  /** What is known of the secrets: never a secret, of the webhook its host. */
  private readonly known: Record<Slow, Result<string | null, string>> = { webhook: ok(null), mail: ok(null) };
  private readonly failing: Record<Slow, boolean> = { webhook: false, mail: false };
  private opened = false;
  private testedAtMs = Number.NEGATIVE_INFINITY;
  private shown: AlertingView = { outlets: [] };
  private shownText = '';

  constructor(deps: AlertingDeps) {
    this.deps = deps;
    const from = (): string => `Holdfast ${deps.speaker()}`;
    const carriers = {
      webhook: webhookCarrier(() => this.secret('webhook'), from),
      mail: mailCarrier(
        () => readMailSettings(deps.policy()),
        () => this.secret('mail'),
        from,
      ),
    };
    const boxOf = (name: Slow): Outbox =>
      new Outbox({
        carrier: carriers[name],
        nowMs: () => deps.clock.nowMs(),
        schedule: deps.schedule,
        changed: (lost) => this.changed(name, lost),
      });
    this.boxes = { webhook: boxOf('webhook'), mail: boxOf('mail') };
    const post = (name: Slow) => (alert: Alert) => {
      const posted = this.post(name, { ...alert, atMs: deps.clock.nowMs() });
      posted.catch((error: unknown) => deps.log.error('alert-not-delivered', { outlet: name, error }));
    };
    this.outlets = createOutlets({
      level: (outlet) => deps.policy()[outlet],
      outlets: {
        desktop: ({ severity, title, text }) => deps.notify?.(severity, title, text),
        sound: ({ severity }) => {
          if (severity === 'danger' || severity === 'warning') deps.bell?.();
        },
        webhook: post('webhook'),
        mail: post('mail'),
      },
      log: deps.log,
      nowMs: () => deps.clock.monoMs(),
      schedule: deps.schedule,
    });
  }

  /** Reads what is secret once, so that the view can say what is there. */
  async open(): Promise<void> {
    await Promise.all([this.secret('webhook'), this.secret('mail')]);
    this.opened = true;
  }

  raise(alert: Alert): void {
    this.outlets.raise(alert);
  }

  /** What is not known of a secret, at the start or of a keychain that was locked, is asked for: an alert is no reason to give a way up. */
  private async post(name: Slow, alert: DatedAlert): Promise<void> {
    if (!this.opened || !this.known[name].ok) await this.secret(name);
    if (this.shownOf(name).status !== 'unset') this.boxes[name].push(alert);
  }

  /** Every way with its state; the same object while nothing of it changed. */
  view(): AlertingView {
    const view = { outlets: ALERT_OUTLETS.map((outlet) => this.outletView(outlet)) };
    const text = JSON.stringify(view);
    if (text !== this.shownText) [this.shown, this.shownText] = [view, text];
    return this.shown;
  }

  /** A test on every way that is set up; webhook and mail say what came of it. */
  async test(by: string): Promise<Result<readonly AlertTestResult[], string>> {
    const { clock } = this.deps;
    if (clock.monoMs() - this.testedAtMs < TEST_PAUSE_MS) return fail('A test has just been sent: wait a moment.');
    this.testedAtMs = clock.monoMs();
    const alert: Alert = {
      severity: 'warning',
      key: TEST_KEY,
      title: 'A test of the alerts',
      text: `Asked for by ${by}. All is well.`,
    };
    // Window and terminal show it, and the window plays its sound.
    this.deps.raise(alert);
    return ok(await Promise.all(ALERT_OUTLETS.map((outlet) => this.testOne(outlet, alert))));
  }

  async setSecret(name: AlertSecretName, secret: string): Promise<Result<string, string>> {
    if (name === 'webhook') {
      const url = readWebhookUrl(secret);
      if (!url.ok) return fail(`${url.error} Nothing was stored.`);
    }
    const set = await this.deps.secrets.set(name, name === 'webhook' ? secret.trim() : secret);
    await this.secret(name);
    return set;
  }

  async deleteSecret(name: AlertSecretName): Promise<Result<string, string>> {
    const deleted = await this.deps.secrets.delete(name);
    await this.secret(name);
    return deleted.ok ? ok('Deleted.') : deleted;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.boxes).map((box) => box.close(CLOSE_WITHIN_MS)));
  }

  private async secret(name: Slow): Promise<Result<string | null, string>> {
    const found = await this.deps.secrets.read(name);
    if (!found.ok || found.value === null) {
      this.known[name] = found.ok ? ok(null) : found;
      return found.ok ? ok(null) : found;
    }
    const { secret, from } = found.value;
    const url = name === 'webhook' ? readWebhookUrl(secret) : null;
    this.known[name] = url === null ? ok(`password from ${from}`) : url.ok ? ok(`${url.value.host}, address from ${from}`) : url;
    return ok(secret);
  }

  private async testOne(outlet: AlertOutlet, alert: Alert): Promise<AlertTestResult> {
    const { status, text } = this.shownOf(outlet);
    if (status === 'off' || status === 'unset' || status === 'lacking') return { outlet, verdict: 'not-sent', text };
    if (outlet === 'desktop' || outlet === 'sound') {
      if (outlet === 'desktop') this.deps.notify?.(alert.severity, alert.title, alert.text);
      else this.deps.bell?.();
      return { outlet, verdict: 'sent', text: outlet === 'desktop' ? 'Handed to the desktop.' : text };
    }
    const sent = await this.boxes[outlet].test({ ...alert, atMs: this.deps.clock.nowMs() });
    return sent.ok
      ? { outlet, verdict: 'sent', text: `Taken by ${this.shownOf(outlet).text}` }
      : { outlet, verdict: 'failed', text: sent.error };
  }

  private outletView(outlet: AlertOutlet): AlertOutletView {
    const state = outlet === 'webhook' || outlet === 'mail' ? this.boxes[outlet].state : { deliveredAtMs: null, waiting: 0, lost: 0 };
    const { deliveredAtMs, waiting, lost } = state;
    return { outlet, level: this.deps.policy()[outlet], ...this.shownOf(outlet), deliveredAtMs, waiting, lost };
  }

  private shownOf(outlet: AlertOutlet): Shown {
    if (this.deps.policy()[outlet] === 'off') return { status: 'off', text: 'Off, as the policy says.' };
    switch (outlet) {
      case 'desktop':
        return this.deps.notify === null
          ? { status: 'lacking', text: 'This shell has no desktop notifications.' }
          : { status: 'ready', text: 'The desktop’s notifications.' };
      case 'sound':
        return { status: 'ready', text: this.deps.bell === null ? 'Played by the window while one is open.' : 'The terminal’s bell.' };
      case 'webhook':
        return this.slowShown('webhook', this.known.webhook, 'No address is set: set one on the Alerts page.');
      case 'mail': {
        const settings = readMailSettings(this.deps.policy());
        if (!settings.ok) return { status: 'unset', text: settings.error };
        const { host, port, to, user } = settings.value;
        const where = `${host}:${port} to ${to.join(', ')}`;
        if (user === null) return this.slowShown('mail', ok(`${where}, without a login`), '');
        const known = this.known.mail;
        const said = known.ok && known.value !== null ? ok(`${where}, ${known.value}`) : known;
        return this.slowShown('mail', said, 'No password is set for alerts.mailUser: set one on the Alerts page.');
      }
    }
  }

  private slowShown(name: Slow, known: Result<string | null, string>, unset: string): Shown {
    if (!known.ok) return { status: 'unset', text: `${unset} ${known.error}` };
    if (known.value === null) return { status: 'unset', text: unset };
    const { problem } = this.boxes[name].state;
    return problem === '' ? { status: 'ready', text: `${known.value}.` } : { status: 'failing', text: problem };
  }

  /** A way that begins to fail is told on the others, and told again once it works. */
  private changed(name: Slow, lost: number): void {
    const { problem } = this.boxes[name].state;
    if (problem !== '') this.deps.log.warn('alert-not-delivered', { outlet: name, problem, lost });
    const isFailing = problem !== '';
    if (isFailing === this.failing[name] && lost === 0) return;
    this.failing[name] = isFailing;
    const key = keyOfOutlet(name);
    const gone = lost === 0 ? '' : ` ${lost === 1 ? 'One alert is' : `${lost} alerts are`} given up.`;
    if (isFailing) this.deps.raise({ severity: 'warning', key, title: `Alerts do not leave by ${name}`, text: `${problem}${gone}` });
    else this.deps.raise({ severity: 'good', key, title: `Alerts leave by ${name} again`, text: 'What waited was delivered.' });
  }
}
