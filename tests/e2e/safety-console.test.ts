// The safety page over the real engine and the practice exchange: what it says of a buy is what the gate then does, in each state; the
// breaker opens and is closed by hand, a drill is run, a promotion refused, a loosening withdrawn, the stop tripped and reset.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BuyNow } from '../../src-shared/contract/buy-now.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { makeHome, startApp } from './driver.ts';
import type { App } from './driver.ts';
import { CHROMIUM_SHELL } from './shells.ts';

const SYMBOL = 'BTCUSDT';
let desktop: Desktop;
let place: ReturnType<typeof makeHome>;
let app: App;
beforeAll(async () => {
  desktop = await startDesktop('1280x800');
  place = makeHome();
  app = await startApp(CHROMIUM_SHELL, place.home);
  await app.shows('trading-state', /^ACTIVE$/);
  await app.page.keyboard.press('Alt+2');
});
afterAll(async () => {
  await app.close();
  place.remove();
  await desktop.close();
  if (app.complaints.length > 0) throw new Error(`The page complained: ${app.complaints.join('; ')}`);
});

const by = (testId: string) => app.page.getByTestId(testId);
const safety = async () => (await app.view()).safety;
const buyNow = async (): Promise<BuyNow> => {
  const answer = await app.call('buyNow', { symbol: SYMBOL });
  if (!answer.ok) throw new Error(answer.error.text);
  return answer.value;
};
const previewed = async (qty: string) => {
  const answer = await app.call('previewOrder', { symbol: SYMBOL, side: 'BUY', type: 'MARKET', qty });
  if (!answer.ok) throw new Error(answer.error.text);
  return answer.value;
};
/** A share of a quantity on the lot, for a market that moves meanwhile. */
const shareOf = (qty: string, share: number): string => (Math.floor(Number(qty) * share * 100_000) / 100_000).toFixed(5);

it('in ACTIVE it names the largest buy, and the gate lets that through and no more (C, M)', async () => {
  await app.shows('buy-now-text', /would be sent at once/);
  const { largest, verdict, noSales } = await until('a buy that passes', async () => {
    const now = await buyNow();
    return now.verdict === 'pass' ? now : undefined;
  });
  expect({ verdict, noSales }).toEqual({ verdict: 'pass', noSales: null });
  const qty = largest?.qty ?? '0';
  expect(await previewed(shareOf(qty, 0.99))).toMatchObject({ verdict: 'pass' });
  expect(await previewed(shareOf(qty, 1.03))).toMatchObject({ verdict: 'deny', denial: { code: largest?.cappedBy.id } });
  await app.picture('safety-active');
});

it('a market that the policy blocks is refused by its name, while others still take a buy (C8)', async () => {
  const asked = await app.call('policyPropose', { set: [{ path: 'limits.blockedSymbols', value: 'ETHUSDT' }], why: 'no more of it today' });
  expect(asked).toMatchObject({ ok: true });
  await app.shows('buy-now-markets', /^C8\.blockList/);
  const rows = await by('buy-now-markets').locator('tbody tr').allInnerTexts();
  expect(rows.filter((row) => row.includes('refused'))).toMatchObject([expect.stringMatching(/^ETHUSDT[\s\S]*C8\.blockList/)]);
});

