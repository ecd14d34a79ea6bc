// The signed endpoint as outsiders and friends meet it (F): one good request trips, everything else learns nothing.
import fs from 'node:fs';
import net from 'node:net';
import { expect, test, vi } from 'vitest';
import { AUDIT_EVERY_MS, createAudit, type KillSwitchRecord } from '../../../src-main/control/kill-switch-audit.ts';
import { MAX_NONCES, openNonces } from '../../../src-main/control/kill-switch-nonces.ts';
import { judgeSignature } from '../../../src-main/control/kill-switch-signature.ts';
import { MAX_BODY_BYTES, MAX_UNPROVEN, startKillSwitch } from '../../../src-main/control/kill-switch.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { ask, BASE, freshFile, freshNonce, raw, SECRET, sign, startRig, type Answered, type Ask } from './kill-switch-rig.ts';

test('a signed trigger trips with who and why, and is answered with the trip that closed', async () => {
  const rig = await startRig();
  const body = JSON.stringify({ who: 'monitoring', reason: 'the model is gone', positions: 'flatten' });
  const answer = await ask(rig.port, { body });
  expect([answer.code, JSON.parse(answer.text)]).toEqual([200, { tripId: 1 }]);
  expect(rig.trips).toEqual([{ reason: 'monitoring: the model is gone', positions: 'flatten' }]);
  expect(rig.asked).toEqual([{ what: 'trigger', verdict: 'taken', who: 'monitoring', why: 'the model is gone', times: 1 }]);
});

test('a clock in whole seconds, as every shell has one, is taken as well', async () => {
  const rig = await startRig();
  expect((await ask(rig.port, { timestamp: String(Math.floor(Date.now() / 1000)) })).code).toBe(200);
  expect(rig.trips).toHaveLength(1);
});

test.each([
  ['no body', ''],
  ['no JSON', 'stop!\nnow'],
  ['JSON that is no object', '[1]'],
  ['words that are too long', JSON.stringify({ who: 'x'.repeat(999), reason: 'y'.repeat(999) })],
  ['fields of other kinds and too many', JSON.stringify({ who: 1, reason: {}, positions: 'sell all', more: true })],
  ['a prototype', '{"__proto__": {"positions": "flatten"}}'],
])('words never keep a signed trigger from being obeyed: %s', async (_, body) => {
  const rig = await startRig();
  expect((await ask(rig.port, { body })).code).toBe(200);
  expect(rig.trips).toEqual([{ reason: expect.any(String), positions: null }]);
  expect(rig.trips[0]?.reason.length).toBeLessThan(280);
});

const OLD = String(Date.now() - 31_500);
const EARLY = String(Date.now() + 45_000);
const REFUSED: readonly (readonly [string, Ask])[] = [
  ['another secret', { secret: 'another secret of thirty-two char' }],
  ['no signature', { altered: { headers: { 'X-HMAC-Signature': undefined } } }],
  ['a signature that is too short', { altered: { headers: { 'X-HMAC-Signature': 'ab' } } }],
  ['a signature that is no hex', { altered: { headers: { 'X-HMAC-Signature': 'z'.repeat(64) } } }],
  ['two signatures', { altered: { headers: { 'X-HMAC-Signature': `${'a'.repeat(64)}, ${'b'.repeat(64)}` } } }],
  ['no timestamp', { altered: { headers: { 'X-Timestamp': undefined } } }],
  ['another timestamp than the signed one', { altered: { headers: { 'X-Timestamp': String(Date.now() + 1) } } }],
  ['a timestamp that is no number', { timestamp: 'now' }],
  ['no nonce', { altered: { headers: { 'X-Nonce': undefined } } }],
  ['another nonce than the signed one', { altered: { headers: { 'X-Nonce': 'another-nonce-of-a-test' } } }],
  ['a nonce that is too short', { nonce: 'short' }],
  ['a late signature', { timestamp: OLD }],
  ['a signature from the future', { timestamp: EARLY }],
  ['another body than the signed one', { body: '{"who":"me"}', altered: { body: '{"who":"no"}' } }],
  ['another path than the signed one', { path: `${BASE}/status`, altered: { path: `${BASE}/trigger` } }],
  ['another method than the signed one', { method: 'GET', altered: { method: 'POST' } }],
  ['a path that does not exist, well signed', { path: '/api/v1/safety' }],
  ['a query, well signed', { path: `${BASE}/trigger?x=1` }],
  ['a method that does not exist there, well signed', { method: 'PUT' }],
  [
    'a preflight of a browser',
    { method: 'OPTIONS', altered: { headers: { Origin: 'https://example.com', 'X-HMAC-Signature': undefined } } },
  ],
  ['an expectation', { altered: { headers: { Expect: 'a miracle' } }, secret: 'another secret of thirty-two char' }],
];

