import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHarness } from './harness/window.ts';
import type { Harness, Opened, WindowOptions } from './harness/window.ts';

// The window alone, in a real Chromium, over the scripted stand-in: what a person sees and can do, theme by theme, key by key.
let harness: Harness;
const opened: Opened[] = [];
const PICTURES = 'test-output/screens';

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(async () => {
  for (const { page, problems } of opened.splice(0)) {
    await page.context().close();
    if (problems.length > 0) throw new Error(`Errors or policy violations in the page: ${problems.join('; ')}`);
  }
});

const open = async (options?: WindowOptions): Promise<Page> => {
  const window = await harness.open(options);
  opened.push(window);
  await window.page.getByTestId('trading-state').getByText('ACTIVE').waitFor();
  return window.page;
};
const text = (page: Page, testId: string) => page.getByTestId(testId).innerText();
const calls = (page: Page, name: string): Promise<readonly unknown[]> =>
  page.evaluate(
    (wanted) =>
      Reflect.get(window, 'harness')
        .calls.filter((call: { name: string }) => call.name === wanted)
        .map((call: { input: unknown }) => call.input),
    name,
  );
const ask = (page: Page, script: string) => page.evaluate(script);
const until = (page: Page, testId: string, pattern: RegExp) => page.getByTestId(testId).getByText(pattern).first().waitFor();

describe('trading by keyboard alone (M2)', () => {
  it('places a limit order from Alt B to Enter without a pointer', async () => {
    const page = await open();
    await page.keyboard.press('Alt+B');
    await page.keyboard.type('0.0159');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.type('61830');
    await page.keyboard.press('ArrowDown');
    await until(page, 'ticket-place', /^Buy 0\.01591 BTC ≈ 983\.72 USDT$/);
    await page.keyboard.press('Enter');
    await page.getByText(/Placed as hf-/).waitFor();
    expect(await calls(page, 'placeOrder')).toEqual([
      { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', qty: '0.01591', price: '61829.99', timeInForce: 'GTC' },
    ]);
    await page.getByTestId('tab-orders').click();
    await until(page, 'orders-table', /61\s829\.99/);
  });

  it('walks side, type, time in force, size, price, exits, reduce only, place in that order', async () => {
    const page = await open();
    await page.getByTestId('ticket-side-buy').focus();
    await page.keyboard.press('ArrowRight');
    const walked: (string | null)[] = [];
    for (let step = 0; step < 7; step += 1) {
      walked.push(await page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null));
      await page.keyboard.press('Tab');
    }
    expect(walked).toEqual([
      'ticket-side-sell',
      'ticket-type',
      'ticket-tif',
      'ticket-qty',
      'ticket-price',
      'ticket-reduce-only',
      'ticket-place',
    ]);
    await page.getByTestId('ticket-side-buy').click();
    await page.getByTestId('ticket-price').focus();
    for (const next of ['ticket-stop-loss', 'ticket-take-profit', 'ticket-reduce-only']) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(next);
    }
  });

  it('fills by letters and clears by Escape', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').press('b');
    await page.getByTestId('ticket-qty').press('m');
    expect(Number(await page.getByTestId('ticket-price').inputValue())).toBeGreaterThan(60_000);
    expect(await page.getByTestId('ticket-qty').inputValue()).toMatch(/^0\.0161\d$/);
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('ticket-qty').inputValue()).toBe('');
  });

  it('buys at market by an amount to spend', async () => {
    const page = await open();
    await page.getByTestId('ticket-type').selectOption('MARKET');
    await page.getByTestId('ticket-qty').press('u');
    await page.keyboard.type('250');
    await until(page, 'ticket-place', /^Buy for 250\.00 USDT ≈ 0\.00404 BTC$/);
    await page.keyboard.press('Enter');
    await page.getByText(/Placed as/).waitFor();
    expect(await calls(page, 'placeOrder')).toEqual([{ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteQty: '250' }]);
  });
});