it('a drill is run with a copy of what is open, and the real account is as before (E7)', async () => {
  const before = await app.exchange();
  await by('drill-run').click();
  const drill = await until('the drill', async () => (await safety()).drill);
  expect(drill.receipt).toMatchObject({ complete: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  // A slow machine may not pass it: the page says what the drill says.
  await app.shows('drill-state', drill.passed ? /^passed$/ : /^not passed$/);
  expect(await app.text('drill-state')).toContain(drill.text);
  await by('drill-receipt').click();
  await app.shows('drill-dialog', /Complete: the venue showed nothing open/);
  await app.picture('safety-drill');
  await app.page.keyboard.press('Escape');
  expect((await app.exchange()).openOrders).toEqual(before.openOrders);
  expect((await safety()).trading?.level).toBe('ACTIVE');
});

it('a promotion without the evidence is refused, and says what is missing (H)', async () => {
  const ladder = await until('the ladder', async () => (await safety()).ladder);
  expect(ladder).toMatchObject({ stage: 'practice', next: 'testnet' });
  await app.shows('ladder-evidence', /missing/);
  await by('ladder-open').click();
  await by('promote-why').fill('It has run for a minute.');
  await by('promote-stage').fill('testnet');
  await by('promote-submit').click();
  await until('the refusal', async () => {
    const words = await by('promote-dialog').getByRole('alert').innerText();
    return words.length > 20 ? words : undefined;
  });
  await app.picture('safety-promotion');
  await app.page.keyboard.press('Escape');
  expect((await safety()).ladder?.stage).toBe('practice');
});

it('a loosening waits with its clock, and is withdrawn (G)', async () => {
  const asked = await app.call('policyPropose', { set: [{ path: 'limits.maxDailyLossUsdt', value: '600' }], why: 'a livelier day' });
  expect(asked.ok).toBe(true);
  await app.shows('policy-countdown', /in force in 1[45]:\d\d/);
  await by('policy-withdraw-why').fill('better not');
  await by('policy-withdraw').click();
  await by('policy-waiting').waitFor({ state: 'detached' });
  expect((await safety()).policy?.pending).toBeNull();
});

it('a breaker that failed calls opened is REDUCING with its end, and is closed by its reason and what broke (D)', async () => {
  await app.desk({
    op: 'addFault',
    rule: { match: { channel: 'rest', method: 'GET', path: '/api/v3/account' }, action: { type: 'status', stage: 'before', status: 503 } },
  });
  for (let count = 0; count < 3; count += 1) await app.call('reconcile', {});
  const breach = await until('the breaker', async () => (await safety()).breaker?.breach ?? undefined);
  expect(breach.rule).toBe('api-errors');
  await app.desk({ op: 'heal' });
  await app.shows('breaker-breach', /api-errors/);
  await app.shows('safety-causes', /A person resets it: the reason, and what broke read back\./);
  await until('a refusal', async () => ((await buyNow()).denial?.code === 'STATE' ? true : undefined));
  await app.shows('buy-now-text', /would be refused/);
  await app.picture('safety-breaker');
  await by('breaker-open').click();
  await by('breaker-why').fill('The exchange is well again.');
  await by('breaker-rule').fill('api-errors');
  await by('breaker-submit').click();
  await by('breaker-dialog').waitFor({ state: 'detached' });
  await app.shows('breaker-phase', /^closed$/);
  await until('ACTIVE', async () => ((await safety()).trading?.level === 'ACTIVE' ? true : undefined));
});

it('a stop is TRIPPED, not even a sale leaves, and the reset cools down with a clock (E)', async () => {
  await by('stop-button').click();
  await until('the receipt', async () => (await safety()).stop?.receipt ?? undefined);
  await app.shows('stop-phase', /^tripped$/);
  const now = await buyNow();
  expect(now).toMatchObject({ verdict: 'deny', denial: { code: 'STATE' }, noSales: { code: 'STATE' } });
  await app.shows('buy-now-text', /Trading is halted/);
  await by('safety-receipt').click();
  await app.shows('receipt-dialog', /Complete/);
  await app.picture('safety-tripped');
  await app.page.keyboard.press('Escape');
  await by('safety-reset').click();
  await by('reset-why').fill('Looked at the book.');
  await by('reset-trip').fill(`${(await safety()).stop?.tripId}`);
  await by('reset-submit').click();
  await app.shows('safety-causes', /Cooling down after the reset/);
  const { trading } = await safety();
  const cause = trading?.causes.find(({ code }) => code === 'COOLING_DOWN');
  expect(cause).toMatchObject({ level: 'REDUCING', ends: 'By itself, when its time is over.' });
  expect((cause?.untilMs ?? 0) - Date.now()).toBeGreaterThan(60_000);
  expect((await buyNow()).noSales).toBeNull();
  expect(Object.values((await app.view()).orders).filter(({ status }) => !isEnded(status))).toEqual([]);
});
