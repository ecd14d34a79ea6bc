// The watchdog over real processes (E8): whole consoles that are killed, held and ended, an exchange that outlives them, and what is
// cancelled then without a console. The watchdog is found by its working directory, the home.
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { controlAddress, policyPath } from '../../src-main/settings/home.ts';
import { ALERT_VARIABLES } from '../../src-main/vault/alert-secrets.ts';
import { startWebhookServer } from '../support/alert-servers.ts';
import type { WebhookServer } from '../support/alert-servers.ts';
import { customVenueOf, holdfast, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';
import { RestClient } from './practice-client.ts';

const PATIENCE_S = 3;
const LONG_PATIENCE_S = 15;
const ORDERS = 20;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'];

let practice: PracticeHandle;
let phone: RestClient;
let webhook: WebhookServer;
beforeAll(async () => {
  webhook = await startWebhookServer();
  practice = await startPractice({ seed: 31, eventsPerSecond: 20 });
  phone = new RestClient(practice);
});
afterAll(async () => {
  await phone.close();
  await practice.close();
  await webhook.close();
});

let place: ReturnType<typeof temporaryHome>;
let running: ConsoleProcess;
/** The venue's key comes by the environment, so that it stands in no process's arguments. */
const start = async (): Promise<void> => {
  const environment = { VENUE: customVenueOf(practice), [ALERT_VARIABLES.webhook]: `${webhook.origin}/phone` };
  running = startConsoleProcess(place.home, ['--custom-venue', 'env:VENUE'], environment, true);
  await running.ready();
};
const begin = async (watchdogSeconds: number): Promise<void> => {
  place = temporaryHome();
  writeFileSync(policyPath(place.home), JSON.stringify({ emergencyStop: { watchdogSeconds } }));
  await start();
  await running.until('a watchdog', ({ safety }) => safety.watchdog?.status === 'watching');
};
beforeEach(async () => {
  await practice.heal();
  await begin(PATIENCE_S);
});
afterEach(async () => {
  if (running.child.exitCode === null && running.child.signalCode === null) {
    running.child.kill('SIGCONT');
    await running.kill('SIGTERM');
  }
  for (const pid of watchdogs()) process.kill(pid, 'SIGKILL');
  await openOrders().then((open) =>
    Promise.all([...new Set(open)].map((symbol) => phone.signed('DELETE', '/api/v3/openOrders', { symbol }))),
  );
  place.remove();
});

const openOrders = async (): Promise<readonly string[]> => {
  const { orders } = await practice.state();
  return orders.flatMap(({ status, symbol }) => (status === 'NEW' || status === 'PARTIALLY_FILLED' ? [symbol] : []));
};

/** Twenty orders far below the market, from the trader's phone: the watchdog must know of none of them. */
const restOrders = async (): Promise<void> => {
  const quotes = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker')).text) as readonly { symbol: string; bidPrice: string }[];
  for (let index = 0; index < ORDERS; index += 1) {
    const symbol = SYMBOLS[index % SYMBOLS.length] ?? '';
    const bid = Number(quotes.find((quote) => quote.symbol === symbol)?.bidPrice);
    const answer = await phone.order({
      symbol,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: (bid * 0.9).toFixed(1),
      quantity: (12 / bid).toFixed(bid > 10_000 ? 4 : bid > 500 ? 3 : 2),
    });
    expect(answer.status, answer.text).toBe(200);
  }
  expect(await openOrders()).toHaveLength(ORDERS);
};

const linkOf = (link: string): string => {
  try {
    return readlinkSync(link);
  } catch {
    // It ended between the listing and the look, or is somebody else's.
    return '';
  }
};
const fileOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const watchdogs = (): readonly number[] =>
  readdirSync('/proc')
    .filter(
      (name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/cwd`) === place.home && fileOf(`/proc/${name}/cmdline`).includes('watchdog'),
    )
    .map(Number);

/** Sockets to anywhere: a request keeps its connection alive for minutes. */
const connectionsOf = (pid: number): readonly string[] => {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? []),
  );
  return ['tcp', 'tcp6']
    .flatMap((kind) => fileOf(`/proc/${pid}/net/${kind}`).split('\n').slice(1))
    .filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? ''));
};

const reports = (): readonly string[] => readdirSync(path.join(place.home, 'journals')).filter((name) => name.endsWith('.watchdog.json'));
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(process.platform === 'linux')('the watchdog', () => {
  it('E8: after kill -9 it alone cancels everything in time, and the next start is tripped and names what it did', async () => {
    await restOrders();
    await running.until(
      'the phone’s orders known',
      ({ orders }) => Object.values(orders).filter((one) => one.status === 'ACCEPTED').length >= ORDERS,
    );
    const killedAtMs = Date.now();
    await running.kill('SIGKILL');
    await wait((PATIENCE_S - 1) * 1000);
    expect(await openOrders(), 'before its patience is over nothing happens').toHaveLength(ORDERS);
    await expect.poll(openOrders, { timeout: 10_000, interval: 50 }).toEqual([]);
    expect(Date.now() - killedAtMs).toBeLessThan((PATIENCE_S + 2) * 1000);
    expect(reports()).toHaveLength(1);

    await start();
    const view = await running.until('the receipt', ({ safety }) => safety.stop?.receipt?.complete === true);
    expect(view.safety.stop).toMatchObject({ phase: 'TRIPPED', trigger: 'watchdog' });
    expect(view.safety.stop?.reason).toContain(`It cancelled ${ORDERS} orders`);
    expect(view.safety.stop?.receipt?.orders.filter(({ outcome }) => outcome === 'canceled')).toHaveLength(ORDERS);
    expect(Object.values(view.log).map((line) => line.text)).toContainEqual(expect.stringContaining('The watchdog stood in'));
    await expect.poll(reports, { timeout: 5000 }).toEqual([]);
    await running.until('a new watchdog', ({ safety }) => safety.watchdog?.status === 'watching');
    expect(watchdogs()).toHaveLength(1);
  });

  it('E8, B5: what protects a position holds while the console is gone; everything else is cancelled', async () => {
    await restOrders();
    const { bidPrice } = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker', { symbol: 'BTCUSDT' })).text) as {
      readonly bidPrice: string;
    };
    expect((await phone.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' })).status).toBe(200);
    const stopPrice = (Number(bidPrice) * 0.9).toFixed(1);
    const stop = await phone.order({ symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', quantity: '0.0005', stopPrice });
    expect(stop.status, stop.text).toBe(200);
    expect(await openOrders()).toHaveLength(ORDERS + 1);
    await running.kill('SIGKILL');
    await expect.poll(openOrders, { timeout: 10_000, interval: 50 }).toEqual(['BTCUSDT']);
    await expect.poll(watchdogs, { timeout: 15_000 }).toEqual([]);
    expect(await openOrders(), 'the stop stands').toEqual(['BTCUSDT']);
    expect(readFileSync(path.join(place.home, 'journals', reports()[0] ?? ''), 'utf8')).toMatch(/"kept":\[\{"symbol":"BTCUSDT"/);
  });

  it('E8: a console that hung is tripped as soon as it comes to itself, instead of trading on', async () => {
    await restOrders();
    running.child.kill('SIGSTOP');
    await expect.poll(openOrders, { timeout: (PATIENCE_S + 2) * 1000, interval: 50 }).toEqual([]);
    running.child.kill('SIGCONT');
    const view = await running.until('TRIPPED', ({ safety }) => safety.stop?.phase === 'TRIPPED');
    expect(view.safety.stop).toMatchObject({ trigger: 'watchdog', tripId: 1 });
    await running.until('the fact', ({ log }) => Object.values(log).some(({ text }) => text.includes('The watchdog stood in')));
    await running.until('the next watchdog', ({ safety }) => safety.watchdog?.status === 'watching');
    await expect.poll(reports, { timeout: 15_000 }).toEqual([]);
    expect((await running.view()).safety.stop?.tripId, 'one trip for one deed').toBe(1);
  });

  it('E8: it never meddles: no request while the console lives, none after a goodbye', async () => {
    await restOrders();
    const [pid = 0] = watchdogs();
    const until = Date.now() + 4 * PATIENCE_S * 1000;
    while (Date.now() < until) {
      expect(connectionsOf(pid)).toEqual([]);
      await wait(500);
    }
    expect(await openOrders()).toHaveLength(ORDERS);
    await running.kill('SIGTERM');
    expect(watchdogs()).toEqual([]);
    await wait((PATIENCE_S + 1) * 1000);
    expect(await openOrders(), 'a clean quit leaves the orders').toHaveLength(ORDERS);
    expect(reports()).toEqual([]);
  });

  /** The stop works, and the exchange does not let go of one symbol's orders. */
  const stopWithSurvivors = async (): Promise<void> => {
    await restOrders();
    await running.until(
      'the phone’s orders known',
      ({ orders }) => Object.values(orders).filter((one) => one.status === 'ACCEPTED').length >= ORDERS,
    );
    await practice.addFault({
      match: { channel: 'rest', method: 'DELETE', symbol: 'ETHUSDT' },
      action: { type: 'status', stage: 'before', status: 503 },
    });
    expect(await holdfast(place.home, 'stop --timeout-ms 8000')).toMatchObject({ exit: 4 });
  };

  it('E3, E8: a console that is ended while its stop has not proven everything gone leaves the rest to it', async () => {
    await stopWithSurvivors();
    expect(new Set(await openOrders())).toEqual(new Set(['ETHUSDT']));
    await running.kill('SIGTERM');
    expect(running.stderr()).toContain('The stop is not proven yet');
    await practice.heal();
    await expect.poll(openOrders, { timeout: 20_000, interval: 50 }).toEqual([]);

    await start();
    const view = await running.until('the proof', ({ safety }) => safety.stop?.receipt?.complete === true);
    expect(view.safety.stop, 'one trip').toMatchObject({ phase: 'TRIPPED', trigger: 'cli', tripId: 1 });
  });

  it('E3, E8: what a reset stop still pursues when the console is ended is left to it as well', async () => {
    await stopWithSurvivors();
    expect(await holdfast(place.home, 'reset --trip 1 --why looked')).toMatchObject({ exit: 0 });
    expect((await running.view()).safety.stop?.phase).toBe('COOLING_DOWN');
    await running.kill('SIGTERM');
    expect(webhook.posted.map(({ body }) => body['text']).join('\n'), 'whoever is away hears of it').toContain(
      'The stop is not proven yet',
    );
    expect(new Set(await openOrders())).toEqual(new Set(['ETHUSDT']));
    await practice.heal();
    await expect.poll(openOrders, { timeout: 20_000, interval: 50 }).toEqual([]);
  });

  it('E8: it hears the goodbye only when no stop can be asked for any more', async () => {
    const [pid = 0] = watchdogs();
    // Held, it takes the whole second that it is given to leave.
    process.kill(pid, 'SIGSTOP');
    running.child.kill('SIGTERM');
    await expect.poll(() => existsSync(controlAddress(place.home)), { timeout: 10_000, interval: 5 }).toBe(false);
    expect(watchdogs()).toEqual([pid]);
    expect((await running.ended).code).toBe(0);
    expect(watchdogs()).toEqual([]);
  });

  it('E8: a console that is back in time takes over, and nothing is cancelled', async () => {
    // On a busy machine the next start takes its time.
    await running.kill('SIGTERM');
    place.remove();
    await begin(LONG_PATIENCE_S);
    await restOrders();
    const [old] = watchdogs();
    await running.kill('SIGKILL');
    await start();
    await running.until('a watchdog', ({ safety }) => safety.watchdog?.status === 'watching');
    expect(watchdogs()).not.toContain(old);
    await wait((LONG_PATIENCE_S + 1) * 1000);
    expect(await openOrders()).toHaveLength(ORDERS);
    expect((await running.view()).safety.stop?.phase).not.toBe('TRIPPED');
  });

  it('E8: a start in another mode leaves it to its work and says so; the next start in its own mode is tripped', async () => {
    await restOrders();
    const [old = 0] = watchdogs();
    await running.kill('SIGKILL');
    running = startConsoleProcess(place.home, ['--mode', 'practice'], {}, true);
    await running.ready();
    const titles = async (): Promise<readonly string[]> => Object.values((await running.view()).alerts).map(({ title }) => title);
    expect(await titles()).toContain('A watchdog still stands in for another account');
    await expect.poll(openOrders, { timeout: 10_000, interval: 50 }).toEqual([]);
    await running.until('its own watchdog', ({ safety }) => safety.watchdog?.status === 'watching');
    expect(watchdogs()).not.toContain(old);
    expect(await titles()).toContain('A watchdog stood in for another account');
    expect((await running.view()).safety.stop?.phase, 'practice has nothing to do with it').not.toBe('TRIPPED');
    await running.kill('SIGTERM');
    expect(reports()).toHaveLength(1);

    await start();
    const view = await running.until('the receipt', ({ safety }) => safety.stop?.receipt?.complete === true);
    expect(view.safety.stop).toMatchObject({ phase: 'TRIPPED', trigger: 'watchdog' });
    await expect.poll(reports, { timeout: 5000 }).toEqual([]);
  });

  it('E8: a start that fails does not send it away', async () => {
    await restOrders();
    await running.kill('SIGKILL');
    const journals = path.join(place.home, 'journals');
    const [journal = ''] = readdirSync(journals).filter((name) => name.endsWith('.sqlite'));
    writeFileSync(path.join(journals, journal), 'no journal any more');
    running = startConsoleProcess(place.home, ['--custom-venue', 'env:VENUE'], { VENUE: customVenueOf(practice) }, true);
    expect((await running.ended).code).toBe(1);
    await expect.poll(openOrders, { timeout: 10_000, interval: 50 }).toEqual([]);
  });

  it('E8: both held as a sleeping machine holds them, it gives new patience when they wake', async () => {
    await restOrders();
    const [pid = 0] = watchdogs();
    running.child.kill('SIGSTOP');
    process.kill(pid, 'SIGSTOP');
    await wait((PATIENCE_S + 2) * 1000);
    process.kill(pid, 'SIGCONT');
    await wait(1000);
    running.child.kill('SIGCONT');
    await wait(PATIENCE_S * 1000);
    expect(await openOrders()).toHaveLength(ORDERS);
    expect(watchdogs()).toEqual([pid]);
  });

  it('E8: one that dies is told of and replaced', async () => {
    const [pid = 0] = watchdogs();
    process.kill(pid, 'SIGKILL');
    await running.until('it is gone', ({ alerts }) => Object.values(alerts).some(({ title }) => title === 'The watchdog is gone'));
    await running.until('another', ({ safety }) => safety.watchdog?.status === 'watching' && !watchdogs().includes(pid));
    expect(watchdogs()).toHaveLength(1);
  });

  it('N1, L2: the key is in none of its arguments, its environment or any file of the home', async () => {
    const [pid = 0] = watchdogs();
    const { secret } = practice.key;
    expect(fileOf(`/proc/${running.child.pid ?? 0}/environ`), 'the search finds what is there').toContain(secret);
    expect(fileOf(`/proc/${pid}/environ`)).not.toContain(secret);
    expect(fileOf(`/proc/${pid}/cmdline`)).not.toContain(secret);
    await restOrders();
    await running.kill('SIGKILL');
    await expect.poll(openOrders, { timeout: 10_000 }).toEqual([]);
    await expect.poll(reports, { timeout: 5000 }).toHaveLength(1);
    const files = readdirSync(place.home, { recursive: true, encoding: 'utf8' }).map((name) => path.join(place.home, name));
    for (const file of files.filter((one) => existsSync(one) && statSync(one).isFile())) {
      const content = readFileSync(file, 'latin1');
      expect(content.includes(secret) || content.includes(practice.key.apiKey), file).toBe(false);
    }
  });
});