describe('exits and protection (B1, B5, B6)', () => {
  it('places an entry with both exits in one go, as percent of the entry, and says so on the button', async () => {
    const page = await open();
    await page.keyboard.press('Alt+B');
    await page.keyboard.type('0.0159');
    await page.getByTestId('ticket-price').fill('61000');
    await page.getByTestId('ticket-stop-loss').fill('2%');
    await page.getByTestId('ticket-take-profit').fill('63000');
    await until(page, 'ticket-place', /^Buy 0\.0159 BTC ≈ 969\.90 USDT, stop 59\s780, target 63\s000$/);
    await page.getByText(/at 59\s780, −19\.40/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/Placed as hf-/).waitFor();
    expect(await calls(page, 'placeOrder')).toMatchObject([{ exits: { stopLoss: '59780', takeProfit: '63000' } }]);
  });

  it('sizes by the risk down to the stop', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').fill('61000');
    await page.getByTestId('ticket-by-risk').click();
    await until(page, 'notice', /enter the stop first/);
    await page.getByTestId('ticket-stop-loss').fill('60000');
    await page.getByTestId('ticket-qty').press('r');
    await until(page, 'notice', /Risks 200\.00 USDT/);
    expect(await page.getByTestId('ticket-qty').inputValue()).toBe('0.20000');
    expect(await calls(page, 'sizeByRisk')).toEqual([{ symbol: 'BTCUSDT', side: 'BUY', stopPrice: '60000', price: '61000' }]);
  });

  it('places an OCO, shown as two orders that belong together', async () => {
    const page = await open();
    await page.getByTestId('ticket-side-sell').click();
    await page.getByTestId('ticket-type').selectOption('OCO');
    await page.getByTestId('ticket-qty').fill('0.016');
    await page.getByTestId('ticket-price').fill('62300');
    await page.getByTestId('ticket-stop-price').fill('60100');
    await until(page, 'ticket-place', /limit 62\s300 or stop 60\s100$/);
    await page.keyboard.press('Enter');
    await page.getByText(/Placed as hf-/).waitFor();
    expect(await calls(page, 'placeOco')).toEqual([{ symbol: 'BTCUSDT', side: 'SELL', qty: '0.016', price: '62300', stopPrice: '60100' }]);
    await page.getByTestId('tab-orders').click();
    await until(page, 'orders-table', /stop · OCO/);
    await until(page, 'orders-table', /limit · OCO/);
  });

  it('shows what guards a position, red where nothing does, and changes it by keyboard', async () => {
    const page = await open();
    await until(page, 'positions-table', /60\s600 – 63\s000/);
    await until(page, 'positions-table', /unprotected for \d+ s/);
    expect(await page.getByTestId('protect-ETHUSDT').locator('.bad').count()).toBe(1);
    await page.getByTestId('protect-ETHUSDT').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('protect-stop').fill('2%');
    await page.getByText(/sells at 2\s382\.55/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('protect-dialog').waitFor({ state: 'detached' });
    expect(await calls(page, 'protectPosition')).toEqual([{ symbol: 'ETHUSDT', plan: { stopLoss: '2382.55' } }]);
    await page.getByTestId('protect-ETHUSDT').click();
    await page.getByTestId('protect-off').click();
    await page.getByTestId('protect-dialog').waitFor({ state: 'detached' });
    expect(await calls(page, 'protectPosition')).toHaveLength(2);
    await page.getByTestId('protect-ETHUSDT').getByText('unprotected').waitFor();
  });

  it('changes an open order in one request, and offers it only before it has filled', async () => {
    const page = await open();
    await page.getByTestId('tab-orders').click();
    const partly = page.getByRole('row').filter({ hasText: 'limit post-only reduce' });
    expect(await partly.getByRole('button', { name: 'Change' }).count()).toBe(0);
    await page.getByRole('row').filter({ hasText: '61 500.00' }).getByRole('button', { name: 'Change' }).click();
    expect(await page.getByTestId('change-qty').inputValue()).toBe('0.00800');
    expect(await page.getByTestId('change-send').isDisabled()).toBe(true);
    await page.getByTestId('change-price').fill('61400');
    await page.keyboard.press('Enter');
    await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
    expect(await calls(page, 'replaceOrder')).toMatchObject([{ price: '61400' }]);
  });

  it('asks before a position is sold, where the policy asks, and says that its guard goes first', async () => {
    const page = await open({ fake: { confirmOrders: true } });
    await page.getByTestId('close-BTCUSDT').click();
    await page.getByText(/Sell 0\.016.* at market, reduce-only.*protection is taken off first/).waitFor();
    expect(await calls(page, 'placeOrder')).toEqual([]);
    await page.getByTestId('close-confirm').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await calls(page, 'placeOrder')).toMatchObject([{ side: 'SELL', type: 'MARKET', reduceOnly: true }]);
  });
});

