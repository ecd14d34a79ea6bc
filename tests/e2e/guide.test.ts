// The guide in a real Chromium over the scripted stand-in (M3, P): read, searched, followed, reached from what it explains; both themes.
import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GUIDE_PAGES } from '../../src-shared/domain/guide.ts';
import { startHarness } from './harness/window.ts';
import type { Harness, Opened, WindowOptions } from './harness/window.ts';

const PICTURES = 'test-output/screens';
let harness: Harness;
const opened: Opened[] = [];
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  for (const { page, problems } of opened.splice(0)) {
    await page.context().close();
    if (problems.length > 0) throw new Error(`Errors in the page: ${problems.join('; ')}`);
  }
});

const open = async (options?: WindowOptions): Promise<Page> => {
  const window = await harness.open(options);
  opened.push(window);
  await window.page.getByTestId('trading-state').getByText('ACTIVE').waitFor();
  return window.page;
};
const openGuide = async (options?: WindowOptions): Promise<Page> => {
  const page = await open(options);
  await page.getByTestId('nav-guide').click();
  await page.getByRole('heading', { name: 'Emergency procedure' }).waitFor();
  return page;
};
/** The element with the focus, by its text. */
const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
const isInView = (page: Page, name: string): Promise<boolean> =>
  page.getByRole('heading', { name, exact: true }).evaluate((heading) => {
    const { top, bottom } = heading.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });

it('opens at the emergency procedure, follows a link to a section of another page, and puts the keyboard there', async () => {
  const page = await openGuide();
  await page.getByRole('article').getByRole('link', { name: 'the runbook' }).click();
  await page.getByRole('heading', { name: 'Incident runbook' }).waitFor();
  await expect.poll(() => focused(page)).toBe('The journal is broken');
  expect(await isInView(page, 'The journal is broken')).toBe(true);
  expect(page.url()).not.toContain('#');
});

it('finds the sections with every word, and Enter opens the first', async () => {
  const page = await openGuide();
  await page.getByTestId('guide-search').fill('clock is OFF');
  expect(await page.getByTestId('guide-found').innerText()).toMatch(/^Incident runbook: The clock is off/);
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('The clock is off');
  await page.getByTestId('guide-search').fill('zebra crossing');
  await page.getByText('Nothing in the guide has all of these words').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByTestId('guide-search').inputValue()).toBe('');
  await page.getByRole('heading', { name: 'Incident runbook' }).waitFor();
});

it('is reached by keys alone: the page by Alt and its number, a page of the guide by the palette, the reading by Tab', async () => {
  const page = await open();
  const number = await page
    .locator('[data-testid^="nav-"]')
    .evaluateAll((items) => items.findIndex((item) => item.dataset['testid'] === 'nav-guide'));
  await page.keyboard.press(`Alt+${number + 1}`);
  await page.getByTestId('guide-search').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('guide backup');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Backup and restore');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('guide stream down');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('A stream is down or silent');
  await page.getByRole('article').focus();
  await page.keyboard.press('End');
  await expect.poll(() => page.getByRole('article').evaluate((article) => article.scrollTop)).toBeGreaterThan(200);
});

it('shows every page whole, with nothing but its own elements', async () => {
  const page = await openGuide();
  for (const name of GUIDE_PAGES) {
    await page.locator(`.guide-page-link[href="#guide/${name}"]`).click();
    await page.locator(`[id="guide-${name}"]`).waitFor();
    const { words, strangers } = await page.getByRole('article').evaluate((article) => ({
      words: article.textContent?.length ?? 0,
      strangers: [...article.querySelectorAll('*')]
        .map((each) => each.tagName.toLowerCase())
        .filter((tag) => /^(img|script|iframe|object|embed|style|form|input)$/.test(tag)),
    }));
    expect(words, name).toBeGreaterThan(1_500);
    expect(strangers).toEqual([]);
    // Marks that were not taken for what they are.
    expect(await page.getByRole('article').innerText()).not.toMatch(/\*\*|\]\(|^#+ /m);
  }
});

describe('what is on screen leads to what explains it', () => {
  it('a denial, to its rule', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.025');
    await page.screenshot({ path: `${PICTURES}/guide-help-denial.png` });
    await page.getByTestId('ticket-denial').getByRole('button', { name: 'The guide about this rule' }).click();
    await expect.poll(() => focused(page)).toBe('C1 Order value');
    await page.keyboard.press('Alt+1');
    expect(await page.getByTestId('ticket-qty').inputValue()).toBe('0.025');
  });

  it('the cause that trading is restricted for, to what ends it', async () => {
    const page = await open();
    await page.getByTestId('stop-button').click();
    await page.getByTestId('trading-state').getByText('HALTED').waitFor();
    await page.screenshot({ path: `${PICTURES}/guide-help-halted.png` });
    await page.getByRole('button', { name: 'The guide about why, and how it ends' }).click();
    await expect.poll(() => focused(page)).toBe('The emergency stop is tripped');
  });

  it('a group of the policy, to its fields', async () => {
    const page = await open();
    await page.getByTestId('nav-policy').click();
    await page.screenshot({ path: `${PICTURES}/guide-help-policy.png` });
    await page.getByTestId('policy-group-limits').getByRole('button', { name: 'The guide about the fields of limits' }).click();
    await expect.poll(() => focused(page)).toBe('limits');
  });
});

describe.each(['dark', 'light'] as const)('%s theme', (theme) => {
  const fake = { preferences: { theme, palette: 'standard' } };

  it('passes axe on its longest pages and on a search', async () => {
    const page = await openGuide({ fake });
    await page.evaluate(axe.source);
    const check = async (where: string) => {
      const found = await page.evaluate(() =>
        Reflect.get(window, 'axe').run(document.querySelector('main'), {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        }),
      );
      expect(
        (found.violations as readonly { id: string; nodes: readonly { html: string }[] }[]).map(
          ({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`,
        ),
      ).toEqual([]);
    };
    await check('emergency');
    for (const name of ['runbook', 'safety-settings', 'kill-switch', 'mainnet-checklist']) {
      await page.locator(`.guide-page-link[href="#guide/${name}"]`).click();
      await page.locator(`[id="guide-${name}"]`).waitFor();
      await check(name);
    }
    await page.getByTestId('guide-search').fill('stop');
    await page.getByTestId('guide-found').waitFor();
    await check('search');
  });

  it.each([
    [1280, 800],
    [1920, 1080],
    [640, 400],
  ])('fits %d×%d, nothing cut off', async (width, height) => {
    const page = await openGuide({ fake, width, height });
    for (const name of ['emergency', 'runbook', 'safety-settings', 'kill-switch']) {
      await page.locator(`.guide-page-link[href="#guide/${name}"]`).click();
      await page.locator(`[id="guide-${name}"]`).waitFor();
      await page.screenshot({ path: `${PICTURES}/guide-${name}-${theme}-${width}x${height}.png` });
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      const wide = await page.getByRole('article').evaluate((article) => article.scrollWidth - article.clientWidth);
      expect(wide, name).toBeLessThanOrEqual(0);
    }
    await page.getByTestId('guide-search').fill('watchdog');
    await page.screenshot({ path: `${PICTURES}/guide-search-${theme}-${width}x${height}.png` });
  });
});
