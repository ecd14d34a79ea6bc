// The built console from the ticket to the practice exchange and back (issue 2, part 6): place, fill, see the position, be denied with
// a reason, stop by button and by a real key press while another window has the focus, restart while tripped, reload. Written once, run in
// every shell that this machine has.
import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PAGES } from '../../src-renderer/features/frame/screen.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { openOtherWindow, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { makeHome, startApp } from './driver.ts';
import type { App } from './driver.ts';
import { chooseShells, electronHere } from './shells.ts';

const { shells, notes } = await chooseShells(electronHere);
for (const note of notes) console.log(note);

describe.each(shells)('in $name', (shell) => {
  let desktop: Desktop;
  beforeAll(async () => {
    desktop = await startDesktop('1280x800');
  });
  afterAll(() => desktop.close());

  let app: App;
  let place: ReturnType<typeof makeHome>;
  const start = async (): Promise<void> => {
    app = await startApp(shell, place.home);
  };
  beforeEach(async () => {
    place = makeHome();
    await start();
    await app.shows('trading-state', /^ACTIVE$/);
  });
  afterEach(async () => {
    const { complaints, requests, origin } = app;
    await app.close();
    place.remove();
    const foreign = requests.filter((address) => !address.startsWith(`${origin}/`));
    if (complaints.length + foreign.length > 0)
      throw new Error(`The page complained or went out: ${[...complaints, ...foreign].join('; ')}`);
  });

  const bid = (): Promise<string> =>
    until('a quote', async () => {
      const answer = await app.call('showChart', { symbol: 'BTCUSDT', interval: '1m' });
      return answer.ok ? answer.value.candles.at(-1)?.close : undefined;
    });

  const buyAtMarket = async (qty: string): Promise<void> => {
    await app.page.getByTestId('ticket-side-buy').click();
    await app.page.getByTestId('ticket-type').selectOption('MARKET');
    await app.page.getByTestId('ticket-qty').fill(qty);
    await app.shows('ticket-place', /^Buy /);
    await app.page.getByTestId('ticket-place').click();
  };

  /** A limit buy well below the market but within 2 % of it (C2), so that it waits. */
  const restingBuy = async (): Promise<void> => {
    const price = Math.floor(Number(await bid()) * 0.99).toString();
    await app.page.getByTestId('ticket-side-buy').click();
    await app.page.getByTestId('ticket-type').selectOption('LIMIT');
    await app.page.getByTestId('ticket-price').fill(price);
    await app.page.getByTestId('ticket-qty').fill('0.005');
    await app.shows('ticket-place', /^Buy /);
    await app.page.getByTestId('ticket-place').click();
    await until('the order on the exchange', async () =>
      (await openOrders()).some(({ status }) => status === 'ACCEPTED') ? true : undefined,
    );
  };

  const openOrders = async () => Object.values((await app.view()).orders).filter(({ status }) => !isEnded(status));
  const stop = async () => (await app.view()).safety.stop;
  const tripped = () => until('TRIPPED', async () => ((await stop())?.phase === 'TRIPPED' ? true : undefined));
  const receipt = () => until('the receipt', async () => (await stop())?.receipt ?? undefined);
  const position = () => until('the position', async () => (await app.view()).positions['BTCUSDT']);

  describe('trading', () => {
    it('goes from the ticket to a fill and a position on screen, in practice mode, framed as such (A2, B3)', async () => {
      expect((await app.text('mode')).toUpperCase()).toContain('PRACTICE');
      await buyAtMarket('0.005');
      await app.page.getByTestId('tab-positions').click();
      await app.shows('positions-table', /BTC/);
      await position();
      const order = Object.values((await app.view()).orders)[0];
      expect(order).toMatchObject({ status: 'FILLED', origin: 'window', filledQty: '0.005' });
      await app.picture('position');
    });

    it('is denied before it leaves, with the limit, its number and what to change (C1)', async () => {
      await app.page.getByTestId('ticket-side-buy').click();
      await app.page.getByTestId('ticket-type').selectOption('MARKET');
      await app.page.getByTestId('ticket-qty').fill('1');
      await app.shows('ticket-denial', /1[\s,.\u2009\u202f]?000/);
      expect(await app.page.getByTestId('ticket-place').getAttribute('aria-disabled')).toBe('true');
      await app.picture('denied');
      const answer = await app.call('placeOrder', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '1' });
      expect(answer).toMatchObject({ ok: false, error: { code: 'DENIED' } });
      expect(await openOrders()).toEqual([]);
    });
  });

  describe('the emergency stop (E)', () => {
    it('by button: one press, every order cancelled, a receipt; trading is halted until a person resets it', async () => {
      await restingBuy();
      await app.page.getByTestId('stop-button').click();
      await tripped();
      expect(await receipt()).toMatchObject({ trigger: 'button', complete: true, orders: [{ outcome: 'canceled' }] });
      await app.shows('receipt', /complete/);
      await app.shows('trading-state', /^HALTED$/);
      expect(await openOrders()).toEqual([]);
      await app.picture('stopped');
    });

    it('by a real key press while another window has the focus, after the key was proven (E1, E2)', async () => {
      await restingBuy();
      await app.shows('hotkey-status', /NOT ARMED/);
      await app.page.getByTestId('hotkey-prove').click();
      await app.shows('hotkey-status', /Press Ctrl\+Shift\+F12 now/);
      desktop.press('ctrl+shift+F12');
      await app.shows('hotkey-status', /^ARMED$/);
      expect(await stop()).toMatchObject({ phase: 'ARMED' });

      const other = await openOtherWindow(desktop);
      expect(desktop.focusedTitle()).toBe(other.title);
      desktop.press('ctrl+shift+F12');
      await tripped();
      expect(await receipt()).toMatchObject({ trigger: 'hotkey', complete: true, orders: [{ outcome: 'canceled' }] });
      await other.close();
      await app.shows('receipt', /complete/);
    });

    it('survives a restart: the console comes up TRIPPED, denies orders, and is reset by reason and read-back only (E6)', async () => {
      await app.page.getByTestId('stop-button').click();
      await tripped();
      await receipt();
      await app.close();
      await start();
      await app.shows('stop-button', /STOPPED #1/);
      await app.shows('trading-state', /^HALTED$/);
      await app.picture('restarted-tripped');
      const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '0.005' } as const;
      expect(await app.call('placeOrder', order)).toMatchObject({ ok: false });

      await app.page.getByTestId('reset-open').click();
      await app.page.getByTestId('reset-why').fill('the test is over');
      await app.page.getByTestId('reset-trip').fill('2');
      await app.page.getByTestId('reset-submit').click();
      await app.page.getByTestId('reset-dialog').getByRole('alert').waitFor();
      expect(await stop()).toMatchObject({ phase: 'TRIPPED' });
      await app.page.getByTestId('reset-trip').fill('1');
      await app.page.getByTestId('reset-submit').click();
      await app.shows('cool-down', /Cool-down/);
      expect(await stop()).toMatchObject({ phase: 'COOLING_DOWN' });
    });
  });

  describe('the window', () => {
    it('loses nothing when it is reloaded (M6)', async () => {
      await buyAtMarket('0.005');
      await position();
      await app.page.reload();
      await app.shows('trading-state', /^ACTIVE$/);
      await app.page.getByTestId('tab-positions').click();
      await app.shows('positions-table', /BTC/);
      expect(await app.text('positions-table')).toContain('0.004995');
    });

    it('asks for its own files and nothing else, and breaks no rule of its policy, on every page (N2)', async () => {
      for (const name of [...PAGES, 'trade']) {
        await app.page.getByTestId(`nav-${name}`).click();
        await app.page.waitForLoadState();
      }
      expect(app.requests.length).toBeGreaterThan(3);
      expect(app.requests.every((address) => address.startsWith(`${app.origin}/`))).toBe(true);
      expect(app.complaints).toEqual([]);
    });

    it.each(['dark', 'light'] as const)('is accessible over live data in the %s theme (M5)', async (theme) => {
      await app.call('setPreferences', { theme, palette: 'standard' });
      await app.page.reload();
      await app.shows('trading-state', /^ACTIVE$/);
      await buyAtMarket('0.005');
      await position();
      await app.picture(`console-${theme}`);
      await app.page.evaluate(axe.source);
      const violations = await app.page.evaluate(async () => {
        const { axe: runner } = globalThis as unknown as { axe: typeof axe };
        return (await runner.run()).violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          where: nodes.map(({ html }) => html.slice(0, 120)),
        }));
      });
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    });
  });
});
