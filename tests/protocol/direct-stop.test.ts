// The stop with no console (E1): a console that was killed, no watchdog, and a person at the command line. Over real sockets; the keys
// come as the keychain would give them, because its addresses are the real exchange's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { directStop } from '../../src-main/control/direct-stop.ts';
import type { DirectAccount } from '../../src-main/control/direct-stop.ts';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { readKey } from '../../src-main/vault/key.ts';
import { customVenueOf, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import { RestClient } from './practice-client.ts';

let practice: PracticeHandle;
let phone: RestClient;
beforeAll(async () => {
  practice = await startPractice({ seed: 41, eventsPerSecond: 20 });
  phone = new RestClient(practice);
});
afterAll(async () => {
  await phone.close();
  await practice.close();
});

const openOrders = async (): Promise<number> =>
  (await practice.state()).orders.filter(({ status }) => status === 'NEW' || status === 'PARTIALLY_FILLED').length;

const rest = async (symbol: string): Promise<void> => {
  const { bidPrice } = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker', { symbol })).text) as { readonly bidPrice: string };
  const bid = Number(bidPrice);
  const quantity = (12 / bid).toFixed(bid > 10_000 ? 4 : 3);
  const answer = await phone.order({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: (bid * 0.9).toFixed(1), quantity });
  expect(answer.status, answer.text).toBe(200);
};

const account = (apiKey = practice.key.apiKey): DirectAccount => {
  const credentials = readKey(apiKey, practice.key.secret);
  if (!credentials.ok) throw new Error(credentials.error);
  return { mode: 'testnet', restUrl: practice.restUrl, credentials: credentials.value };
};

it('E1, E8: with the console killed it empties the exchange, and the next start is tripped by it', async () => {
  const place = temporaryHome();
  const start = () => startConsoleProcess(place.home, ['--custom-venue', 'env:VENUE'], { VENUE: customVenueOf(practice) });
  const first = start();
  await first.ready();
  await first.kill('SIGKILL');
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'BTCUSDT']) await rest(symbol);
  const said: string[] = [];
  const outcome = await directStop({
    home: place.home,
    accounts: [account()],
    missing: '',
    giveUpAfterMs: 20_000,
    say: (text) => said.push(text),
  });
  expect(outcome.failure).toBeUndefined();
  expect(outcome.value).toMatchObject([{ mode: 'testnet', canceled: { length: 3 }, left: [] }]);
  expect(outcome.text).toContain('no order guards them');
  expect(said).toContain('testnet: 3 cancelled, 0 open');
  expect(await openOrders()).toBe(0);

  const second = start();
  const view = await second.until('the trip', ({ safety }) => safety.stop?.phase === 'TRIPPED');
  expect(view.safety.stop?.reason).toContain('holdfast stop --direct');
  await second.kill('SIGTERM');
  place.remove();
});

it('E1: what is not proven gone is named with exit 4, and no word holds a key', async () => {
  await rest('ETHUSDT');
  const place = temporaryHome();
  const outcome = await directStop({
    home: place.home,
    accounts: [account('unknownkey123')],
    missing: '',
    giveUpAfterMs: 500,
    say: () => undefined,
  });
  expect(outcome.failure).toMatchObject({
    exit: 4,
    survivors: ['all of testnet'],
    text: expect.stringContaining("exchange's own app") as string,
  });
  expect(JSON.stringify(outcome)).not.toContain(practice.key.secret);
  expect(await openOrders()).toBe(1);
  place.remove();
});

it('C9: a hold that outlasts the person is not waited out: what is open is named in time', async () => {
  const place = temporaryHome();
  await practice.addFault({ match: { channel: 'rest' }, action: { type: 'limit', status: 429, retryAfterS: 60 } });
  const startedAtMs = performance.now();
  const missing = 'The keychain entry is not one of Holdfast.';
  const outcome = await directStop({ home: place.home, accounts: [account()], missing, giveUpAfterMs: 500, say: () => undefined });
  expect(outcome.text, 'nor is the account that it has no key for passed over in silence').toContain(`Not stopped: ${missing}`);
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
  expect(outcome.failure).toMatchObject({ exit: 4, survivors: ['all of testnet'] });
  await practice.heal();
  place.remove();
}, 90_000);

it('E1: without a key it says that nothing was cancelled, and where to do it', async () => {
  const outcome = await directStop({
    home: '/nowhere',
    accounts: [],
    missing: 'There is no mainnet key.',
    giveUpAfterMs: 500,
    say: () => undefined,
  });
  expect(outcome.failure).toMatchObject({
    exit: 4,
    text: expect.stringMatching(/Nothing was cancelled.*no mainnet key.*own app/) as string,
  });
});
