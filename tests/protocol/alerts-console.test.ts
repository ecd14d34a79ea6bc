// L4 over a whole console: a stop reaches webhook and mail, a way that fails is shown and told on the others, the person's choice holds,
// and nothing secret stands in any view, log line, alert or answer.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectControl } from '../../src-main/control/client.ts';
import { runCommandLine } from '../../src-main/control/command-line.ts';
import { controlAddress } from '../../src-main/settings/home.ts';
import { Alerting, TEST_PAUSE_MS } from '../../src-main/console/alerting.ts';
import { schedule } from '../../src-main/shell/timers.ts';
import { ALERT_VARIABLES } from '../../src-main/vault/alert-secrets.ts';
import { ok } from '../../src-shared/errors/result.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { cameAbout, freePort, OK, startMailServer, startWebhookServer, status } from '../support/alert-servers.ts';
import type { MailServer, WebhookServer } from '../support/alert-servers.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';

const TOKEN = 'a-token-that-opens-the-channel';
const PASSWORD = 'correct-horse-battery';
const WINDOW = { from: 'window', user: 'test' } as const;
const logged: string[] = [];
const keep = (event: string, fields: object = {}): void => void logged.push(`${event} ${JSON.stringify(fields)}`);
const log = { debug: keep, info: keep, warn: keep, error: keep };

let webhook: WebhookServer;
let mail: MailServer;
let console: TestConsole | undefined;
beforeEach(async () => {
  logged.length = 0;
  webhook = await startWebhookServer();
  mail = await startMailServer({ login: { user: 'trader', password: PASSWORD } });
});
afterEach(async () => {
  await console?.close();
  console?.remove();
  console = undefined;
  await webhook.close();
  await mail.close();
});

const start = async (alerts: object = {}): Promise<TestConsole> => {
  process.env[ALERT_VARIABLES.webhook] = `${webhook.origin}/services/${TOKEN}`;
  process.env[ALERT_VARIABLES.mail] = PASSWORD;
  const settings = { mail: 'danger', mailHost: 'localhost', mailPort: mail.port, mailSecurity: 'none', mailUser: 'trader' };
  const to = { mailFrom: 'holdfast@example.org', mailTo: 'trader@example.org' };
  console = await startTestConsole({ log }, { ...NORMAL, alerts: { ...NORMAL.alerts, ...settings, ...to, ...alerts } });
  return console;
};
const outlet = (name: string) => console?.view().safety.alerting?.outlets.find((one) => one.outlet === name);
const run = async (...words: string[]) => {
  let stdout = '';
  let stderr = '';
  const exit = await runCommandLine([...words, '--home', console?.home ?? ''], {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    environment: {},
    lines: async function* () {},
    interrupted: new Promise(() => undefined),
  });
  return { exit, stdout, stderr };
};
const texts = (): readonly string[] => webhook.posted.map(({ body }) => String(body['text']));

it('a stop reaches the phone and the mailbox; both say which console speaks; nothing secret is told anywhere', async () => {
  const here = await start();
  expect(process.env[ALERT_VARIABLES.webhook]).toBeUndefined();
  await here.until('both ways are known', () => outlet('webhook')?.status === 'ready' && outlet('mail')?.status === 'ready');
  await here.api.handlers.tripStop({ reason: 'leaving the desk' }, CALLER);
  const posted = await cameAbout('the webhook has it', () => texts().find((text) => text.includes('Emergency stop 1')));
  expect(posted).toMatch(/^Holdfast PRACTICE conservative\n(?:.*\n)*DANGER {2}Emergency stop 1: Tripped by cli: leaving the desk/);
  const [received] = await cameAbout('the mail has it', () => mail.mails.length > 0 && mail.mails);
  expect(received).toMatchObject({ user: 'trader', to: ['trader@example.org'] });
  expect(received?.raw).toMatch(/Subject: Holdfast PRACTICE conservative DANGER: Emergency stop 1/);

  await here.until('delivered is shown', () => outlet('webhook')?.deliveredAtMs !== null && outlet('mail')?.deliveredAtMs !== null);
  const shown = await run('alerts');
  expect(shown).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/webhook +warning +ready[\s\S]*127\.0\.0\.1:\d+, address from HOLDFAST_WEBHOOK_URL/),
  });
  expect(shown.stdout).toMatch(/danger +1 +Emergency stop 1/);
  const json = await run('alerts', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ alerts: expect.arrayContaining([expect.objectContaining({ key: 'stop', times: 1 })]) });
  const told = [shown.stdout, json.stdout, JSON.stringify(here.view()), JSON.stringify(here.alerts), ...logged].join('\n');
  expect(told).not.toContain(TOKEN);
  expect(told).not.toContain(PASSWORD);
  expect(told).not.toContain(Buffer.from(PASSWORD).toString('base64'));
});