test('nothing is learned from a refusal: every one has the same status, headers and body, and nothing happened', async () => {
  const rig = await startRig();
  const answers: { name: string; answer: Answered }[] = [];
  for (const [name, wish] of REFUSED) answers.push({ name, answer: await ask(rig.port, wish) });
  const [first] = answers;
  expect(first?.answer).toMatchObject({ code: 401, text: '{"error":"unauthorised"}\n' });
  for (const { name, answer } of answers) expect({ name, answer }).toEqual({ name, answer: first?.answer });
  expect([rig.trips, rig.resets]).toEqual([[], []]);
  expect(rig.asked.every(({ verdict }) => verdict === 'refused')).toBe(true);
});

test('refusals leave after the same time, whatever is wrong and however late it is found', async () => {
  const rig = await startRig();
  const nonce = freshNonce();
  await ask(rig.port, { nonce });
  const timeOf = async (wish: Ask): Promise<number> => {
    const times: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const fromMs = performance.now();
      expect((await ask(rig.port, wish)).code).toBe(401);
      times.push(performance.now() - fromMs);
    }
    return times.toSorted((a, b) => a - b)[3] ?? 0;
  };
  const medians = [
    await timeOf({ altered: { headers: { 'X-HMAC-Signature': undefined } } }),
    await timeOf({ secret: 'another secret of thirty-two char' }),
    await timeOf({ timestamp: OLD }),
    await timeOf({ nonce }),
  ];
  for (const medianMs of medians) expect(medianMs).toBeGreaterThanOrEqual(48);
});

test('a replay is refused, at once, later, and by the server that comes after a restart', async () => {
  const file = freshFile();
  const first = await startRig({}, openNonces(file, Date.now()));
  const wish = { nonce: freshNonce(), timestamp: String(Date.now()) };
  expect((await ask(first.port, wish)).code).toBe(200);
  expect((await ask(first.port, wish)).code).toBe(401);
  await first.close();
  const second = await startRig({}, openNonces(file, Date.now()));
  expect((await ask(second.port, wish)).code).toBe(401);
  expect((await ask(second.port, { ...wish, path: `${BASE}/status`, method: 'GET' })).code).toBe(401);
  expect([first.trips.length, second.trips.length]).toEqual([1, 0]);
  if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600);
});

test('a nonce is used up by a good signature only: nobody can spend those of others', async () => {
  const rig = await startRig();
  const nonce = freshNonce();
  await ask(rig.port, { nonce, secret: 'another secret of thirty-two char' });
  expect((await ask(rig.port, { nonce })).code).toBe(200);
});

test('the memory of nonces is bounded: full of ones that count, it still stops, and nothing else', async () => {
  const nonces = openNonces(freshFile(), 0);
  const nowMs = Date.now();
  for (let n = 0; n < MAX_NONCES; n += 1) expect(nonces.take(`nonce-number-${String(n).padStart(8, '0')}`, nowMs, nowMs)).toBe('new');
  const rig = await startRig({}, nonces);
  expect((await ask(rig.port, { method: 'GET', path: `${BASE}/status` })).code).toBe(401);
  expect((await ask(rig.port)).code).toBe(200);
  expect(nonces.take('one-that-comes-later-and-fits', nowMs + 61_000, nowMs + 61_000)).toBe('new');
  expect(nonces.take('nonce-number-00000001', nowMs, nowMs + 61_000)).toBe('seen');
});

test('with a memory that cannot be read, it stops and does nothing else until old signatures are dead', async () => {
  const file = freshFile();
  fs.writeFileSync(file, '[["half');
  const nowMs = Date.now();
  const nonces = openNonces(file, nowMs);
  const rig = await startRig({}, nonces);
  const body = JSON.stringify({ tripId: 1, why: 'all is well' });
  expect((await ask(rig.port, { path: `${BASE}/reset`, body })).code).toBe(401);
  expect((await ask(rig.port)).code).toBe(200);
  expect(nonces.take('one-that-comes-later-and-fits', nowMs + 61_000, nowMs + 61_000)).toBe('new');
});