describe('the books and the journal (I, L1, M3)', () => {
  it('shows local, exchange and action, now and in the past, and compares on demand', async () => {
    const page = await open();
    await page.getByTestId('nav-reconciliation').click();
    await until(page, 'differences', /77120/);
    await until(page, 'reconciliation-history', /the account stream was away/);
    await page.getByText(/the next in 0\d:\d\d/).waitFor();
    await page.getByTestId('run-reconcile').click();
    expect(await calls(page, 'reconcile')).toHaveLength(1);
    await page.getByText(/· start ·/).click();
    await page.getByText('adopted as foreign').waitFor();
  });

  it('reads the journal back in pages, finds words, and takes up new facts without a hole', async () => {
    const page = await open();
    await page.getByTestId('nav-journal').click();
    const first = (await calls(page, 'journalPage'))[0] as { count: number };
    await page.getByText(new RegExp(`${first.count} of ${first.count} read`)).waitFor();
    await page.getByTestId('journal-older').click();
    await page.getByText(new RegExp(`${first.count * 2} of ${first.count * 2} read`)).waitFor();
    await page.getByTestId('journal-search').fill('filled btcusdt');
    await page.getByText(new RegExp(`${(first.count * 2) / 3} of ${first.count * 2} read`)).waitFor();
    await page.getByTestId('journal-search').fill('');
    await ask(page, 'window.holdfast.cancelAll({})');
    await page.getByText(new RegExp(`${first.count * 2 + 1} of ${first.count * 2 + 1} read`)).waitFor();
    expect((await calls(page, 'journalPage')).at(-1)).toMatchObject({ fromSeq: expect.any(Number) });
  });

  it('replays the console as of a fact, says REPLAY all the time, and leaves the stop where it is', async () => {
    const page = await open();
    await page.getByTestId('nav-journal').click();
    await page.getByTestId('journal-replay').click();
    await until(page, 'replay', /REPLAY, read-only/);
    await until(page, 'replay', /0\.016/);
    await page.getByTestId('replay-slider').fill('100');
    await until(page, 'replay', /as of fact 100/);
    await until(page, 'replay', /No position\./);
    expect(await page.getByTestId('replay').getByRole('button').count()).toBe(3);
    expect(await page.getByTestId('stop-button').isEnabled()).toBe(true);
    await page.getByTestId('replay-close').click();
    await page.getByTestId('journal-facts').waitFor();
  });
});

