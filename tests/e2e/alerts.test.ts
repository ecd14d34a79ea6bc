// The Alerts page and the sound in a real Chromium over the scripted stand-in (L4): the ways and their state, the test, what goes inward
// only, and what is heard of what is raised.
import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { AlertView } from '../../src-shared/contract/view.ts';
import { startHarness } from './harness/window.ts';
import type { Harness, Opened } from './harness/window.ts';

let harness: Harness;
let opened: Opened | undefined;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  await opened?.page.context().close();
  if (opened !== undefined && opened.problems.length > 0) throw new Error(`Errors in the page: ${opened.problems.join('; ')}`);
});

const open = async (): Promise<Page> => {
  opened = await harness.open();
  const { page } = opened;
  await page.getByTestId('trading-state').getByText('ACTIVE').waitFor();
  await page.getByTestId('nav-alerts').click();
  await page.getByTestId('alerts-field-alerts.mailHost').waitFor();
  return page;
};
const calls = (page: Page, name: string): Promise<unknown> =>
  page.evaluate(`window.harness.calls.filter((call) => call.name === ${JSON.stringify(name)}).map((call) => call.input)`);
const raise = (page: Page, key: string, alert: Partial<AlertView>): Promise<unknown> => {
  const whole: AlertView = { atMs: Date.now(), severity: 'danger', title: 'A title', text: 'Some words.', times: 1, ...alert };
  return page.evaluate(`window.harness.change([['alerts', ${JSON.stringify(key)}, ${JSON.stringify(whole)}]])`);
};

it('shows each way with its state, tests them all, and says what came of it', async () => {
  const page = await open();
  expect(await page.getByTestId('alerts-way-webhook').innerText()).toMatch(
    /failing\s+Webhook[\s\S]*hooks\.example\.org: nobody listens there\.[\s\S]*2 waiting, 1 lost/,
  );
  expect(await page.getByTestId('alerts-way-mail').innerText()).toMatch(/not set up\s+Mail[\s\S]*alerts\.mailHost/);
  await page.getByTestId('alerts-test').click();
  const results = page.getByTestId('alerts-results');
  await results.waitFor();
  expect(await results.innerText()).toMatch(
    /Sound: sent[\s\S]*Webhook: failed\. hooks\.example\.org: nobody listens there\.[\s\S]*Mail: not sent/,
  );
});

it('sets levels and mail through the policy, and hands secrets inward without keeping them', async () => {
  const page = await open();
  await page.getByTestId('alerts-level-sound').selectOption('off');
  await page.getByTestId('alerts-said').getByText('Saved').waitFor();
  await page.getByTestId('alerts-field-alerts.mailHost').fill('mail.example.org');
  await page.getByTestId('alerts-field-alerts.mailPort').fill('465');
  await page.getByTestId('alerts-save').click();
  await expect
    .poll(() => calls(page, 'policyPropose'))
    .toEqual([
      { set: [{ path: 'alerts.sound', value: 'off' }], why: 'on the Alerts page' },
      {
        set: [
          { path: 'alerts.mailHost', value: 'mail.example.org' },
          { path: 'alerts.mailPort', value: '465' },
        ],
        why: 'on the Alerts page',
      },
    ]);
  await expect.poll(() => page.getByTestId('alerts-field-alerts.mailHost').inputValue()).toBe('mail.example.org');
  await page.getByTestId('alerts-secret-webhook').fill('https://hooks.example.org/a-token');
  await page.getByTestId('alerts-store-webhook').click();
  await page.getByTestId('alerts-said').getByText('cannot be read back').waitFor();
  expect(await page.getByTestId('alerts-secret-webhook').inputValue()).toBe('');
  expect(await calls(page, 'setAlertSecret')).toEqual([{ name: 'webhook', secret: 'https://hooks.example.org/a-token' }]);
  expect(await page.content()).not.toContain('a-token');
});

it('counts what was raised again, and shows its newest words', async () => {
  const page = await open();
  await raise(page, 'stream:user', { severity: 'warning', title: 'The user stream is down', text: 'For the fourth time.', times: 4 });
  const raised = page.getByTestId('alerts-raised');
  await raised.waitFor();
  expect(await raised.innerText()).toMatch(/warning: The user stream is down\s+4 times, the newest: For the fourth time\./);
});

it('plays a sound for what is new or worse, not for its repetition, its end or old news, and none when the trader wants none', async () => {
  const page = await open();
  await page.evaluate(`
    window.tones = [];
    const Real = window.OscillatorNode;
    window.OscillatorNode = class extends Real {
      constructor(context, options) { super(context, options); window.tones.push(options.frequency); }
    };
  `);
  const tones = (): Promise<unknown> => page.evaluate('window.tones.length');
  await raise(page, 'stop', { title: 'Emergency stop 3' });
  await expect.poll(tones).toBe(4);
  await raise(page, 'stop', { text: 'again', times: 2 });
  await raise(page, 'stop', { severity: 'good', text: 'over' });
  await raise(page, 'old', { atMs: Date.now() - 3_600_000 });
  await raise(page, 'stream:user', { severity: 'warning' });
  await expect.poll(tones).toBe(6);
  await page.evaluate(
    `window.harness.change([['safety', 'alerting', { outlets: [{ outlet: 'sound', level: 'off', status: 'off', text: '', deliveredAtMs: null, waiting: 0, lost: 0 }] }]])`,
  );
  await raise(page, 'journal', { title: 'The journal is broken' });
  await page.getByTestId('alerts-raised').getByText('The journal is broken').waitFor();
  expect(await tones()).toBe(6);
});

it('is accessible', async () => {
  const page = await open();
  await raise(page, 'stream:user', { severity: 'warning', times: 2 });
  await page.evaluate(axe.source);
  const found = await page.evaluate('axe.run(document.querySelector("main"))');
  expect(
    (found as { violations: readonly { id: string; nodes: readonly { html: string }[] }[] }).violations.map(({ id, nodes }) => [
      id,
      nodes[0]?.html,
    ]),
  ).toEqual([]);
});
