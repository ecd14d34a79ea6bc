// N3: whatever a window or a neighbour sends, the answer is a value or a clear error: nothing throws, nothing is executed that was not
// parsed, no prototype is reached, and no payload comes back in an error.
import net from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { dispatch } from '../../src-main/ipc/dispatch.ts';
import { contract, type Caller, type CallName, type Handlers } from '../../src-shared/contract/contract.ts';
import { ok } from '../../src-shared/errors/result.ts';
import { startFake } from '../unit/control/fake-console.ts';

const NAMES = Object.keys(contract) as CallName[];
const WINDOW: Caller = { from: 'window', user: 'ann' };

/** Handlers that note what they were given: it must be what the schema makes of it, and nothing else. */
const noting = () => {
  const given: { readonly name: CallName; readonly input: unknown }[] = [];
  const handlers = Object.fromEntries(
    NAMES.map((name) => [
      name,
      (input: unknown) => {
        given.push({ name, input });
        return Promise.resolve(ok({}));
      },
    ]),
  ) as unknown as Handlers;
  return { given, handlers };
};

const POISON = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
const FIELDS = [
  'symbol',
  'side',
  'type',
  'qty',
  'price',
  'reason',
  'positions',
  'mode',
  'secret',
  'apiKey',
  'clientOrderId',
  'seq',
  'tripId',
  'why',
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'BTCUSDT',
    'BUY',
    'LIMIT',
    '0.001',
    '60000',
    'flatten',
    '-1',
    '1e9',
    'NaN',
    'Infinity',
    '\u0000',
    '../../etc/passwd',
    '$(reboot)',
  ),
  fc.integer({ min: 100, max: 20_000 }).map((length) => 'x'.repeat(length)),
);
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Number.NaN),
  fc.date(),
  fc.func(fc.nat()),
);
const key = fc.oneof(fc.constantFrom(...POISON, ...FIELDS), fc.string({ maxLength: 8 }));
const payload = fc.oneof(
  leaf,
  fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withTypedArray: true,
    withSparseArray: true,
    maxDepth: 5,
  }),
  // Made by JSON.parse, a key named __proto__ is an own one, as it arrives over a wire.
  fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf, { maxKeys: 4 }))),
);

test('any call with any payload: a value or a refusal, and a handler sees only what its schema made of it', async () => {
  const { given, handlers } = noting();
  const faults: unknown[] = [];
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...POISON), fc.anything()), payload, async (name, input) => {
      given.length = 0;
      const answer = await dispatch(name, input, WINDOW, handlers, (_, error) => faults.push(error));
      if (!answer.ok) expect(['BAD_INPUT', 'REFUSED']).toContain((answer.error as { code: string }).code);
      expect(given.length).toBe(answer.ok ? 1 : 0);
      for (const one of given) expect(contract[one.name].input.safeParse(input ?? {})).toEqual({ success: true, data: one.input });
    }),
    { numRuns: 3000 },
  );
  expect(faults).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('what a clone over IPC can carry and JSON cannot is refused, not tripped over', async () => {
  const { given, handlers } = noting();
  const faults: unknown[] = [];
  for (const odd of [0n, () => 1, Symbol('x')])
    for (const input of [odd, { side: odd }, { side: { side: odd } }, { symbol: [odd] }]) {
      const answer = await dispatch('previewOrder', input, WINDOW, handlers, (_, error) => faults.push(error));
      expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_INPUT' } });
    }
  expect([given, faults]).toEqual([[], []]);
});

test('a getter that throws, a proxy and a payload that is its own part are refusals, not faults', async () => {
  const { given, handlers } = noting();
  const throwing = Object.defineProperty({}, 'symbol', { enumerable: true, get: () => expect.fail('hunter2') });
  const trap = new Proxy({}, { ownKeys: () => expect.fail('hunter2') });
  const circle: Record<string, unknown> = {};
  circle['why'] = circle;
  for (const input of [throwing, trap, circle])
    for (const name of NAMES) {
      const answer = await dispatch(name, input, WINDOW, handlers, () => undefined);
      expect(answer.ok).toBe(false);
      expect(JSON.stringify(answer)).not.toContain('hunter2');
    }
  expect(given).toEqual([]);
});

/** An order's error quotes the symbol and the side that make no sense; these calls carry what nobody may read. */
const SECRET_CALLS = ['setKey', 'setKillSwitchSecret', 'deleteKey', 'testKey'] as const;

test('what a call with secrets was given never comes back in an error', async () => {
  const { handlers } = noting();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SECRET_CALLS), fc.constantFrom(...FIELDS), fc.nat(3), async (name, field, depth) => {
      let input: unknown = { [field]: 'planted-hunter2', extra: 'planted-hunter2' };
      for (let n = 0; n < depth; n += 1) input = { [field]: input };
      const answer = await dispatch(name, input, WINDOW, handlers, () => undefined);
      expect(JSON.stringify(answer)).not.toContain('planted-hunter2');
    }),
    { numRuns: 500 },
  );
});

const lineOf = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 6 }).map((json) => Buffer.from(`${json}\n`)),
  fc
    .record({
      id: fc.oneof(fc.nat(), fc.jsonValue({ maxDepth: 1 })),
      call: fc.oneof(fc.constantFrom(...NAMES, ...POISON), fc.string()),
      input: fc.jsonValue(),
    })
    .map(lineOf),
  fc.constantFrom(...POISON).map((name) => Buffer.from(`{"id":1,"call":"tripStop","input":{"${name}":{"polluted":true}}}\n`)),
  fc
    .constantFrom('['.repeat(30_000), `{"a":${'{"a":'.repeat(10_000)}`, '{"id":1,"call":"tripStop"', '\u0000\uFFFF')
    .map((line) => Buffer.from(`${line}\n`)),
);

test('any bytes on the control socket, cut anywhere: the next connection is served, and no handler saw what was not parsed', async () => {
  const { given, handlers } = noting();
  const fake = await startFake(handlers);
  const talk = (bytes: Buffer, cutAt: number): Promise<string> =>
    new Promise((resolve) => {
      const socket = net.connect(fake.server.address);
      onTestFinished(() => void socket.destroy());
      let answers = '';
      socket.on('data', (part: Buffer) => (answers += part.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answers));
      socket.write(bytes.subarray(0, cutAt));
      socket.end(bytes.subarray(cutAt));
    });
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 6 }), fc.nat(400), async (frames, cutAt) => {
      given.length = 0;
      const answers = await talk(Buffer.concat(frames), cutAt);
      for (const line of answers.split('\n').filter((one) => one !== '')) expect(() => void JSON.parse(line)).not.toThrow();
      for (const one of given) {
        expect(contract[one.name].from).toContain('socket');
        expect(contract[one.name].input.safeParse(one.input).success).toBe(true);
      }
      expect(answers).not.toContain('polluted');
    }),
    { numRuns: 300 },
  );
  expect(await talk(Buffer.from('{"id": 7, "call": "metrics"}\n'), 5)).toContain('"id":7,"ok":true');
  expect(fake.faults).toEqual([]);
  expect((Object.prototype as { polluted?: unknown }).polluted).toBeUndefined();
});