describe('being asked once more (M2)', () => {
  const order = async (page: Page) => {
    await page.getByTestId('ticket-type').selectOption('MARKET');
    await page.getByTestId('ticket-qty').fill('0.005');
    await until(page, 'ticket-place', /^Buy 0\.005/);
    await page.getByTestId('ticket-place').click();
  };

  it('sends nothing until the person confirms, where the policy asks for it', async () => {
    const page = await open({ fake: { confirmOrders: true } });
    await order(page);
    await page
      .getByRole('dialog', { name: 'Place this order?' })
      .getByText(/^Buy 0\.005 BTC/)
      .waitFor();
    expect(await calls(page, 'placeOrder')).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await calls(page, 'placeOrder')).toEqual([]);
    await page.getByTestId('ticket-place').click();
    await page.getByTestId('ticket-confirm').click();
    await page.getByText(/Placed as hf-/).waitFor();
    expect(await calls(page, 'placeOrder')).toHaveLength(1);
  });

  it('asks about the order that it will place, whatever becomes of the ticket meanwhile', async () => {
    const page = await open({ fake: { confirmOrders: true } });
    await order(page);
    const dialog = page.getByRole('dialog', { name: 'Place this order?' });
    await page.keyboard.press('Alt+S');
    await until(page, 'ticket-place', /^(Sell|Not allowed)/);
    expect(await dialog.innerText()).toMatch(/Buy 0\.005 BTC/);
    await page.getByTestId('ticket-confirm').click();
    await page.getByText(/Placed as hf-/).waitFor();
    expect(await calls(page, 'placeOrder')).toMatchObject([{ side: 'BUY', qty: '0.005' }]);
  });

  it('says on mainnet that it is real money', async () => {
    const page = await open({ fake: { mode: 'mainnet', confirmOrders: true } });
    await order(page);
    await page.getByRole('dialog', { name: 'Real money' }).waitFor();
    expect(await calls(page, 'placeOrder')).toEqual([]);
  });
});

describe('alerts (L4)', () => {
  it('are told as they come until they are put away, and stay on the health page', async () => {
    const page = await open();
    await ask(
      page,
      `harness.change([['alerts', 'journal-notice', { atMs: Date.now(), severity: 'warning', title: 'The journal was repaired', text: 'Cut after fact 7.' }]])`,
    );
    await until(page, 'notice', /The journal was repaired: Cut after fact 7\./);
    await page.getByRole('button', { name: 'Put away' }).click();
    expect(await page.getByTestId('notice').count()).toBe(0);
    await page.getByTestId('nav-health').click();
    await until(page, 'alerts', /The journal was repaired/);
  });
});

describe('health (J, L3)', () => {
  it('shows every row of the self-test with when it runs next, and what was done in numbers', async () => {
    const page = await open();
    await page.getByTestId('nav-health').click();
    await until(page, 'self-test', /Keychain/);
    await page.getByText(/by itself as often as the policy says, every 15 s while it is red/).waitFor();
    await until(page, 'metrics', /taken by the exchange\s*96\.67 %/);
    await until(page, 'metrics', /99 of 100 within\s*48 ms/);
    await until(page, 'metrics', /C1\.maxOrderNotional\s*3/);
    await until(page, 'profit-distribution', /0 to 5 USDT.*9/);
    expect((await calls(page, 'metrics')).length).toBeGreaterThan(0);
  });
});

