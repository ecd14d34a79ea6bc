// Alerts by mail, through the trader's own mail server (SMTP). Nothing travels in plain text but to this machine itself, and what a server
// answers is never repeated: of a failure only its number and its meaning are told.
import { getSystemErrorName } from 'node:util';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { codeOf, meaningOf } from './carrier.ts';
import type { Carrier, CarryFailure } from './carrier.ts';
import { headOf, linesOf } from './message.ts';

export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` is asked for and insisted on; `none` goes to this machine only. */
  readonly security: 'tls' | 'starttls' | 'none';
  /** Null: the server takes mail without a login. */
  readonly user: string | null;
  readonly from: string;
  readonly to: readonly string[];
}

/** The policy's word for an empty field. */
const NONE = '-';
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3})$/;
const CONNECT_TIMEOUT_MS = 5_000;
const SILENCE_TIMEOUT_MS = 8_000;

export interface MailPolicy {
  readonly mailHost: string;
  readonly mailPort: number;
  readonly mailSecurity: MailSettings['security'];
  readonly mailUser: string;
  readonly mailFrom: string;
  readonly mailTo: string;
}

/** The settings, or in words which are missing or contradict each other. */
export const readMailSettings = (policy: MailPolicy): Result<MailSettings, string> => {
  const { mailHost, mailPort, mailSecurity, mailUser, mailFrom, mailTo } = policy;
  const missing = [
    mailHost === NONE && 'alerts.mailHost',
    mailFrom === NONE && 'alerts.mailFrom',
    mailTo === NONE && 'alerts.mailTo',
  ].filter((name) => name !== false);
  if (missing.length > 0) return fail(`Not set in the policy: ${missing.join(', ')}.`);
  if (mailSecurity === 'none' && !LOOPBACK.test(mailHost))
    return fail('alerts.mailSecurity is none: then mail goes to this machine only. Set starttls or tls.');
  const user = mailUser === NONE ? null : mailUser;
  const to = mailTo.split(/[ ,]+/).filter((address) => address !== '');
  return ok({ host: mailHost, port: mailPort, security: mailSecurity, user, from: mailFrom, to });
};

const numberOf = (error: unknown): number | null =>
  error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;

/** The library puts a code of its own in the place of the first one: what the system or TLS said is found again. */
const firstCodeOf = (error: unknown): string => {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno < 0)
    return getSystemErrorName(error.errno);
  return error instanceof Error && error.message.includes('certificate') ? 'CERT' : codeOf(error);
};

const failureOf = (host: string, error: unknown): CarryFailure => {
  const [code, number] = [firstCodeOf(error), numberOf(error)];
  const answer = number === null ? '' : ` (${number})`;
  if (code === 'EAUTH') return { kind: 'final', text: `${host} refuses the login${answer}: check alerts.mailUser and the mail password.` };
  if (code === 'ETLS')
    return { kind: 'final', text: `${host} does not encrypt as alerts.mailSecurity asks, or its certificate is not trusted.` };
  if (number !== null)
    return number >= 500
      ? { kind: 'final', text: `${host} refuses the mail${answer}: check its sender and receivers.` }
      : { kind: 'again', text: `${host} does not take the mail now${answer}.` };
  return { kind: 'again', text: `${host}: ${meaningOf(code)}.` };
};

/**
 * @param settings as the policy has them, or in words what is missing
 * @param password null while none is set, or why that cannot be known
 * @param from which console speaks, as `Holdfast PRACTICE conservative`
 */
export const mailCarrier = (
  settings: () => Result<MailSettings, string>,
  password: () => Promise<Result<string | null, string>>,
  from: () => string,
): Carrier => ({
  async carry(alerts, signal) {
    if (signal.aborted) return fail({ kind: 'again', text: 'There was no time for it.' });
    const read = settings();
    if (!read.ok) return fail({ kind: 'unset', text: read.error });
    const { host, port, security, user } = read.value;
    const found = user === null ? ok(null) : await password();
    if (!found.ok) return fail({ kind: 'again', text: found.error });
    if (user !== null && found.value === null) return fail({ kind: 'unset', text: 'No password is set for alerts.mailUser.' });
    // Loaded with the first mail: most consoles never send one.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user !== null && { auth: { user, pass: found.value ?? '' } }),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const late = new Promise<'late'>((resolve) => signal.addEventListener('abort', () => resolve('late'), { once: true }));
    try {
      const text = `${[from(), '', ...linesOf(alerts)].join('\n')}\n`;
      const sent = transport.sendMail({ from: read.value.from, to: [...read.value.to], subject: `${from()} ${headOf(alerts)}`, text });
      // Whoever is late may still be heard: its own failure is nobody's any more.
      sent.catch(() => undefined);
      const outcome = await Promise.race([sent, late]);
      return outcome === 'late' ? fail({ kind: 'again', text: `${host}: it did not answer in time.` }) : ok(undefined);
    } catch (error) {
      return fail(failureOf(host, error));
    } finally {
      transport.close();
    }
  },
});
