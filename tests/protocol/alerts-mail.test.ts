// L4: mail in a real SMTP conversation: with and without encryption and login, refusals and silence; a password never travels in plain
// text to another machine, nor stands in any word.
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { mailCarrier, readMailSettings } from '../../src-main/alerts/mail.ts';
import type { MailPolicy } from '../../src-main/alerts/mail.ts';
import type { DatedAlert } from '../../src-main/alerts/message.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import { freePort, makeCertificate, startMailServer } from '../support/alert-servers.ts';
import type { MailServer, MailServerOptions } from '../support/alert-servers.ts';

const PASSWORD = 'correct-horse-battery';
const LOGIN = { user: 'trader@example.org', password: PASSWORD };
const ALERT: DatedAlert = {
  severity: 'danger',
  key: 'stop',
  title: 'Emergency stop 3\r\nBcc: thief@example.org',
  text: 'Tripped by the button. secret=abcdefgh12345678',
  atMs: Date.UTC(2026, 10, 20, 14, 50, 2),
};
const open: MailServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
const start = async (options: MailServerOptions = {}): Promise<MailServer> => {
  const server = await startMailServer(options);
  open.push(server);
  return server;
};

const POLICY: MailPolicy = {
  mailHost: 'localhost',
  mailPort: 1,
  mailSecurity: 'none',
  mailUser: '-',
  mailFrom: 'holdfast@example.org',
  mailTo: 'trader@example.org, desk@example.org',
};
const carry = (policy: Partial<MailPolicy>, password: string | null = null, signal = AbortSignal.timeout(10_000)) =>
  mailCarrier(
    () => readMailSettings({ ...POLICY, ...policy }),
    async () => ok(password),
    () => 'Holdfast PRACTICE conservative',
  ).carry([ALERT, { ...ALERT, severity: 'warning', title: 'The user stream is down' }], signal);

describe('mail', () => {
  it('goes to each receiver, with the worst in its subject, no header of its own making, and no secret', async () => {
    const server = await start();
    expect(await carry({ mailPort: server.port })).toEqual({ ok: true, value: undefined });
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      from: 'holdfast@example.org',
      to: ['trader@example.org', 'desk@example.org'],
      encrypted: false,
      user: null,
    });
    expect(mail?.raw).toMatch(/^Subject: Holdfast PRACTICE conservative DANGER: Emergency stop 3/m);
    expect(mail?.raw).not.toMatch(/^Bcc:/m);
    expect(mail?.raw).toContain('WARNING  The user stream is down');
    expect(mail?.raw).not.toContain('abcdefgh12345678');
  });

  it('is encrypted and logged in: by STARTTLS, and from the first byte', async ({ skip }) => {
    const tls = makeCertificate();
    if (tls === null) return skip('there is no openssl here');
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, tls.cert]);
    try {
      for (const secure of [false, true]) {
        const server = await start({ tls, secure, login: LOGIN });
        const carried = await carry({ mailPort: server.port, mailSecurity: secure ? 'tls' : 'starttls', mailUser: LOGIN.user }, PASSWORD);
        expect(carried).toEqual({ ok: true, value: undefined });
        expect(server.mails[0]).toMatchObject({ encrypted: true, user: LOGIN.user });
      }
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it('is not sent, nor the password offered, where the certificate is not trusted or the server does not encrypt', async ({ skip }) => {
    const tls = makeCertificate();
    if (tls === null) return skip('there is no openssl here');
    const untrusted = await start({ tls, login: LOGIN });
    const plain = await start({ login: LOGIN });
    for (const server of [untrusted, plain]) {
      const carried = await carry({ mailPort: server.port, mailSecurity: 'starttls', mailUser: LOGIN.user }, PASSWORD);
      expect(carried).toMatchObject({ ok: false, error: { text: expect.stringMatching(/certificate|encrypt/) } });
      expect([server.mails, server.offered]).toEqual([[], []]);
    }
  });

  it.each([
    ['a wrong password', { login: LOGIN }, 'final', /refuses the login \(535\): check alerts.mailUser/],
    ['a refusal for good', { refuses: 550 }, 'final', /refuses the mail \(550\)/],
    ['a refusal for now', { refuses: 451 }, 'again', /does not take the mail now \(451\)/],
  ] as const)('tells of %s, in words without the password or the answer', async (_name, options, kind, words) => {
    const server = await start(options);
    const carried = await carry({ mailPort: server.port, ...('login' in options && { mailUser: LOGIN.user }) }, 'a-wrong-password');
    if (carried.ok) throw new Error('it was taken');
    expect(carried.error).toMatchObject({ kind, text: expect.stringMatching(words) });
    expect(JSON.stringify(carried.error)).not.toMatch(/a-wrong-password|secret answer|no such login/);
  });

  it('to a server that stalls is given up at its deadline, and to none at once', async () => {
    const server = await start({ stalls: true });
    const startedAtMs = performance.now();
    expect(await carry({ mailPort: server.port }, null, AbortSignal.timeout(400))).toMatchObject({ error: { kind: 'again' } });
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(await carry({ mailPort: await freePort() })).toEqual({
      ok: false,
      error: { kind: 'again', text: 'localhost: nobody listens there.' },
    });
  });

  it('without settings or password sends nothing, and never in plain text to another machine', async () => {
    expect(await carry({ mailHost: '-', mailTo: '-' })).toMatchObject({
      error: { kind: 'unset', text: 'Not set in the policy: alerts.mailHost, alerts.mailTo.' },
    });
    expect(await carry({ mailUser: 'me' })).toMatchObject({ error: { kind: 'unset', text: expect.stringContaining('No password') } });
    expect(await carry({ mailHost: 'mail.example.org' })).toMatchObject({ error: { text: expect.stringContaining('this machine only') } });
    const locked = mailCarrier(
      () => readMailSettings({ ...POLICY, mailUser: 'me' }),
      async () => fail('The keychain is locked.'),
      () => 'x',
    );
    expect(await locked.carry([ALERT], AbortSignal.timeout(1000))).toMatchObject({
      error: { kind: 'again', text: 'The keychain is locked.' },
    });
  });
});
