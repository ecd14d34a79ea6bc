// The policy editor in a real Chromium over the scripted stand-in (G): the difference before it is saved, the countdown, the withdrawal.
import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
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
  await page.keyboard.press('Alt+7');
  await page.getByTestId('policy-compare').waitFor();
  return page;
};
const save = async (page: Page, why: string): Promise<void> => {
  await page.getByTestId('policy-save-why').fill(why);
  await page.getByTestId('policy-save').click();
};

it('shows the difference before it saves, takes what tightens at once and lets what loosens wait until it is withdrawn', async () => {
  const page = await open();
  await page.getByTestId('policy-field-limits.maxDailyTrades').fill('50');
  await page.getByTestId('policy-field-limits.maxDailyLossUsdt').fill('600');
  await page.getByTestId('policy-compare').click();
  const diff = page.getByTestId('policy-diff');
  await diff.waitFor();
  expect(await diff.innerText()).toMatch(
    /maxDailyLossUsdt\s+500\s+600\s+loosens: waits[\s\S]*maxDailyTrades\s+100\s+50\s+tightens: at once/,
  );
  await save(page, 'a calmer day');
  const waiting = page.getByTestId('policy-waiting');
  await waiting.waitFor();
  expect(await page.getByTestId('policy-countdown').innerText()).toMatch(/in force in 1[45]:\d\d/);
  expect(await waiting.innerText()).toContain('maxDailyLossUsdt');
  expect(await waiting.innerText()).not.toContain('maxDailyTrades');
  expect(await page.getByTestId('policy-field-limits.maxDailyTrades').inputValue()).toBe('50');
  await page.getByTestId('policy-withdraw-why').fill('better not');
  await page.getByTestId('policy-withdraw').click();
  await waiting.waitFor({ state: 'detached' });
  expect(await page.getByTestId('policy-field-limits.maxDailyLossUsdt').inputValue()).toBe('500');
});

it('compares with a profile, and says what is wrong with what was typed', async () => {
  const page = await open();
  await page.getByTestId('policy-profile-DEFENSIVE').click();
  const diff = page.getByTestId('policy-diff');
  await diff.waitFor();
  expect(await diff.innerText()).toContain('exposure.maxLeverage');
  expect(await diff.innerText()).not.toContain('loosens');
  await page.getByTestId('policy-discard').click();
  await diff.waitFor({ state: 'detached' });
  await page.getByTestId('policy-field-limits.maxDailyTrades').fill('many');
  await page.getByTestId('policy-compare').click();
  await page.getByTestId('policy-said').getByText('limits.maxDailyTrades must be a whole number').waitFor();
});

it('is accessible, with every group open', async () => {
  const page = await open();
  await page.evaluate('document.querySelectorAll(".policy-group").forEach((group) => (group.open = true))');
  await page.evaluate(axe.source);
  const found = await page.evaluate('axe.run(document.querySelector("main"))');
  expect(
    (found as { violations: readonly { id: string; nodes: readonly { html: string }[] }[] }).violations.map(({ id, nodes }) => [
      id,
      nodes[0]?.html,
    ]),
  ).toEqual([]);
});
