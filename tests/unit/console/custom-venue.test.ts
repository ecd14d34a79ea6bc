// A4 and A1: a custom venue is a stand-in and never the exchange itself. Real money has one way, and an address is not it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openStation } from '../../../src-main/console/station.ts';
import { journalFolder, journalPath } from '../../../src-main/settings/home.ts';
import { customVenueProblem } from '../../../src-main/settings/mode.ts';
import type { ConsoleOptions } from '../../../src-main/shell/port.ts';
import { accountOf } from '../../../src-main/vault/key.ts';
import type { Vault } from '../../../src-main/vault/vault.ts';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-custom-'));
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

const LOCAL = {
  restUrl: 'http://127.0.0.1:1',
  streamUrl: 'ws://127.0.0.1:1',
  wsApiUrl: 'ws://127.0.0.1:1/ws',
  apiKey: 'k'.repeat(64),
  secret: 's'.repeat(64),
};
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Why the console does not start on it; empty where it does. */
const refusal = async (changes: Partial<typeof LOCAL> = {}): Promise<string> => {
  const options = { home, log, customVenue: { ...LOCAL, ...changes } } as unknown as ConsoleOptions;
  const station = await openStation(options, 'testnet', {} as Vault, { ok: false, error: 'none' });
  if (!station.ok) return station.error;
  await station.value.venue.close();
  await station.value.opened.journal.close();
  await station.value.close();
  return '';
};

test('the exchange itself is refused under each of its names, whichever of the three addresses names it', async () => {
  for (const host of [
    'api.binance.com',
    'API1.Binance.COM',
    'api-gcp.binance.com.',
    'user:pass@api.binance.com:443',
    'api.binance.us',
    'ws-api.binance.com:9443',
    'data-api.binance.vision',
    'api.binance.com%2E',
    'api%2ebinance%2ecom',
  ])
    for (const [field, scheme] of [
      ['restUrl', 'https'],
      ['streamUrl', 'wss'],
      ['wsApiUrl', 'wss'],
    ] as const)
      expect(await refusal({ [field]: `${scheme}://${host}` }), `${field} ${host}`).toContain('real money');
  expect(fs.existsSync(journalFolder(home)) ? fs.readdirSync(journalFolder(home)) : []).toEqual([]);
});

test('a key that this home has used for real money stands for nothing else', async () => {
  const apiKey = 'm'.repeat(64);
  fs.mkdirSync(journalFolder(home), { recursive: true });
  fs.writeFileSync(journalPath(home, 'mainnet', accountOf(apiKey)), '');
  expect(await refusal({ apiKey })).toContain('key of mainnet');
});

test('a stand-in on this machine, the testnet itself and a name that only looks alike are no real money', async () => {
  expect(await refusal()).toBe('');
  const testnet = [
    'https://testnet.binance.vision',
    'wss://stream.testnet.binance.vision',
    'wss://ws-api.testnet.binance.vision/ws-api/v3',
  ];
  expect(customVenueProblem([...testnet, 'http://binance-stand-in.lan:8080', 'http://[::1]:8080'])).toBe('');
  expect(customVenueProblem(['https://testnet.binance.vision.binance.com'])).toContain('real money');
});
