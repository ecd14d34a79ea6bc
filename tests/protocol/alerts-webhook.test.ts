// L4: the webhook against a real server: its two shapes, refusals, trouble that passes, silence; and nothing of its address in any word.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatedAlert } from '../../src-main/alerts/message.ts';
import { readWebhookUrl, webhookBody, webhookCarrier } from '../../src-main/alerts/webhook.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import { freePort, startWebhookServer, status } from '../support/alert-servers.ts';
import type { WebhookServer } from '../support/alert-servers.ts';

const TOKEN = 'T0KEN/that/opens/the/channel';
const ALERT: DatedAlert = {
  severity: 'danger',
  key: 'stop',
  title: 'Emergency stop 3',
  text: 'Tripped by the <!channel> & everyone.',
  atMs: Date.UTC(2026, 10, 20, 14, 50, 2),
};
let server: WebhookServer;
beforeEach(async () => {
  server = await startWebhookServer();
});
afterEach(() => server.close());

const carry = (path: string, signal = AbortSignal.timeout(10_000), alerts: readonly DatedAlert[] = [ALERT]) =>
  webhookCarrier(
    async () => ok(`${server.origin}${path}`),
    () => 'Holdfast PRACTICE conservative',
  ).carry(alerts, signal);

describe('a webhook', () => {
  it('gets JSON in the shape of Slack, in which nobody is called by name', async () => {
    expect(await carry(`/services/${TOKEN}`)).toEqual({ ok: true, value: undefined });
    expect(server.posted).toHaveLength(1);
    expect(server.posted[0]?.path).toBe(`/services/${TOKEN}`);
    expect(server.posted[0]?.headers['content-type']).toBe('application/json');
    expect(server.posted[0]?.body).toEqual({
      text: 'Holdfast PRACTICE conservative\nDANGER  Emergency stop 3: Tripped by the &lt;!channel&gt; &amp; everyone. (2026-11-20 14:50:02 UTC)',
    });
  });

  it('of Discord gets its shape, with mentions switched off and no more than it takes', async () => {
    await carry(
      `/api/webhooks/${TOKEN}`,
      undefined,
      Array.from({ length: 40 }, () => ALERT),
    );
    expect(server.posted[0]?.body).toMatchObject({ allowed_mentions: { parse: [] } });
    const content = String(server.posted[0]?.body['content']);
    expect(content).toMatch(/^Holdfast PRACTICE conservative\nDANGER {2}Emergency stop 3/);
    expect(content).toHaveLength(2000);
  });

  it.each([
    ['a server in trouble', status(503), 'again', /has trouble of its own \(503\)/],
    ['too many messages, with the pause that is asked for', status(429, { 'retry-after': '7' }), 'again', /wants fewer messages/],
    ['a revoked webhook', status(404), 'final', /refuses the message \(404\).*Set its address anew/],
    ['a redirect, which could lead anywhere', status(302, { location: 'http://127.0.0.1:1/' }), 'final', /that is not followed/],
    ['a broken connection', (response: import('node:http').ServerResponse) => response.destroy(), 'again', /the connection broke/],
  ] as const)('tells of %s in words without address or answer', async (_name, answer, kind, words) => {
    server.answer = answer as never;
    const carried = await carry(`/services/${TOKEN}`);
    if (carried.ok) throw new Error('it was taken');
    expect(carried.error).toMatchObject({ kind, text: expect.stringMatching(words) });
    expect(JSON.stringify(carried.error)).not.toMatch(/T0KEN|nobody should repeat/);
    expect(server.posted).toHaveLength(1);
    if (words.source.includes('fewer')) expect(carried.error.waitMs).toBe(7000);
  });

  it('that never answers is given up at its deadline', async () => {
    server.answer = () => undefined;
    const startedAtMs = performance.now();
    const carried = await carry('/services/x', AbortSignal.timeout(300));
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(carried).toMatchObject({ ok: false, error: { kind: 'again', text: expect.stringContaining('did not answer in time') } });
  });

  it('where nobody listens is told by its host alone', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const carried = await webhookCarrier(
      async () => ok(`http://${host}/services/${TOKEN}`),
      () => 'x',
    ).carry([ALERT], AbortSignal.timeout(5000));
    expect(carried).toEqual({ ok: false, error: { kind: 'again', text: `${host}: nobody listens there.` } });
  });

  it('without an address sends nothing, and a keychain in trouble is tried again', async () => {
    const with_ = (address: Parameters<typeof webhookCarrier>[0]) =>
      webhookCarrier(address, () => 'x').carry([ALERT], AbortSignal.timeout(1000));
    expect(await with_(async () => ok(null))).toMatchObject({ error: { kind: 'unset' } });
    expect(await with_(async () => fail('The keychain is locked.'))).toMatchObject({
      error: { kind: 'again', text: 'The keychain is locked.' },
    });
    expect(await with_(async () => ok('nonsense'))).toMatchObject({ error: { kind: 'final' } });
  });
});

describe('an address', () => {
  it.each([
    [`https://hooks.slack.com/services/${TOKEN}`, true],
    ['http://localhost:8080/x', true],
    ['http://[::1]:8080/x', true],
    ['http://hooks.slack.com/services/x', false],
    ['ftp://127.0.0.1/x', false],
    ['https://user:word@hooks.slack.com/x', false],
    [`https://example.org/${'x'.repeat(3000)}`, false],
    ['not an address', false],
  ])('%s is judged, and never repeated', (text, isGood) => {
    const read = readWebhookUrl(text);
    expect(read.ok).toBe(isGood);
    if (!read.ok) expect(read.error).not.toContain(text);
  });

  it('of Discord that ends in /slack is spoken to as Slack', () => {
    expect(webhookBody(new URL('https://discord.com/api/webhooks/1/x'), 'hello')).toContain('"content":"hello"');
    expect(webhookBody(new URL('https://ptb.discord.com/api/webhooks/1/x/slack'), 'hello')).toBe('{"text":"hello"}');
    expect(webhookBody(new URL('https://notdiscord.com/x'), 'hello')).toBe('{"text":"hello"}');
  });
});
