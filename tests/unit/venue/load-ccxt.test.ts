// Of ccxt only Binance's class is loaded, by its place in the package (R): it must be the very one that the package gives.
import { readFileSync } from 'node:fs';
import ccxt from 'ccxt';
import { expect, it } from 'vitest';
import { loadCcxt } from '../../../src-main/venue/wired-ccxt.ts';

it('is the class that the package itself gives, of the version that is pinned', async () => {
  const { Binance, version } = await loadCcxt();
  expect(Binance).toBe(ccxt.pro.binance);
  const pinned = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { dependencies: { ccxt: string } };
  // The package's own code says another than its manifest now and then.
  expect(version).toBe(pinned.dependencies.ccxt);
});