describe('being told no (C)', () => {
  it('says which rule forbids while the trader types, marks it first, and does not send', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.025');
    await until(page, 'ticket-denial', /order value 1545\.75; the policy allows 1000/);
    expect(await page.locator('.preview tbody tr').first().innerText()).toMatch(/Order value/);
    expect(await page.getByTestId('ticket-place').getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId('ticket-qty').press('Enter');
    expect(await calls(page, 'placeOrder')).toEqual([]);
    await page.getByTestId('ticket-qty').fill('0.016');
    await until(page, 'ticket-place', /^Buy 0\.016 BTC/);
    expect(await page.getByTestId('ticket-denial').count()).toBe(0);
  });

  it('keeps the gate’s own denial on screen until it is read', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.016');
    await until(page, 'ticket-place', /^Buy 0\.016/);
    await ask(
      page,
      `harness.change([['safety', 'trading', { level: 'HALTED', causes: [] }]]); document.querySelector('[data-testid=ticket-place]').click()`,
    );
    await until(page, 'ticket-denial', /Trading is HALTED/);
    await ask(page, `harness.change([['safety', 'trading', { level: 'ACTIVE', causes: [] }]])`);
    await page.getByTestId('ticket-qty').fill('0.015');
    await until(page, 'trading-state', /ACTIVE/);
    expect(await text(page, 'ticket-denial')).toMatch(/HALTED/);
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await until(page, 'ticket-place', /^Buy 0\.015/);
  });

  it('goes on asking when an answer to a preview is lost', async () => {
    const page = await open();
    await ask(page, 'window.kept = window.holdfast.previewOrder; window.holdfast.previewOrder = () => new Promise(() => undefined)');
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.025');
    await until(page, 'ticket-denial', /did not answer/);
    await ask(page, 'window.holdfast.previewOrder = window.kept');
    await until(page, 'ticket-denial', /order value/);
    expect(await page.getByTestId('ticket-place').getAttribute('aria-disabled')).toBe('true');
  });

  it('tells a failed cancel in a sentence that stays until it is put away', async () => {
    const page = await open();
    await page.getByTestId('tab-orders').click();
    await ask(
      page,
      `window.holdfast.cancelOrder = () => Promise.resolve({ ok: false, error: { code: 'UNAVAILABLE', text: 'The venue did not answer; the cancel is being retried.' } })`,
    );
    await page.getByTestId('orders-table').getByRole('button', { name: 'Cancel' }).first().click();
    await until(page, 'notice', /the cancel is being retried/);
    await page.getByRole('button', { name: 'Put away' }).click();
    expect(await page.getByTestId('notice').count()).toBe(0);
  });
});