test('a disk that does not take the nonce keeps no stop from being obeyed, and no reset is made', async () => {
  const rig = await startRig({}, openNonces(`${freshFile()}/no/folder`, Date.now()));
  const stopped = await ask(rig.port);
  expect(JSON.parse(stopped.text)).toEqual({ tripId: 1, problem: expect.stringContaining('not on disk') });
  const reset = await ask(rig.port, { path: `${BASE}/reset`, body: JSON.stringify({ tripId: 1, why: 'all is well' }) });
  expect([reset.code, rig.resets]).toEqual([503, []]);
});

test('status says how things stand to who may know', async () => {
  const rig = await startRig();
  const answer = await ask(rig.port, { method: 'GET', path: `${BASE}/status` });
  expect([answer.code, JSON.parse(answer.text)]).toEqual([200, { phase: 'ARMED' }]);
});

const RESET = { path: `${BASE}/reset`, body: JSON.stringify({ tripId: 3, why: 'all is well', who: 'night shift' }) };

test('a reset needs the policy, the trip read back, and a reason', async () => {
  const rig = await startRig();
  expect((await ask(rig.port, RESET)).code).toBe(200);
  expect(rig.resets).toEqual([{ by: 'kill switch: night shift', why: 'all is well', tripId: 3 }]);
  expect((await ask(rig.port, { ...RESET, body: '{"why": "all is well"}' })).code).toBe(400);
  expect((await ask(rig.port, { ...RESET, body: '{"tripId": 3, "why": " "}' })).code).toBe(400);
  expect((await ask(rig.port, { ...RESET, body: 'all is well' })).code).toBe(400);
  expect(rig.resets).toHaveLength(1);
});

test('a reset is refused in words where the policy does not allow it, and where the console refuses', async () => {
  const forbidden = await startRig({ isResetAllowed: () => false });
  const no = await ask(forbidden.port, RESET);
  expect([no.code, no.text, forbidden.resets]).toEqual([403, expect.stringContaining('resetAllowed'), []]);
  const refusing = await startRig({ reset: () => Promise.resolve(fail('Trip 4 is the one that is tripped.')) });
  expect(await ask(refusing.port, RESET)).toMatchObject({ code: 409, text: expect.stringContaining('Trip 4') });
  expect(refusing.asked).toEqual([
    { what: 'reset', verdict: 'refused', who: 'night shift', why: 'Trip 4 is the one that is tripped.', times: 1 },
  ]);
});

test('an engine that cannot stop says so, loudly', async () => {
  const rig = await startRig({ trip: () => ({ tripId: fail('The console contradicts itself.'), durable: Promise.resolve() }) });
  expect(await ask(rig.port)).toMatchObject({ code: 500, text: expect.stringContaining('contradicts') });
});

test('a bug of ours costs its own connection only, and is told inside', async () => {
  const rig = await startRig({
    status: () => {
      throw new Error('secret detail');
    },
  });
  await expect(ask(rig.port, { method: 'GET', path: `${BASE}/status` })).rejects.toThrow(/hang up|ECONNRESET/);
  expect(rig.faults).toHaveLength(1);
  expect((await ask(rig.port)).code).toBe(200);
});

test('a body that says it is too large is refused before a byte of it is read', async () => {
  const rig = await startRig();
  const client = raw(rig.port);
  client.send(`POST ${BASE}/trigger HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`);
  expect(await client.closed).toContain('413');
  expect(rig.asked).toMatchObject([{ verdict: 'refused', why: 'the body is too large' }]);
});

