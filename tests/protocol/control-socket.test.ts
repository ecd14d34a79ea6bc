// The control socket as a hostile or clumsy neighbour meets it (N3, N4): a clear answer, nothing executed, nobody else's connection hurt.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { connectControl, NoAnswer } from '../../src-main/control/client.ts';
import { claimHome, startControlServer } from '../../src-main/control/server.ts';
import { controlAddress } from '../../src-main/settings/home.ts';
import type { StopReceipt } from '../../src-shared/domain/stop.ts';
import { ok } from '../../src-shared/errors/result.ts';
import { SOME_FIGURES } from '../support/figures.ts';
import { freshHome, order, run, startFake, type FakeConsole } from '../unit/control/fake-console.ts';

/** A raw connection: sends text as it is, hands back answers line by line. */
const raw = async (address: string) => {
  const socket = net.connect(address);
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const lines: string[] = [];
  let rest = '';
  let wake: () => void = () => undefined;
  let closed = false;
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  socket.on('close', () => {
    closed = true;
    wake();
  });
  socket.on('error', () => undefined);
  const next = async (): Promise<Record<string, unknown> | undefined> => {
    while (lines.length === 0 && !closed) await new Promise<void>((resolve) => (wake = resolve));
    const line = lines.shift();
    return line === undefined ? undefined : JSON.parse(line);
  };
  return { socket, next, send: (text: string) => socket.write(`${text}\n`) };
};

const answerTo = async (fake: FakeConsole, text: string) => {
  const connection = await raw(fake.server.address);
  connection.send(text);
  const answer = await connection.next();
  connection.send('{"id": 9, "call": "metrics", "input": {}}');
  return { answer, after: await connection.next() };
};

const metrics = () => Promise.resolve(ok({ figures: SOME_FIGURES, prometheus: 'up 1' }));

test.each([
  ['no JSON', '{"id": 1,', 'BAD_INPUT'],
  ['no object', '[]', 'BAD_INPUT'],
  ['no id', '{"call": "metrics"}', 'BAD_INPUT'],
  ['an id that is no number', '{"id": "1", "call": "metrics"}', 'BAD_INPUT'],
  ['a prototype key deep inside', '{"id": 1, "call": "placeOrder", "input": {"symbol": {"__proto__": {"admin": true}}}}', 'BAD_INPUT'],
  ['an unknown call', '{"id": 1, "call": "shutdown", "input": {}}', 'NOT_FOUND'],
  ["a call that is an object's own by birth", '{"id": 1, "call": "toString", "input": {}}', 'NOT_FOUND'],
  ['a field too many', '{"id": 1, "call": "metrics", "input": {"x": 1}}', 'BAD_INPUT'],
  [
    'an order with a float',
    '{"id": 1, "call": "placeOrder", "input": {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "qty": 0.1}}',
    'BAD_INPUT',
  ],
  [
    "a key call, which is the window's alone",
    '{"id": 1, "call": "setKey", "input": {"mode": "testnet", "apiKey": "a", "secret": "b"}}',
    'REFUSED',
  ],
  ['mode texts that are none', '{"id": 1, "call": "switchMode", "input": {"mode": "MAINNET"}}', 'BAD_INPUT'],
])('%s is refused, nothing is executed, and the connection lives on', async (_, text, code) => {
  const fake = await startFake({ metrics });
  const { answer, after } = await answerTo(fake, text);
  expect(answer).toMatchObject({ ok: false, error: { code } });
  expect(after).toEqual({ id: 9, ok: true, value: { figures: SOME_FIGURES, prometheus: 'up 1' } });
  expect(fake.faults).toEqual([]);
});

test('a handler that throws is an internal error without details, and the fault is told inside', async () => {
  const fake = await startFake({ metrics });
  const { answer } = await answerTo(fake, '{"id": 1, "call": "reconcile", "input": {}}');
  expect(answer).toMatchObject({ id: 1, ok: false, error: { code: 'INTERNAL' } });
  expect(JSON.stringify(answer)).not.toContain('secret detail');
  expect(fake.faults).toEqual(['reconcile']);
});

test('a request beyond 64 KiB ends its connection with a reason, and no other', async () => {
  const fake = await startFake({ metrics });
  const other = await raw(fake.server.address);
  const flood = await raw(fake.server.address);
  flood.socket.write('x'.repeat(70_000));
  expect(await flood.next()).toMatchObject({ id: null, ok: false, error: { code: 'BAD_INPUT' } });
  expect(await flood.next()).toBeUndefined();
  other.send('{"id": 1, "call": "metrics"}');
  expect(await other.next()).toMatchObject({ id: 1, ok: true });
});