it('what a start has to tell goes out, although the keychain has not answered yet', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const alerting = new Alerting({
    policy: () => NORMAL.alerts,
    secrets: {
      read: async (name) => {
        await answered;
        return ok(name === 'mail' ? null : { secret: `${webhook.origin}/services/${TOKEN}`, from: 'the keychain' });
      },
      set: () => Promise.resolve(ok('')),
      delete: () => Promise.resolve(ok(undefined)),
    },
    speaker: () => 'PRACTICE conservative',
    notify: null,
    bell: null,
    raise: () => undefined,
    clock: { nowMs: () => Date.now(), monoMs: () => performance.now() },
    schedule,
    log,
  });
  const opened = alerting.open();
  alerting.raise({ severity: 'danger', key: 'latch-recall', title: 'The emergency stop is tripped again', text: 'From before the crash.' });
  answer();
  await opened;
  await cameAbout('the webhook has it', () => texts().some((text) => text.includes('tripped again')));
  await alerting.close();
  expect(alerting.view().outlets.find(({ outlet }) => outlet === 'mail')).toMatchObject({ status: 'unset', lost: 0 });
});

it('a test tries each way and says what came of it, in its exit code as well', async () => {
  const here = await start();
  await here.until('both ways are known', () => outlet('webhook')?.status === 'ready' && outlet('mail')?.status === 'ready');
  const good = await run('alerts', 'test', '--json');
  expect(good.exit).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({
    results: [
      { outlet: 'desktop', verdict: 'not-sent' },
      { outlet: 'sound', verdict: 'sent' },
      { outlet: 'webhook', verdict: 'sent' },
      { outlet: 'mail', verdict: 'sent' },
    ],
  });
  expect(texts()[0]).toContain('A test of the alerts');
  expect(mail.mails).toHaveLength(1);
  expect((await run('alerts', 'test')).stderr).toContain('has just been sent');
  webhook.answer = status(404);
  await new Promise((resolve) => setTimeout(resolve, TEST_PAUSE_MS));
  const { exit, stdout } = await run('alerts', 'test');
  expect(exit).toBe(1);
  expect(stdout).toMatch(/webhook +failed +127\.0\.0\.1:\d+ refuses the message \(404\)/);
});

it('a way that fails is bad in health, told on the other ways once, and told again when it works', async () => {
  const here = await start({ mail: 'warning' });
  await here.until('both ways are known', () => outlet('webhook')?.status === 'ready' && outlet('mail')?.status === 'ready');
  webhook.answer = status(503);
  await here.api.handlers.tripStop({ reason: 'the webhook is down' }, CALLER);
  await here.until('it is shown', () => outlet('webhook')?.status === 'failing');
  expect(here.view().health['alerts']).toMatchObject({
    verdict: 'bad',
    text: expect.stringMatching(/webhook: .* has trouble of its own \(503\)/),
  });
  await cameAbout('the mailbox hears of it', () => mail.mails.some(({ raw }) => raw.includes('Alerts do not leave by webhook')));
  expect(logged.filter((line) => line.startsWith('alert-not-delivered')).join()).toContain('503');
  webhook.answer = OK;
  await here.until('it is tried again by itself', () => outlet('webhook')?.status === 'ready', 20_000);
  expect(here.view().health['alerts']?.verdict).toBe('good');
  expect(texts().some((text) => text.includes('Emergency stop 1'))).toBe(true);
  expect(here.alerts.filter(({ key }) => key === 'alerts:webhook').map(({ severity }) => severity)).toEqual(['warning', 'good']);
});

it('what the policy switches off is off at once, and what is set or deleted in the window counts at once', async () => {
  const here = await start();
  const { handlers } = here.api;
  await here.until('the webhook is known', () => outlet('webhook')?.status === 'ready');
  const off = await run('policy', 'set', 'alerts.webhook', 'off', '--why', 'on holiday');
  expect(off.stdout).toMatch(/In force now[\s\S]*alerts\.webhook +warning +off/);
  await here.until('it is off', () => outlet('webhook')?.status === 'off');
  await handlers.tripStop({ reason: 'quiet' }, CALLER);
  await cameAbout('the mail has it', () => mail.mails.length > 0);
  expect(webhook.posted).toEqual([]);
  expect(await handlers.setAlertSecret({ name: 'webhook', secret: 'http://elsewhere.example.org/x' }, WINDOW)).toMatchObject({
    ok: false,
    error: { text: expect.stringContaining('https://') },
  });
  expect(await handlers.deleteAlertSecret({ name: 'webhook' }, WINDOW)).toMatchObject({
    ok: false,
    error: { text: expect.stringContaining(ALERT_VARIABLES.webhook) },
  });
});

it('no secret can be set over the socket, and a server that stalls holds up neither a stop nor the end', async () => {
  const here = await start({ mailPort: await freePort() });
  const client = await connectControl(controlAddress(here.home));
  const answer = await client.call('setAlertSecret' as never, { name: 'webhook', secret: 'https://example.org/x' } as never);
  client.close();
  expect(answer).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
  webhook.answer = () => undefined;
  const startedAtMs = performance.now();
  const tripped = await here.api.handlers.tripStop({ reason: 'everything stalls' }, CALLER);
  expect(tripped.ok).toBe(true);
  const receipt = await here.api.handlers.awaitReceipt({ tripId: 1, timeoutMs: 5000 }, CALLER);
  expect(receipt).toMatchObject({ ok: true, value: { complete: true } });
  await cameAbout('the webhook is asked', () => webhook.posted.length > 0);
  await here.close();
  expect(performance.now() - startedAtMs).toBeLessThan(9_000);
});
