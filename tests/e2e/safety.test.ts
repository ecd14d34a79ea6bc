// The safety page in a real Chromium over the scripted stand-in: what a buy would meet in each state, the breaker's reset, a drill, a
// promotion that is refused, a loosening that waits. By keyboard, in both themes, at every size (issue 4, 6; M5, E7, G, H).
import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHarness } from './harness/window.ts';
import type { Harness, Opened, WindowOptions } from './harness/window.ts';

const PICTURES = 'test-output/screens';
let harness: Harness;
let opened: Opened | undefined;
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  await opened?.page.context().close();
  if (opened !== undefined && opened.problems.length > 0) throw new Error(`Errors in the page: ${opened.problems.join('; ')}`);
});

const open = async (options?: WindowOptions): Promise<Page> => {
  opened = await harness.open(options);
  const { page } = opened;
  await page.getByTestId('trading-state').getByText('ACTIVE').waitFor();
  await page.keyboard.press('Alt+2');
  await page.getByTestId('buy-now-value').getByText('980.14').waitFor();
  return page;
};
const text = (page: Page, testId: string): Promise<string> => page.getByTestId(testId).innerText();
const change = (page: Page, changes: readonly (readonly [string, string, unknown])[]): Promise<unknown> =>
  page.evaluate(`harness.change(${JSON.stringify(changes)})`);
const calls = (page: Page, name: string): Promise<readonly unknown[]> =>
  page.evaluate(`harness.calls.filter((call) => call.name === ${JSON.stringify(name)}).map((call) => call.input)`);
const said = (page: Page, pattern: RegExp): Promise<void> => page.getByTestId('buy-now-text').getByText(pattern).waitFor();

const RESET_BY_YOU = 'A person resets it: the reason, and what broke read back.';
const breakerOpen = async (page: Page): Promise<void> => {
  const breach = { rule: 'daily-drawdown', value: '5.12', limit: '5', text: 'Equity 9488.00 is 5.12 % below the day’s peak of 10000.00.' };
  await change(page, [
    ['safety', 'breaker', { phase: 'OPEN', breach, openedAtMs: Date.now() - 60_000, probeAtMs: null, counters: [] }],
    [
      'safety',
      'trading',
      {
        level: 'REDUCING',
        causes: [{ code: 'BREAKER', level: 'REDUCING', text: 'The circuit breaker is open.', ends: RESET_BY_YOU, untilMs: null }],
      },
    ],
  ]);
};