describe('the emergency stop (E1, E5)', () => {
  it('acts on one press, shows the phases live, and ends with a receipt', async () => {
    const page = await open({ fake: { stopStepMs: 250 } });
    await page.getByTestId('stop-button').click();
    expect(await calls(page, 'tripStop')).toHaveLength(1);
    await page.getByText('cancels sent 6/6').waitFor();
    await page.getByText('acknowledged 3/6').waitFor();
    await page.getByText('acknowledged 6/6').waitFor();
    await page.getByText('verified empty', { exact: true }).waitFor();
    await until(page, 'receipt', /receipt #3: complete in 118 ms/);
    await page.getByTestId('receipt').click();
    expect(await text(page, 'receipt-dialog')).toMatch(/hf-k3x9qa-000000001102[\s\S]*canceled[\s\S]*51 ms/);
  });

  it('is in the same place and in reach on every page, under every dialog and in a stale view', async () => {
    const page = await open();
    const box = () => page.getByTestId('stop-button').boundingBox();
    const home = await box();
    for (const name of ['safety', 'reconciliation', 'journal', 'health', 'keys', 'alerts', 'settings']) {
      await page.getByTestId(`nav-${name}`).click();
      expect(await box()).toEqual(home);
    }
    expect(await page.getByTestId('settings').count()).toBe(1);
    await ask(page, 'harness.cut(true); harness.gap()');
    await page.getByText('STALE', { exact: true }).waitFor();
    await page.getByTestId('stop-button').click();
    expect(await calls(page, 'tripStop')).toHaveLength(1);
  });

  it('says so when the console gives no sign of life', async () => {
    const page = await open();
    await ask(page, 'window.holdfast.tripStop = () => new Promise(() => undefined)');
    await page.getByTestId('stop-button').click();
    await until(page, 'notice', /no confirmation/);
    expect(await text(page, 'notice')).toMatch(/Press Ctrl\+Shift\+F12, use the tray/);
  });

  it('is reset slowly: a reason, the number read back, then the cool-down clock', async () => {
    const page = await open({ fake: { stopStepMs: 10 } });
    await page.getByTestId('stop-button').click();
    await until(page, 'receipt', /#3/);
    await page.getByTestId('reset-open').click();
    await page.getByTestId('reset-submit').click();
    await page.getByText(/Say why/).waitFor();
    await page.getByTestId('reset-why').fill('Looked at the book; the feed is back.');
    await page.getByTestId('reset-trip').fill('2');
    await page.getByTestId('reset-submit').click();
    await page.getByText(/You read back 2/).waitFor();
    await page.getByTestId('reset-trip').fill('3');
    await page.getByTestId('reset-submit').click();
    await until(page, 'cool-down', /(15:00|14:5\d)/);
    await until(page, 'trading-state', /REDUCING/);
    expect(await calls(page, 'resetStop')).toHaveLength(2);
  });

  it('asks for one real press to prove the hotkey, and shows what came of it', async () => {
    const page = await open();
    await page.getByTestId('hotkey-prove').click();
    await until(page, 'hotkey-status', /Press Ctrl\+Shift\+F12 now/);
    await until(page, 'hotkey-status', /ARMED/);
    expect(await text(page, 'hotkey-status')).toBe('Ctrl+Shift+F12 ARMED');
  });
});

describe('the most that is allowed', () => {
  it('fills a size that the order limit lets through, whatever the money', async () => {
    const page = await open();
    await page.getByTestId('ticket-type').selectOption('LIMIT');
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-max').click();
    await until(page, 'ticket-place', /^Buy 0\.01617 BTC/);
    expect(await page.getByTestId('ticket-qty').inputValue()).toBe('0.01617');
  });
});

describe('a dialog', () => {
  it('closes on Escape even when the button that was pressed has lost the focus', async () => {
    const page = await open();
    await page.getByTestId('mode').click();
    await page.getByRole('button', { name: 'Switch' }).first().click();
    await page.getByTestId('mode-dialog').getByRole('alert').waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('Escape');
    await page.getByTestId('mode-dialog').waitFor({ state: 'detached' });
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('a storm of notices', () => {
  it('never covers the tabs: the worst lies on top, the rest behind a button, each with its time', async () => {
    const page = await open();
    for (const n of [1, 2, 3, 4, 5]) {
      const severity = n === 2 ? 'danger' : 'warning';
      await ask(
        page,
        `harness.change([['alerts', 'storm-${n}', { atMs: Date.now(), severity: '${severity}', title: 'Alert ${n}', text: 'Something long enough to need its second line on this page.' }]])`,
      );
    }
    await until(page, 'notice', /Alert 2: Something.* \d\d:\d\d:\d\d$/);
    expect(await page.getByTestId('notice').count()).toBe(1);
    await page.getByTestId('tab-orders').click({ timeout: 2_000 });
    await page.getByTestId('notices-more').click();
    expect(await page.getByTestId('notice').allInnerTexts()).toHaveLength(5);
    await page.getByRole('button', { name: 'Put all away' }).click();
    expect(await page.getByTestId('notice').count()).toBe(0);
  });
});

describe('a view with a gap (M6)', () => {
  it('turns trading buttons off, says since when, and mends by itself', async () => {
    const page = await open();
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.016');
    await until(page, 'ticket-place', /^Buy/);
    await ask(page, 'harness.cut(true); harness.gap()');
    await page.getByText('STALE', { exact: true }).waitFor();
    await page.getByText(/since \d\d:\d\d:\d\d UTC/).waitFor();
    expect(await text(page, 'ticket-place')).toMatch(/stale/);
    await page.getByTestId('ticket-qty').press('Enter');
    expect(await calls(page, 'placeOrder')).toEqual([]);
    expect(await page.getByTestId('close-BTCUSDT').isDisabled()).toBe(true);
    expect(await page.getByTestId('cancel-all').isDisabled()).toBe(true);
    expect(await page.getByTestId('stop-button').isDisabled()).toBe(false);
    await ask(page, 'harness.cut(false)');
    await until(page, 'ticket-place', /^Buy/);
    expect(await page.getByText('STALE', { exact: true }).count()).toBe(0);
    await page.getByTestId('tab-log').click();
    await until(page, 'log', /This one shows the gap/);
  });

  it('shows again after a reload all that it showed', async () => {
    const page = await open();
    await page.reload();
    await until(page, 'positions-table', /BTCUSDT/);
    expect(await text(page, 'positions-table')).toMatch(/61\s?062\.50/);
  });
});

describe('tables and positions (M1)', () => {
  it('closes a position by a reduce-only market sell of all that can be sold', async () => {
    const page = await open();
    await page.getByTestId('close-ETHUSDT').click();
    expect(await calls(page, 'placeOrder')).toEqual([{ symbol: 'ETHUSDT', side: 'SELL', type: 'MARKET', qty: '0.2400', reduceOnly: true }]);
    expect(await text(page, 'positions-table')).toMatch(/SOLUSDT[\s\S]*dust/);
  });

  it('puts an unknown order first and cancels the row that has the keyboard', async () => {
    const page = await open();
    await page.getByTestId('tab-orders').click();
    const first = page.getByTestId('orders-table').locator('[data-index="0"]');
    expect(await first.innerText()).toMatch(/ETHUSDT[\s\S]*unknown for/);
    await first.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Delete');
    await page.getByTestId('tab-log').click();
    await until(page, 'log', /cancelled/);
    expect(await calls(page, 'cancelOrder')).toHaveLength(1);
  });

  it('keeps only the rows in sight of 500 open orders, and walks to the last', async () => {
    const page = await open({ fake: { manyOrders: 500 } });
    await page.getByTestId('tab-orders').click();
    const rows = page.getByTestId('orders-table').locator('[data-index]');
    await rows.first().focus();
    await page.keyboard.press('End');
    await page.locator('[data-index="502"]').waitFor();
    expect(await rows.count()).toBeLessThan(40);
  });

  it('teaches the next step where there is nothing yet', async () => {
    const page = await open({ fake: { busy: false } });
    expect(await text(page, 'positions-table')).toMatch(/No open position[\s\S]*Alt B/);
    await page.getByTestId('tab-fills').click();
    expect(await text(page, 'fills-table')).toMatch(/No fill yet/);
  });
});

describe('the palette and the list of keys', () => {
  it('runs a command by name, and gives the focus back', async () => {
    const page = await open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('go health');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Self-test' }).waitFor();
    await page.keyboard.press('?');
    expect(await text(page, 'shortcuts')).toMatch(/Ctrl K/);
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('shortcuts').count()).toBe(0);
  });
});

describe('keys go in and never come back (N1)', () => {
  it('hands a key over once and forgets it', async () => {
    const page = await open();
    await page.getByTestId('nav-keys').click();
    await page.getByTestId('key-api-mainnet').fill('PUBLICPARTOFTHEKEY');
    await page.getByTestId('key-secret-mainnet').fill('the-secret-itself');
    await page.getByTestId('key-set-mainnet').click();
    await page.getByText(/Stored. It cannot be read back here/).waitFor();
    expect(await page.getByTestId('key-secret-mainnet').inputValue()).toBe('');
    expect(await page.content()).not.toContain('the-secret-itself');
  });

  it('shows a kill-switch secret that it made once, and a typed one never (F)', async () => {
    const page = await open();
    await page.getByTestId('nav-keys').click();
    await page.getByTestId('kill-switch-secret').fill('typed-secret-of-more-than-32-characters');
    await page.getByTestId('kill-switch-set').click();
    await page.getByText(/Stored. It cannot be read back here/).waitFor();
    expect(await page.getByTestId('kill-switch-secret').inputValue()).toBe('');
    expect(await page.content()).not.toContain('typed-secret');
    await page.getByTestId('kill-switch-make').click();
    const made = await page.getByTestId('kill-switch-made').textContent();
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    await page.getByTestId('kill-switch-copied').click();
    expect(await page.content()).not.toContain(made ?? '');
  });
});

describe('20 market frames a second (M5)', () => {
  it('change price, depth and mark and touch nothing else, and move nothing', async () => {
    const page = await open({ reducedMotion: false });
    await page.waitForTimeout(300);
    const seen = await page.evaluate(async () => {
      const touched = new Set<string>();
      const shifts: number[] = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => Number(Reflect.get(entry, 'value'))))).observe({
        type: 'layout-shift',
      });
      const watch = new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          touched.add(
            element?.closest('.top, .banner, .stop, .nav, .ticket, .limits, .depth, .balances, .blotter, .chart')?.className ?? 'elsewhere',
          );
        }
      });
      watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      const from = Reflect.get(window, 'harness').frames();
      while (Reflect.get(window, 'harness').frames() < from + 40) await new Promise((resolve) => setTimeout(resolve, 20));
      return { touched: [...touched].sort(), shift: shifts.reduce((sum, value) => sum + value, 0) };
    });
    for (const still of ['banner', 'stop', 'nav', 'panel ticket', 'panel limits', 'panel balances', 'elsewhere'])
      expect(seen.touched).not.toContain(still);
    expect(seen.touched).toContain('panel depth');
    expect(seen.shift).toBeLessThan(0.001);
  });
});