test('requests cut into single bytes and several in one piece are both understood', async () => {
  const fake = await startFake({ metrics });
  const connection = await raw(fake.server.address);
  const line = '{"id": 1, "call": "metrics", "input": {}}\n';
  for (const letter of line) connection.socket.write(letter);
  connection.socket.write(line.replace('1', '2') + line.replace('1', '3'));
  const ids = [await connection.next(), await connection.next(), await connection.next()].map((answer) => answer?.['id']);
  expect(ids).toEqual([1, 2, 3]);
});

test('the 33rd connection is refused, and a place that became free is given again', async () => {
  const fake = await startFake({ metrics });
  const open = await Promise.all(Array.from({ length: 32 }, () => raw(fake.server.address)));
  const extra = await raw(fake.server.address);
  extra.send('{"id": 1, "call": "metrics"}');
  expect(await extra.next()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  open[0]?.socket.destroy();
  await expect
    .poll(async () => {
      const again = await raw(fake.server.address);
      again.send('{"id": 1, "call": "metrics"}');
      return (await again.next())?.['ok'];
    })
    .toBe(true);
});

const tripStop = () => Promise.resolve(ok({ tripId: 1 }));

test('a stop gets through where there is no room for anything else: with every connection taken, and many more at the door (E1)', async () => {
  const receipt = {
    tripId: 1,
    complete: true,
    trippedAtMs: 0,
    orders: [],
    positions: [],
    buckets: {},
    cancelsOnWireMs: null,
    allAcknowledgedMs: null,
    verifiedEmptyMs: null,
    flatMs: null,
  } as unknown as StopReceipt;
  const fake = await startFake({ tripStop, awaitReceipt: () => Promise.resolve(ok(receipt)) });
  for (let connections = 0; connections < 60; connections += 1) await raw(fake.server.address);
  const last = await raw(fake.server.address);
  last.send('{"id": 1, "call": "tripStop", "input": {}}');
  expect(await last.next()).toEqual({ id: 1, ok: true, value: { tripId: 1 } });
  last.send('{"id": 2, "call": "subscribe", "input": {}}');
  expect(await last.next()).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
  expect((await run(fake.home, ['stop', '--json'])).exit).toBe(0);
});

test('a stop gets through on a connection with as many calls waiting as it may have (E1)', async () => {
  const fake = await startFake({ metrics: () => new Promise(() => undefined), tripStop });
  const connection = await raw(fake.server.address);
  for (let id = 1; id <= 65; id += 1) connection.send(JSON.stringify({ id, call: 'metrics', input: {} }));
  expect(await connection.next()).toMatchObject({ id: 65, ok: false, error: { code: 'UNAVAILABLE' } });
  connection.send('{"id": 66, "call": "tripStop", "input": {}}');
  expect(await connection.next()).toEqual({ id: 66, ok: true, value: { tripId: 1 } });
});

test('a call on behalf of the socket says so, whatever the payload claims', async () => {
  const callers: unknown[] = [];
  const fake = await startFake({
    metrics: (_, caller) => {
      callers.push(caller);
      return metrics();
    },
  });
  const client = await connectControl(fake.server.address);
  await client.call('metrics', {});
  client.close();
  expect(callers).toEqual([{ from: 'socket', user: expect.any(String) }]);
});

test('a replica gets the snapshot, then every delta; market frames pass beside them', async () => {
  const fake = await startFake();
  fake.move(['orders', 'a', order({ clientOrderId: 'a' })]);
  const client = await connectControl(fake.server.address);
  const seen: string[] = [];
  const caughtUp = Promise.withResolvers<void>();
  const answer = await client.follow((push, at) => {
    seen.push(`${push.kind} ${at.n} ${Object.keys(at.view.orders).join()}`);
    if (at.n === 3) caughtUp.resolve();
  });
  expect(answer.ok && Object.keys(answer.value.view.orders)).toEqual(['a']);
  fake.push({ kind: 'market', frame: { quotes: {}, candle: null, depth: null } });
  fake.move(['orders', 'b', order({ clientOrderId: 'b' })]);
  fake.move(['orders', 'a', null]);
  await caughtUp.promise;
  expect(seen).toEqual(['market 1 a', 'deltas 2 a,b', 'deltas 3 b']);
  client.close();
});

test('a gap in the deltas is never papered over: the client gives the connection up', async () => {
  const fake = await startFake();
  const client = await connectControl(fake.server.address);
  await client.follow(() => undefined);
  fake.push({ kind: 'deltas', deltas: [{ n: 5, seq: 5, changes: [] }] });
  await expect(client.lost).rejects.toThrow('out of order');
});

test('a console that ends is noticed by a waiting call, a follower and a later call', async () => {
  const fake = await startFake({ metrics: () => new Promise(() => undefined) });
  const client = await connectControl(fake.server.address);
  const waiting = client.call('metrics', {});
  await fake.server.close();
  await expect(waiting).rejects.toBeInstanceOf(NoAnswer);
  await expect(client.lost).rejects.toMatchObject({ cause: 'lost' });
  await expect(client.call('metrics', {})).rejects.toMatchObject({ cause: 'lost' });
});

test('a call without an answer ends at its deadline and says that its effect is not known', async () => {
  const fake = await startFake({ metrics: () => new Promise(() => undefined) });
  const client = await connectControl(fake.server.address);
  await expect(client.call('metrics', {}, 20)).rejects.toMatchObject({ cause: 'timeout', message: expect.stringContaining('not known') });
  client.close();
});

test("socket and home are this user's alone (N4)", async () => {
  const fake = await startFake();
  if (process.platform === 'win32') return;
  expect(fs.statSync(fake.server.address).mode & 0o777).toBe(0o600);
  expect(fs.statSync(fake.home).mode & 0o777).toBe(0o700);
});

test('a second console on a home is refused while the first lives, and may start once it is gone', async () => {
  const home = freshHome();
  const first = claimHome(home);
  const second = claimHome(home);
  expect(second.ok ? '' : second.error).toContain('Another console runs on this home');
  if (first.ok) first.value.release();
  const third = claimHome(home);
  expect(third.ok).toBe(true);
  if (third.ok) third.value.release();
});

test('the socket file of a console that was killed is replaced, and its home is free', async () => {
  const home = freshHome();
  const server = fileURLToPath(new URL('../../src-main/control/server.ts', import.meta.url));
  const script = `
    const { claimHome, startControlServer } = await import(${JSON.stringify(server)});
    const home = ${JSON.stringify(home)};
    await startControlServer({ home, claim: claimHome(home).value, handlers: {}, subscribe: () => undefined });
    console.log('up');`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(claimHome(home).ok).toBe(false);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  if (process.platform !== 'win32') expect(fs.existsSync(controlAddress(home))).toBe(true);
  await expect(connectControl(controlAddress(home))).rejects.toMatchObject({ cause: 'no-console' });
  const fake = await startFake({ metrics }, home);
  const client = await connectControl(fake.server.address);
  expect(await client.call('metrics', {})).toMatchObject({ ok: true });
  client.close();
});

test('a home whose path is too long for a socket gets one elsewhere, again for this user alone', async () => {
  const home = path.join(freshHome(), 'a'.repeat(120));
  const fake = await startFake({ metrics }, home);
  const client = await connectControl(fake.server.address);
  expect(await client.call('metrics', {})).toMatchObject({ ok: true });
  client.close();
});

test('a home that cannot be made is refused in words', async () => {
  const home = freshHome();
  fs.writeFileSync(path.join(home, 'file'), '');
  const claim = claimHome(path.join(home, 'file', 'under'));
  expect(claim.ok ? '' : claim.error).toContain('cannot be used');
});

test('a folder where others may write is no place for the socket', async () => {
  if (process.platform === 'win32') return;
  const home = freshHome();
  const claim = claimHome(home);
  fs.chmodSync(home, 0o777);
  const server =
    claim.ok && (await startControlServer({ home, claim: claim.value, handlers: {} as never, subscribe: () => ({}) as never }));
  expect(server && !server.ok && server.error).toContain('others may write');
  if (claim.ok) claim.value.release();
});

test("another user's socket in the console's place is not spoken to: nobody else may say that trading stopped (N4)", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can give a file away');
  const fake = await startFake({ metrics });
  fs.chownSync(fake.server.address, 65_534, 65_534);
  const seen: string[] = [];
  // Root rules over every user and may speak to any; for everybody else the owner decides.
  const script = `
    const { connectControl } = await import(${JSON.stringify(fileURLToPath(new URL('../../src-main/control/client.ts', import.meta.url)))});
    process.setuid(65_533);
    await connectControl(${JSON.stringify(fake.server.address)}).then(() => console.log('connected'), (error) => console.log(error.message));`;
  fs.chmodSync(fake.home, 0o711);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (part: Buffer) => seen.push(part.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  expect(seen.join('')).toContain("Another user's program listens");
});
