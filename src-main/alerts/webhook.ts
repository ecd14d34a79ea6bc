// Alerts to a webhook, in the shape that its address asks for: Discord's, else Slack's (which Mattermost and others take as well). Its
// address is a secret: only the host is ever said. No redirect is followed, and nothing of an answer is read but its status.
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { codeOf, meaningOf } from './carrier.ts';
import type { Carrier, CarryFailure } from './carrier.ts';
import { linesOf } from './message.ts';

const MAX_URL_CHARS = 2_000;
const MAX_SLACK_CHARS = 12_000;
const MAX_DISCORD_CHARS = 2_000;
const MAX_WAIT_MS = 60_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A webhook's address as it was pasted, or in words what is wrong with it; never its text. */
export const readWebhookUrl = (text: string): Result<URL, string> => {
  const trimmed = text.trim();
  const url = trimmed.length <= MAX_URL_CHARS && URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (url === null) return fail('This is no address. Paste the webhook’s whole address, as https://hooks.slack.com/services/…');
  if (url.username !== '' || url.password !== '') return fail('The address must not carry a user or a password.');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return ok(url);
  return fail('The address must begin with https:// (http:// is for this machine alone).');
};

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** Nobody is called by name and nothing becomes a link: the words come from an exchange and from people. */
const slack = (text: string): unknown => ({
  text: cut(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'), MAX_SLACK_CHARS),
});
const discord = (text: string): unknown => ({ content: cut(text, MAX_DISCORD_CHARS), allowed_mentions: { parse: [] } });

const isDiscord = ({ hostname, pathname }: URL): boolean =>
  (/(?:^|\.)discord(?:app)?\.com$/.test(hostname) || pathname.startsWith('/api/webhooks/')) && !pathname.endsWith('/slack');

/** The body of the request, by address. */
export const webhookBody = (url: URL, text: string): string => JSON.stringify((isDiscord(url) ? discord : slack)(text));

const waitOf = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? '');
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(MAX_WAIT_MS, seconds * 1000) : undefined;
};

const refusalOf = (host: string, response: Response): CarryFailure => {
  const { status } = response;
  const waitMs = waitOf(response);
  if (status === 429) return { kind: 'again', text: `${host} wants fewer messages (429).`, ...(waitMs !== undefined && { waitMs }) };
  if (status >= 500 || status === 408) return { kind: 'again', text: `${host} has trouble of its own (${status}).` };
  if (status >= 300 && status < 400) return { kind: 'final', text: `${host} sends elsewhere (${status}), and that is not followed.` };
  return { kind: 'final', text: `${host} refuses the message (${status}): the webhook may have been revoked. Set its address anew.` };
};

/**
 * @param address the webhook's address, null while none is set, or why that cannot be known
 * @param from which console speaks, as `Holdfast PRACTICE conservative`
 */
export const webhookCarrier = (address: () => Promise<Result<string | null, string>>, from: () => string): Carrier => ({
  async carry(alerts, signal) {
    const found = await address();
    if (!found.ok) return fail({ kind: 'again', text: found.error });
    if (found.value === null) return fail({ kind: 'unset', text: 'No address is set.' });
    const url = readWebhookUrl(found.value);
    if (!url.ok) return fail({ kind: 'final', text: url.error });
    const { host } = url.value;
    try {
      const response = await fetch(url.value, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', 'user-agent': 'Holdfast' },
        body: webhookBody(url.value, [from(), ...linesOf(alerts)].join('\n')),
        signal,
      });
      await response.body?.cancel();
      return response.ok ? ok(undefined) : fail(refusalOf(host, response));
    } catch (error) {
      const why = signal.aborted ? 'it did not answer in time' : meaningOf(codeOf(error));
      return fail({ kind: 'again', text: `${host}: ${why}.` });
    }
  },
});