describe('if you pressed buy now', () => {
  it('says in ACTIVE how much would be sent and what caps it; a market with its own denial says so', async () => {
    const page = await open({ fake: { busy: false } });
    expect(await text(page, 'buy-now-text')).toMatch(
      /^A market buy of up to 0\.01585, worth 980\.14 USDT, would be sent at once; Order value/,
    );
    expect(await text(page, 'buy-now-markets')).toMatch(/BNBUSDT\s+sent\s+980\.14\s+Order value/);
    expect(await calls(page, 'placeOrder')).toEqual([]);
  });

  it('names the first limit that forbids it where one does', async () => {
    const page = await open();
    expect(await text(page, 'buy-now-text')).toMatch(/would be refused.*BTCUSDT has its one position/);
    expect(await text(page, 'buy-now-markets')).toMatch(/BNBUSDT\s+sent/);
    expect(await text(page, 'buy-now-markets')).toMatch(/BTCUSDT\s+refused[\s\S]*C6\.positionsPerSymbol/);
  });

  it('follows the state through REDUCING, HALTED and TRIPPED, with each cause and how it ends', async () => {
    const page = await open({ fake: { busy: false, stopStepMs: 5 } });
    const untilMs = Date.now() + 600_000;
    const losses = { code: 'LOSSES', level: 'REDUCING', text: '3 losses in a row.', ends: 'By itself, when its time is over.', untilMs };
    await change(page, [['safety', 'trading', { level: 'REDUCING', causes: [losses] }]]);
    await said(page, /Only orders that shrink a position are allowed now\. 3 losses in a row/);
    expect(await text(page, 'safety-causes')).toMatch(
      /REDUCING\s+3 losses in a row\.[\s\S]*By itself, when its time is over\.\s+(10:0\d|09:\d\d)/,
    );
    const red = { code: 'SELF_TEST', level: 'HALTED', text: 'Self-test failed: Disk.', ends: 'What is red is mended.', untilMs: null };
    await change(page, [['safety', 'trading', { level: 'HALTED', causes: [red, losses] }]]);
    await said(page, /Trading is halted\. Self-test failed: Disk/);
    expect(await text(page, 'safety-causes')).toMatch(/HALTED\s+Self-test failed: Disk\.[\s\S]*REDUCING\s+3 losses/);
    await page.getByTestId('stop-button').click();
    await said(page, /Emergency stop #3 is tripped/);
    await page.getByText('TRIPPED', { exact: true }).waitFor();
    await page.getByText('the trading state: Cancels still go.').waitFor();
  });

  it('says that it does not know while the view is stale', async () => {
    const page = await open();
    await page.evaluate('harness.cut(true); harness.gap()');
    await said(page, /The console does not answer: what it would say to a buy is not known/);
    expect(await text(page, 'buy-now-value')).toBe('–');
    expect(await page.getByTestId('drill-run').isDisabled()).toBe(true);
  });

  it('asks once a second while the page is looked at, and no longer', async () => {
    const page = await open();
    const before = (await calls(page, 'buyNow')).length;
    await expect.poll(async () => (await calls(page, 'buyNow')).length, { timeout: 5_000 }).toBeGreaterThan(before);
    await page.keyboard.press('Alt+1');
    await page.getByTestId('ticket-qty').waitFor();
    const left = (await calls(page, 'buyNow')).length;
    await page.waitForTimeout(1_500);
    expect((await calls(page, 'buyNow')).length).toBeLessThanOrEqual(left + 1);
  });
});

it('every limit stands with its formula, value and distance, the nearest first', async () => {
  const page = await open();
  const shown = await page
    .getByTestId('safety-limits')
    .locator('li')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-limit')));
  expect(shown.slice(0, 2)).toEqual(['C6.positionsPerSymbol', 'C5.dailyTrades']);
  expect(shown).toHaveLength(16);
  expect(await page.locator('[data-limit="C4.dailyLoss"]').innerText()).toMatch(/0\.00 \/ 500\s+500\.00 left\s+C4\.dailyLoss max\(0/);
});

it('an open breaker is reset by the reason and what broke, read back (D)', async () => {
  const page = await open({ fake: { busy: false } });
  await breakerOpen(page);
  expect(await text(page, 'breaker-breach')).toMatch(/daily-drawdown Equity 9488\.00.*A loss: only a person closes it/);
  await page.getByTestId('breaker-open').press('Enter');
  await page.keyboard.type('The feed printed a wrong price; seen on the exchange.');
  await page.keyboard.press('Tab');
  await page.keyboard.type('weekly-drawdown');
  await page.keyboard.press('Enter');
  await page
    .getByTestId('breaker-dialog')
    .getByText(/What opened the circuit breaker is daily-drawdown, not weekly/)
    .waitFor();
  await page.getByTestId('breaker-rule').fill('daily-drawdown');
  await page.keyboard.press('Enter');
  await page.getByTestId('breaker-dialog').waitFor({ state: 'detached' });
  await page.getByTestId('breaker-phase').getByText('closed', { exact: true }).waitFor();
  await said(page, /would be sent/);
  expect(await calls(page, 'resetBreaker')).toHaveLength(2);
});

it('a drill is run and shown with its age, its times and its receipt (E7)', async () => {
  const page = await open();
  expect(await page.getByText('2 d ago').count()).toBe(1);
  await page.getByTestId('drill-run').click();
  await page.getByText(/^\d+ s ago/).waitFor();
  expect(await text(page, 'drill-state')).toMatch(/passed Verified empty after 61 ms: 6 of 6 orders/);
  await page.getByTestId('drill-receipt').click();
  expect(await text(page, 'drill-dialog')).toMatch(/hf-drill0-000000000006[\s\S]*canceled/);
  await page.getByTestId('drill-dialog').getByText('As JSON, to copy').click();
  const json = JSON.parse(await page.getByTestId('receipt-json').inputValue()) as { readonly hash: string };
  expect(json.hash).toHaveLength(64);
});

it('a promotion is refused with the evidence that is missing, and goes through once it is there (H)', async () => {
  const page = await open();
  expect(await text(page, 'ladder-evidence')).toMatch(/^\s*missing\s+Market regimes[\s\S]*met\s+Trades\s+112 of 100/);
  await page.getByTestId('ladder-open').click();
  expect(await text(page, 'promote-missing')).toMatch(/Market regimes[\s\S]*Order types/);
  await page.getByTestId('promote-submit').click();
  await page.getByText(/Say why it is right to go on/).waitFor();
  await page.getByTestId('promote-why').fill('It has run well.');
  await page.getByTestId('promote-stage').fill('testnet');
  await page.getByTestId('promote-submit').click();
  await page
    .getByTestId('promote-dialog')
    .getByText(/Not promoted\. Not met yet: Market regimes \(2 of 3/)
    .waitFor();
  await page.evaluate(
    `(async () => { const { value } = await window.holdfast.subscribe({}); const ladder = value.view.safety.ladder;
      harness.change([['safety', 'ladder', { ...ladder, canPromote: true, evidence: ladder.evidence.map((item) => ({ ...item, verdict: 'met' })) }]]); })()`,
  );
  await page.getByTestId('promote-submit').click();
  await page.getByTestId('promote-dialog').waitFor({ state: 'detached' });
  expect(await text(page, 'ladder-stage')).toMatch(/^Testnet/);
});

it('a loosening that waits is shown with its clock, and withdrawn (G)', async () => {
  const page = await open();
  expect(await text(page, 'policy-in-force')).toContain('NORMAL');
  await page.evaluate(`window.holdfast.policyPropose({ set: [{ path: 'limits.maxDailyLossUsdt', value: '600' }], why: 'a livelier day' })`);
  const waiting = page.getByTestId('policy-waiting');
  await waiting.waitFor();
  expect(await waiting.innerText()).toMatch(/in force in 1[45]:\d\d[\s\S]*maxDailyLossUsdt\s+500\s+600/);
  await page.getByTestId('policy-withdraw-why').fill('better not');
  await page.getByTestId('policy-withdraw').click();
  await waiting.waitFor({ state: 'detached' });
  await page.getByText('Withdrawn: what is in force stays.').waitFor();
});

it('before anything is known each part says what it waits for', async () => {
  const page = await open({ fake: { busy: false } });
  const gone = ['breaker', 'autoTrip', 'ladder', 'policy', 'drill', 'stop', 'watchdog', 'hotkey', 'selfTest'];
  await change(
    page,
    gone.map((key) => ['safety', key, null] as const),
  );
  const words = await page.locator('.safety').innerText();
  for (const part of [
    /Its counters appear/,
    /Its thresholds appear/,
    /Its stage and evidence/,
    /No policy is read yet/,
    /None yet\. Run one/,
  ])
    expect(words).toMatch(part);
});

it('live numbers move nothing: a second answer leaves every part where it was', async () => {
  const page = await open();
  const places = () =>
    page.locator('.safety .page-section').evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
  const before = await places();
  const asked = (await calls(page, 'buyNow')).length;
  await expect.poll(async () => (await calls(page, 'buyNow')).length, { timeout: 5_000 }).toBeGreaterThan(asked + 4);
  expect(await places()).toEqual(before);
});

it('however far it is walked, the frame stands still: the stop is where it was', async () => {
  const page = await open();
  const box = () => page.getByTestId('stop-button').boundingBox();
  const home = await box();
  // As focus, find in page and assistive technology do it.
  for (const id of ['ladder-stage', 'safety-guards', 'drill-run'])
    await page.getByTestId(id).evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await page.getByTestId('ladder-open').focus();
  expect(await box()).toEqual(home);
  expect(await page.evaluate('document.documentElement.scrollHeight <= window.innerHeight')).toBe(true);
});

describe.each(['dark', 'light'] as const)('%s theme (M5)', (theme) => {
  const fake = { preferences: { theme, palette: 'standard' }, stopStepMs: 5 };

  it('passes axe, with the breaker open, a loosening waiting, and in each dialog', async () => {
    const page = await open({ fake });
    await page.evaluate(axe.source);
    const check = async (where: string) => {
      const found = await page.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })');
      const { violations } = found as { violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[] };
      expect(
        violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`),
      ).toEqual([]);
    };
    await check('active');
    await breakerOpen(page);
    await page.evaluate(`window.holdfast.policyPropose({ set: [{ path: 'limits.maxDailyLossUsdt', value: '600' }], why: 'more' })`);
    await page.getByTestId('policy-waiting').waitFor();
    await check('reducing');
    for (const [button, dialog] of [
      ['breaker-open', 'breaker-dialog'],
      ['ladder-open', 'promote-dialog'],
      ['drill-receipt', 'drill-dialog'],
    ] as const) {
      await page.getByTestId(button).click();
      await page.getByTestId(dialog).waitFor();
      await check(dialog);
      await page.keyboard.press('Escape');
    }
  });

  it.each([
    [1280, 800],
    [1920, 1080],
    // 1280 × 800 at 200 % zoom.
    [640, 400],
  ])('fits %i × %i: nothing runs out of the window', async (width, height) => {
    const page = await open({ width, height, fake });
    await breakerOpen(page);
    await page.screenshot({ path: `${PICTURES}/${theme}-${width}x${height}-safety.png` });
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    const wide = await page.locator('.safety *').evaluateAll((all) => {
      const edge = document.querySelector('.safety')?.getBoundingClientRect().right ?? 0;
      return all
        .filter((one) => one.getBoundingClientRect().right > edge + 1 && !one.closest('.visually-hidden'))
        .map((one) => one.outerHTML.slice(0, 120));
    });
    expect(wide).toEqual([]);
  });
});