describe.each(['dark', 'light'] as const)('%s theme (M5)', (theme) => {
  const fake = { preferences: { theme, palette: 'standard' } };

  it('passes axe on every page and dialog', async () => {
    const page = await open({ fake });
    await ask(page, axe.source.replace(/^/, ''));
    const check = async (where: string) => {
      const found = await page.evaluate(() =>
        Reflect.get(window, 'axe').run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
      );
      expect(
        found.violations.map(
          (rule: { id: string; nodes: { target: string[]; failureSummary: string }[] }) =>
            `${where}: ${rule.id}: ${rule.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`,
        ),
      ).toEqual([]);
    };
    await page.getByTestId('ticket-price').fill('61830');
    await page.getByTestId('ticket-qty').fill('0.025');
    await until(page, 'ticket-denial', /order value/);
    await check('trade');
    for (const tab of ['orders', 'fills', 'log']) {
      await page.getByTestId(`tab-${tab}`).click();
      await check(tab);
    }
    for (const name of ['safety', 'reconciliation', 'journal', 'health', 'keys', 'alerts', 'settings']) {
      await page.getByTestId(`nav-${name}`).click();
      await check(name);
    }
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await check('palette');
    await page.keyboard.press('Escape');
    await page.getByTestId('stop-button').click();
    await until(page, 'receipt', /#3/);
    await page.getByTestId('receipt').click();
    await check('receipt');
    await page.keyboard.press('Escape');
    await page.getByTestId('reset-open').click();
    await check('reset');
  });

  it.each([
    [1280, 800],
    [1920, 1080],
    [640, 400],
  ])('fits %i × %i: nothing runs out of the window, stop and state in sight', async (width, height) => {
    const page = await open({ width, height, fake });
    await page.getByTestId('ticket-qty').fill('0.016');
    await page.screenshot({ path: `${PICTURES}/${theme}-${width}x${height}.png` });
    for (const name of ['safety', 'reconciliation', 'journal', 'alerts']) {
      await page.getByTestId(`nav-${name}`).click();
      await page.screenshot({ path: `${PICTURES}/${theme}-${width}x${height}-${name}.png` });
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    for (const testId of ['stop-button', 'trading-state', 'mode']) {
      const box = await page.getByTestId(testId).boundingBox();
      expect(box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, testId).toBe(true);
    }
  });
});

it('follows the system where the preference says so, and keeps a change', async () => {
  const page = await open({ fake: { preferences: { theme: 'system', palette: 'standard' } } });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator('html[data-theme="light"]').waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.getByTestId('nav-settings').click();
  await page.getByRole('radio', { name: 'Red up' }).click();
  await page.locator('html[data-palette="red-up"]').waitFor();
  expect(await calls(page, 'setPreferences')).toEqual([{ theme: 'system', palette: 'red-up' }]);
});
