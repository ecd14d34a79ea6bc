// L4: the ways of a console put together: the bell of a headless one, the desktop's notifications, what is shown of each way, and nothing
// said of a secret but that it is there.
import { expect, it } from 'vitest';
import { Alerting, TEST_PAUSE_MS } from '../../../src-main/console/alerting.ts';
import type { AlertingDeps } from '../../../src-main/console/alerting.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { openAlertSecrets } from '../../../src-main/vault/alert-secrets.ts';
import type { Keychain } from '../../../src-main/vault/keychain.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const memory = (): Keychain => {
  const entries = new Map<string, string>();
  return {
    get: (account) => Promise.resolve(ok(entries.get(account) ?? null)),
    set: (account, secret) => Promise.resolve(ok(void entries.set(account, secret))),
    delete: (account) => Promise.resolve(ok(void entries.delete(account))),
  };
};

const setUp = (deps: Partial<AlertingDeps> = {}, policy: Partial<typeof NORMAL.alerts> = {}, keychain = memory()) => {
  const timers = fakeTimers();
  const rung: string[] = [];
  const raised: Alert[] = [];
  const alerting: Alerting = new Alerting({
    policy: () => ({ ...NORMAL.alerts, ...policy }),
    secrets: openAlertSecrets('home', {}, keychain),
    speaker: () => 'PRACTICE conservative',
    notify: (severity, title) => rung.push(`desktop ${severity} ${title}`),
    bell: () => rung.push('bell'),
    raise: (alert) => {
      raised.push(alert);
      alerting.raise(alert);
    },
    clock: { nowMs: () => 0, monoMs: timers.nowMs },
    schedule: timers.schedule,
    log: silent,
    ...deps,
  });
  const raise = (severity: Alert['severity'], key: string = severity): void => alerting.raise({ severity, key, title: 'T', text: '' });
  const way = (name: string) => alerting.view().outlets.find(({ outlet }) => outlet === name);
  return { alerting, rung, raised, raise, way, timers };
};

it('a headless console rings for warnings and dangers, once for each cause, and not when the trader wants it quiet', () => {
  const { raise, rung } = setUp({ notify: null });
  for (const severity of ['info', 'good', 'warning', 'danger', 'danger'] as const) raise(severity);
  expect(rung).toEqual(['bell', 'bell']);
  const quiet = setUp({ notify: null }, { sound: 'off' });
  quiet.raise('danger');
  expect(quiet.rung).toEqual([]);
  const dangersOnly = setUp({ notify: null }, { sound: 'danger' });
  for (const severity of ['warning', 'danger', 'good'] as const) dangersOnly.raise(severity, 'one');
  expect(dangersOnly.rung).toEqual(['bell']);
});

it('a desktop is notified of everything, and what this shell has not is said', () => {
  const { raise, rung, way } = setUp({ bell: null });
  raise('good');
  expect(rung).toEqual(['desktop good T']);
  expect(way('desktop')).toMatchObject({ status: 'ready' });
  expect(way('sound')).toMatchObject({ status: 'ready', text: 'Played by the window while one is open.' });
  expect(setUp({ notify: null }).way('desktop')).toMatchObject({ status: 'lacking' });
});

it('each way says what it needs, and of a secret only that it is there', async () => {
  const { alerting, way } = setUp({}, { mailHost: 'mail.example.org', mailFrom: 'a@example.org', mailTo: 'b@example.org', mailUser: 'me' });
  await alerting.open();
  expect(way('webhook')).toMatchObject({ status: 'unset', text: expect.stringContaining('No address is set') });
  expect(way('mail')).toMatchObject({ status: 'unset', text: expect.stringContaining('No password is set') });
  expect(await alerting.setSecret('webhook', 'https://hooks.example.org/a-token ')).toMatchObject({ ok: true });
  expect(await alerting.setSecret('mail', 'a-password')).toMatchObject({ ok: true });
  expect(way('webhook')).toMatchObject({ status: 'ready', text: 'hooks.example.org, address from the keychain.' });
  expect(way('mail')).toMatchObject({ status: 'ready', text: 'mail.example.org:587 to b@example.org, password from the keychain.' });
  expect(JSON.stringify(alerting.view())).not.toMatch(/a-token|a-password/);
  expect(await alerting.deleteSecret('webhook')).toEqual(ok('Deleted.'));
  expect(way('webhook')?.status).toBe('unset');
  const plain = setUp({}, { mailHost: 'localhost', mailSecurity: 'none', mailFrom: 'a@example.org', mailTo: 'b@example.org' });
  expect(plain.way('mail')).toMatchObject({ status: 'ready', text: expect.stringContaining('without a login') });
});

it('a keychain that cannot be read is said where the secret would be', async () => {
  const locked = () => Promise.resolve(fail('The keychain is locked.'));
  const { alerting, way } = setUp({}, {}, { get: locked, set: locked, delete: locked });
  await alerting.open();
  expect(way('webhook')).toMatchObject({ status: 'unset', text: expect.stringContaining('The keychain is locked.') });
  expect(await alerting.deleteSecret('mail')).toEqual(fail('The keychain is locked.'));
});

it('a keychain that was locked at the start is asked again with each alert: unlocked, the way is there', async () => {
  const keychain = memory();
  let locked = true;
  let asked = 0;
  const set = setUp(
    {},
    { webhook: 'warning' },
    {
      ...keychain,
      get: (account) => {
        asked += 1;
        return locked ? Promise.resolve(fail('The keychain is locked.')) : keychain.get(account);
      },
    },
  );
  await keychain.set('alerts webhook home', 'http://127.0.0.1:9/hook');
  await set.alerting.open();
  set.raise('danger', 'one');
  await new Promise((resolve) => setImmediate(resolve));
  expect(set.raised, 'it is shown; who has no webhook hears nothing of it').toEqual([]);
  expect(set.way('webhook')).toMatchObject({ status: 'unset', waiting: 0 });
  locked = false;
  set.raise('danger', 'two');
  await new Promise((resolve) => setImmediate(resolve));
  expect(set.way('webhook')).toMatchObject({ waiting: 1, text: expect.stringContaining('127.0.0.1:9') as string });
  const before = asked;
  set.raise('danger', 'three');
  await new Promise((resolve) => setImmediate(resolve));
  expect([set.way('webhook')?.waiting, asked], 'known, it is not asked for that').toEqual([2, before]);
  await set.alerting.close();
});

it('a test goes to each way once, is shown, and not again for a moment', async () => {
  const { alerting, rung, raised, timers } = setUp();
  expect(await alerting.test('me')).toMatchObject({
    ok: true,
    value: [
      { outlet: 'desktop', verdict: 'sent' },
      { outlet: 'sound', verdict: 'sent' },
      { outlet: 'webhook', verdict: 'not-sent' },
      { outlet: 'mail', verdict: 'not-sent' },
    ],
  });
  expect(rung).toEqual(['desktop warning A test of the alerts', 'bell']);
  expect(raised.map(({ text }) => text)).toEqual(['Asked for by me. All is well.']);
  expect(await alerting.test('me')).toMatchObject({ ok: false });
  timers.advance(TEST_PAUSE_MS);
  expect(await alerting.test('me')).toMatchObject({ ok: true });
  await alerting.close();
});

it('the view stays the same object while nothing of it changed: it is looked at twenty times a second', () => {
  const { alerting } = setUp();
  expect(alerting.view()).toBe(alerting.view());
});
