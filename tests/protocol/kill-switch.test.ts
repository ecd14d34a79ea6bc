// The kill switch from outside, over a whole console (F): off by default, a signed request stops trading, and it is in the journal.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { CALLER, startTestConsole, type TestConsole } from '../support/console.ts';
import { ask, BASE, freshNonce, SECRET } from '../unit/control/kill-switch-rig.ts';

const SECRET_VARIABLE = 'KILL_SWITCH_SECRET';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const start = async (policy: object, secret: string | undefined = SECRET, home?: string): Promise<TestConsole> => {
  if (secret !== undefined) process.env[SECRET_VARIABLE] = secret;
  const console = await startTestConsole(home === undefined ? {} : { home }, policy);
  onTestFinished(async () => {
    await console.close();
    console.remove();
  });
  return console;
};

const listening = (console: TestConsole) =>
  console.until('the kill switch listens', () => console.view().safety.killSwitch?.status === 'listening');

const factsOf = async (console: TestConsole, kind: string): Promise<readonly string[]> => {
  const page = await console.api.handlers.journalPage({ count: 500 }, CALLER);
  return page.ok ? page.value.entries.filter((entry) => entry.kind === kind).map(({ json }) => json) : [];
};

test('it is off by default, whatever secret there is', async () => {
  const console = await start({});
  const view = await console.until('the kill switch is shown', () => console.view().safety.killSwitch);
  expect(view).toEqual({ status: 'off', text: 'Off, as the policy says.' });
  expect(console.view().health['kill switch']).toBeUndefined();
  await expect(ask(8765)).rejects.toThrow('ECONNREFUSED');
});

test('a signed trigger stops trading as the red button does, and who and why is in the journal; a reset needs the policy', async () => {
  const port = await freePort();
  const console = await start({ killSwitch: { enabled: true, port } });
  await listening(console);
  expect(console.view().health['kill switch']).toMatchObject({ verdict: 'good', text: expect.stringContaining(String(port)) });
  expect(process.env[SECRET_VARIABLE]).toBeUndefined();
  const bid = await console.until('there is a price', () => console.quotes()['BTCUSDT']?.bid);
  const price = String(Math.floor(Number(bid) * 0.985)) as DecimalText;
  const id = await console.place({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', qty: '0.003', price, timeInForce: 'GTC' } as never);
  await console.until('the order rests', () => console.view().orders[id]?.status === 'ACCEPTED');

  expect((await ask(port, { secret: 'x'.repeat(32) })).code).toBe(401);
  expect(console.view().safety.stop?.phase).toBe('ARMED');
  const wish = { body: JSON.stringify({ who: 'monitoring', reason: 'the model is gone' }), nonce: freshNonce() };
  expect(JSON.parse((await ask(port, wish)).text)).toEqual({ tripId: 1 });
  const stop = await console.until(
    'the stop has its receipt',
    () => console.view().safety.stop?.receipt?.complete && console.view().safety.stop,
  );
  expect(stop).toMatchObject({ phase: 'TRIPPED', trigger: 'endpoint', reason: 'monitoring: the model is gone' });
  expect(console.view().orders[id]?.status).toBe('CANCELED');
  expect((await ask(port, { method: 'GET', path: `${BASE}/status` })).text).toMatch(
    /"phase":"TRIPPED".*"openOrders":0,"isReceiptComplete":true/,
  );

  const reset = { path: `${BASE}/reset`, body: JSON.stringify({ tripId: 1, why: 'all is well' }) };
  expect((await ask(port, reset)).code).toBe(403);
  expect(console.view().safety.stop?.phase).toBe('TRIPPED');
  expect((await ask(port, wish)).code).toBe(401);
  const told = async () => (await factsOf(console, 'kill-switch.asked')).map((json) => JSON.parse(json) as object);
  await expect.poll(told).toMatchObject([
    { what: 'trigger', verdict: 'refused', who: 'somebody unproven', why: 'the signature does not fit' },
    { what: 'trigger', verdict: 'taken', who: 'monitoring', why: 'the model is gone' },
    { what: 'status', verdict: 'taken' },
    { what: 'reset', verdict: 'refused', who: 'unnamed', why: expect.stringContaining('resetAllowed') },
  ]);
  expect(console.alerts.map(({ title }) => title)).toContain('The kill switch refused a request');
});

test('where the policy allows it, a reset is a person at the other end: the trip is read back, and the stop cools down', async () => {
  const port = await freePort();
  const console = await start({ killSwitch: { enabled: true, port, resetAllowed: true } });
  await listening(console);
  await ask(port);
  await console.until('the stop has its receipt', () => console.view().safety.stop?.receipt?.complete);
  const reset = (tripId: number) => ask(port, { path: `${BASE}/reset`, body: JSON.stringify({ tripId, why: 'all is well', who: 'ann' }) });
  expect((await reset(2)).code).toBe(409);
  expect((await reset(1)).code).toBe(200);
  await console.until('it cools down', () => console.view().safety.stop?.phase === 'COOLING_DOWN');
  expect(await factsOf(console, 'stop.reset')).toMatchObject([expect.stringContaining('kill switch: ann')]);
});

test('a port that is taken is said in the view, in health and by an alert; once it is free, it listens', async () => {
  const port = await freePort();
  const other = net.createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const console = await start({ killSwitch: { enabled: true, port } });
  const failed = await console.until('it does not listen', () => console.view().safety.killSwitch?.status === 'failed' && console.view());
  expect(failed.safety.killSwitch?.text).toContain(`Port ${port} is used by another program`);
  expect(failed.health['kill switch']?.verdict).toBe('bad');
  expect(console.alerts).toContainEqual(expect.objectContaining({ severity: 'danger', key: 'kill-switch' }));
  await new Promise((resolve) => other.close(resolve));
  await console.until('it listens', () => console.view().safety.killSwitch?.status === 'listening', 15_000);
  expect(console.alerts).toContainEqual(expect.objectContaining({ severity: 'good', key: 'kill-switch' }));
});

test('a secret that is none is said in words that hold none of it, and nothing listens', async () => {
  const port = await freePort();
  const console = await start({ killSwitch: { enabled: true, port } }, 'hunter2hunter2');
  const text = await console.until('it does not listen', () => {
    const view = console.view().safety.killSwitch;
    return view?.status === 'failed' && view.text;
  });
  expect(text).toContain('KILL_SWITCH_SECRET should have 32 to 256');
  expect(text).not.toContain('hunter2');
  await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
});

test("the guide's example works as it stands there", async ({ skip }) => {
  const tools = await Promise.all(
    ['curl', 'openssl'].map((tool) =>
      promisify(execFile)(tool, ['version']).then(
        () => true,
        (error: { code: unknown }) => error.code !== 'ENOENT',
      ),
    ),
  );
  if (process.platform === 'win32' || tools.includes(false)) skip('there is no curl or no openssl here');
  const guide = fs.readFileSync(new URL('../../assets/guide/kill-switch.md', import.meta.url), 'utf8');
  const script = /```sh\n(.*?)```/s.exec(guide)?.[1] ?? '';
  const port = await freePort();
  const console = await start({ killSwitch: { enabled: true, port } });
  await listening(console);
  const environment = { ...process.env, KILL_SWITCH_SECRET: SECRET, PORT: String(port), no_proxy: '127.0.0.1' };
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: environment });
  expect(JSON.parse(stdout)).toEqual({ tripId: 1 });
  const stop = await console.until('it is tripped', () => console.view().safety.stop?.phase === 'TRIPPED' && console.view().safety.stop);
  expect(stop).toMatchObject({ trigger: 'endpoint', reason: 'my monitor: the model is gone' });
});