test('a body that only turns out to be too large is refused as soon as it is', async () => {
  const rig = await startRig();
  const client = raw(rig.port);
  client.send(`POST ${BASE}/trigger HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  client.send(`${(MAX_BODY_BYTES + 1).toString(16)}\r\n${'x'.repeat(MAX_BODY_BYTES + 1)}\r\n`);
  expect(await client.closed).toContain('413');
});

test.each([
  ['headers without end', (port: number) => raw(port).send(`POST / HTTP/1.1\r\nX: ${'y'.repeat(9000)}`)],
  ['no HTTP at all', (port: number) => raw(port).send(Buffer.from([0x16, 3, 1, 0, 0xff, 0]))],
])('%s is cut without an answer, and told', async (_, send) => {
  const rig = await startRig();
  send(rig.port);
  await expect.poll(() => rig.asked).toMatchObject([{ what: 'other', verdict: 'refused', who: 'somebody unproven' }]);
});

test('a request that takes its time is cut at its deadline, and a stop gets through meanwhile', async () => {
  const rig = await startRig();
  const fromMs = performance.now();
  const silent = raw(rig.port);
  const slow = raw(rig.port);
  slow.send(`POST ${BASE}/trigger HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n`);
  const dripping = setInterval(() => slow.send('x'), 50);
  expect((await ask(rig.port)).code).toBe(200);
  expect([await silent.closed, await slow.closed]).toEqual(['', '']);
  clearInterval(dripping);
  expect(performance.now() - fromMs).toBeLessThan(6000);
});

test('connections that prove nothing make room for the newest: a stop gets through a crowd', async () => {
  const rig = await startRig();
  const crowd = Array.from({ length: MAX_UNPROVEN * 3 }, () => raw(rig.port));
  await Promise.all(crowd.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))));
  expect((await ask(rig.port)).code).toBe(200);
  expect(rig.trips).toHaveLength(1);
  // Long before their deadline.
  await expect.poll(() => crowd.filter(({ socket }) => !socket.destroyed).length, { timeout: 1500 }).toBeLessThanOrEqual(MAX_UNPROVEN);
});

test('it listens on this machine alone', async () => {
  const rig = await startRig();
  const reached = await new Promise((resolve) => {
    const socket = net.connect(rig.port, '::1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  });
  expect(reached).toBe(false);
});

test('a port that is taken is said in words', async () => {
  const rig = await startRig();
  const second = await startKillSwitch({
    port: rig.port,
    secret: () => SECRET,
    nonces: rig.nonces,
    nowMs: Date.now,
    onFault: () => undefined,
    actions: {} as never,
  });
  expect(second.ok ? '' : second.error).toContain('used by another program');
});

test('no two requests have the same text: a line feed in the body moves no field into another', () => {
  const nowMs = Date.now();
  const [timestamp, nonce] = [String(nowMs), freshNonce()];
  const signature = sign(SECRET, 'POST', '/p', 'a', timestamp, nonce);
  const judge = (path: string, body: string) =>
    judgeSignature({ method: 'POST', path, body: Buffer.from(body), signature, timestamp, nonce }, SECRET, nowMs).ok;
  expect([judge('/p', 'a'), judge('/p\na', ''), judge('/p', `a\n${timestamp}`)]).toEqual([true, false, false]);
});

test('what repeats is one record a minute with its number, and the first is told at once', () => {
  vi.useFakeTimers();
  try {
    const told: KillSwitchRecord[] = [];
    const audit = createAudit((record) => told.push(record));
    const refused = { what: 'trigger', verdict: 'refused', who: 'somebody unproven' } as const;
    for (let n = 0; n < 10_000; n += 1) audit.note({ ...refused, why: `reason ${n % 9}` });
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(AUDIT_EVERY_MS);
    expect(told.map(({ times }) => times)).toEqual([1, 9999]);
    expect(told[1]?.why.length).toBeLessThanOrEqual(200);
    audit.note({ what: 'trigger', verdict: 'taken', who: 'a', why: '' }, 1);
    audit.note({ what: 'trigger', verdict: 'taken', who: 'b', why: '' }, 2);
    audit.note({ what: 'trigger', verdict: 'taken', who: 'c', why: 'again' }, 2);
    expect(told).toHaveLength(4);
    audit.close();
    expect(told.at(-1)).toEqual({ what: 'trigger', verdict: 'taken', who: 'c', why: 'again', times: 1 });
    audit.close();
    expect(told).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});

test('nonces that were kept in a hurry are all on disk', async () => {
  const file = freshFile();
  const nonces = openNonces(file, 0);
  nonces.take('first-nonce-of-this-test', 1, 1);
  const first = nonces.kept();
  nonces.take('second-nonce-of-this-test', 2, 2);
  expect(await Promise.all([first, nonces.kept()])).toEqual([ok(undefined), ok(undefined)]);
  expect(openNonces(file, 0).take('second-nonce-of-this-test', 2, 2)).toBe('seen');
});
