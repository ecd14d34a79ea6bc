// Pictures of every screen for the eye: `node tests/e2e/harness/look.ts [folder]` (default: test-output/screens).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startHarness } from './window.ts';

const folder = process.argv[2] ?? 'test-output/screens';
mkdirSync(folder, { recursive: true });
const harness = await startHarness();
for (const theme of ['dark', 'light'] as const)
  for (const [width, height] of [
    [1280, 800],
    [1920, 1080],
    [1000, 800],
    [640, 800],
  ] as const) {
    const { page, problems } = await harness.open({ width, height, fake: { preferences: { theme, palette: 'standard' } } });
    const shot = (name: string) => page.screenshot({ path: join(folder, `${theme}-${width}-${name}.png`) });
    await page.getByTestId('trading-state').getByText('ACTIVE').waitFor();
    await page.getByTestId('ticket-qty').fill('0.0160');
    await page.getByTestId('ticket-price').fill('61830.00');
    await page.waitForTimeout(400);
    await shot('trade');
    if (width === 1280) {
      await page.getByTestId('tab-orders').click();
      await page.getByTestId('ticket-qty').fill('0.025');
      await page.waitForTimeout(200);
      await shot('denied');
      await page.getByTestId('tab-log').click();
      await page.getByTestId('nav-journal').click();
      await shot('journal');
      await page.getByTestId('nav-health').click();
      await shot('health');
      await page.getByTestId('nav-keys').click();
      await page.waitForTimeout(100);
      await shot('keys');
      await page.keyboard.press('Control+k');
      await shot('palette');
      await page.keyboard.press('Escape');
      await page.getByTestId('nav-settings').click();
      await shot('settings');
      await page.keyboard.press('Escape');
      await page.getByTestId('nav-trade').click();
      await page.getByTestId('stop-button').click();
      await page.waitForTimeout(300);
      await shot('stopping');
      await page.getByTestId('receipt').click();
      await shot('receipt');
      await page.keyboard.press('Escape');
      await page.getByTestId('reset-open').click();
      await shot('reset');
      await page.keyboard.press('Escape');
      await page.evaluate('harness.cut(true); harness.gap();');
      await page.waitForTimeout(200);
      await shot('stale');
    }
    if (problems.length > 0) console.log(theme, width, problems);
    await page.context().close();
  }
await harness.close();
