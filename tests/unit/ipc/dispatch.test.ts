// One door for every call (DESIGN 7, N3): what is not understood runs nothing, and a failure is a value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contract } from '../../../src-shared/contract/contract.ts';
import type { Caller } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { dispatch, isCallName, MAX_PAYLOAD_CHARS } from '../../../src-main/ipc/dispatch.ts';
import { fakeConsole } from '../shell/fake-console.ts';

const WINDOW: Caller = { from: 'window', user: 'ann' };
const SOCKET: Caller = { from: 'socket', user: 'ann' };
const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', qty: '0.01', price: '60000', timeInForce: 'GTC' };

const setUp = () => {
  const console = fakeConsole();
  const faults: { name: string; error: unknown }[] = [];
  console.answer('placeOrder', () => Promise.resolve(ok({ clientOrderId: 'hf1' })));
  const call = (name: unknown, input: unknown, caller = WINDOW) =>
    dispatch(name, input, caller, console.handlers, (fault, error) => faults.push({ name: fault, error }));
  return { console, faults, call };
};

describe('a call of the contract', () => {
  it('reaches its handler with parsed input and brings its value back', async () => {
    const { console, call } = setUp();
    expect(await call('placeOrder', order)).toEqual({ ok: true, value: { clientOrderId: 'hf1' } });
    expect(console.calls).toEqual([{ name: 'placeOrder', input: order }]);
  });

  it('may leave out an input that has no fields, and gets defaults filled in', async () => {
    const { console, call } = setUp();
    await call('reconcile', undefined);
    await call('tripStop', {});
    expect(console.calls).toEqual([
      { name: 'reconcile', input: {} },
      { name: 'tripStop', input: { reason: '' } },
    ]);
  });

  it.each(['toString', '__proto__', 'constructor', 'nothing', '', 7, null, undefined, ['placeOrder'], { name: 'placeOrder' }])(
    'named %j does not exist',
    async (name) => {
      const { console, call } = setUp();
      expect(await call(name, order)).toMatchObject({ ok: false, error: { code: 'BAD_INPUT' } });
      expect(console.calls).toEqual([]);
    },
  );

  it('that is for the window alone is refused to the socket (keys stay with the person at the screen)', async () => {
    const { console, call } = setUp();
    const closed = Object.entries(contract).filter(([, entry]) => !entry.from.includes('socket'));
    expect(closed.map(([name]) => name)).toContain('setKey');
    for (const [name] of closed) expect(await call(name, {}, SOCKET)).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    expect(console.calls).toEqual([]);
  });

  it('is told what is wrong, field by field, and never what it sent', async () => {
    const { call } = setUp();
    const answer = await call('setKey', { mode: 'testnet', apiKey: '', secret: { planted: 'hunter2' }, hunter3: 1 });
    expect(answer).toMatchObject({ ok: false, error: { code: 'BAD_INPUT', text: expect.stringMatching(/apiKey.*secret/) as string } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('that is too large, too deep, not plain or aimed at a prototype is refused unread', async () => {
    const { console, call } = setUp();
    let deep: unknown = 1;
    for (let n = 0; n < 12; n += 1) deep = { deep };
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const hostile = [
      { ...order, symbol: 'A'.repeat(MAX_PAYLOAD_CHARS + 1) },
      { ...order, ['k'.repeat(MAX_PAYLOAD_CHARS + 1)]: 1 },
      { list: Array.from({ length: 10_000 }, () => 1) },
      deep,
      cyclic,
      new Map([['symbol', 'BTCUSDT']]),
      new Date(),
      JSON.parse('{"__proto__":{"isAdmin":true},"symbol":"BTCUSDT"}') as unknown,
      { ...order, constructor: { prototype: {} } },
    ];
    const unread = expect.stringMatching(/payload (is too large|is nested too deeply|must be plain data|has a forbidden key)/) as string;
    for (const input of hostile)
      expect(await call('placeOrder', input)).toMatchObject({ ok: false, error: { code: 'BAD_INPUT', text: unread } });
    expect(console.calls).toEqual([]);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it('whose handler throws comes back as INTERNAL, with the cause in the log only', async () => {
    const { console, faults, call } = setUp();
    console.answer('reconcile', () => Promise.reject(new Error('secret detail')));
    const answer = await call('reconcile', {});
    expect(answer).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('secret detail');
    expect(faults).toEqual([{ name: 'reconcile', error: new Error('secret detail') }]);
  });

  it('of any shape at all never throws and never runs a handler on unparsed input (N3)', async () => {
    const { console, call } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...Object.keys(contract)), fc.string()), fc.anything(), async (name, input) => {
        const before = console.calls.length;
        const answer = await call(name, input);
        expect(typeof answer.ok).toBe('boolean');
        if (console.calls.length > before) {
          expect(isCallName(name)).toBe(true);
          if (isCallName(name)) expect(contract[name].input.safeParse(input ?? {}).success).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
