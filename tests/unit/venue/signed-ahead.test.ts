// R: what is signed while the disk writes is what would have been signed at the wire, goes out once, and never stale.
import { describe, expect, it } from 'vitest';
import type { RestCall } from '../../../src-main/venue/rest.ts';
import { createSignedAhead } from '../../../src-main/venue/signed-ahead.ts';

const callOf = (params: RestCall['params'], more: Partial<RestCall> = {}): RestCall => ({
  path: 'order',
  api: 'private',
  method: 'POST',
  params,
  weight: 1,
  traffic: 'normal',
  lane: 'normal',
  ...more,
});
const call = callOf({ newClientOrderId: 'a', price: '1' });

const bench = () => {
  let nowMs = 1_000;
  let signatures = 0;
  const ahead = createSignedAhead(
    () => ({ url: `signature ${++signatures}`, method: 'POST' }),
    () => nowMs,
  );
  const take = (wanted: RestCall): string => ahead.take(wanted).request.url;
  return { ahead, take, pass: (ms: number) => (nowMs += ms), signatures: () => signatures };
};

describe('requests signed ahead', () => {
  it('are taken as they were signed, with the time of their timestamp, and once', () => {
    const { ahead, take, pass, signatures } = bench();
    ahead.prepare(call);
    pass(40);
    expect(ahead.take(callOf({ ...call.params }))).toEqual({ request: { url: 'signature 1', method: 'POST' }, sentAtMs: 1_000 });
    expect(signatures()).toBe(1);
    expect(take(call)).toBe('signature 2');
  });
  it.each([
    ['another price', callOf({ newClientOrderId: 'a', price: '2' })],
    ['another path', callOf(call.params, { path: 'order/cancelReplace' })],
    ['another method', callOf(call.params, { method: 'DELETE' })],
  ])('are not for %s', (_what, other) => {
    const { ahead, take } = bench();
    ahead.prepare(call);
    expect(take(other)).toBe('signature 2');
  });
  it.each([1000, -1])('are signed anew when the clock has moved by %i ms', (ms) => {
    const { ahead, take, pass } = bench();
    ahead.prepare(call);
    pass(ms);
    expect(take(call)).toBe('signature 2');
  });
  it('never pile up: orders that a stop takes back are forgotten', () => {
    const { ahead, take, signatures } = bench();
    for (let order = 0; order < 33; order += 1) ahead.prepare(callOf({ newClientOrderId: `${order}` }));
    expect(take(callOf({ newClientOrderId: '0' }))).toBe('signature 34');
    expect(take(callOf({ newClientOrderId: '32' }))).toBe('signature 33');
    expect(signatures()).toBe(34);
  });
});
