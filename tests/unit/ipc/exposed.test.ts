// What a page sees as window.holdfast: snapshot first, then deltas in order, whatever way they came.
import { describe, expect, it } from 'vitest';
import { contract } from '../../../src-shared/contract/contract.ts';
import type { ExposedApi, Push } from '../../../src-shared/contract/contract.ts';
import { EMPTY_VIEW } from '../../../src-shared/contract/view.ts';
import { CALL_NAMES, exposeApi } from '../../../src-main/ipc/exposed.ts';

const deltas = (...ns: readonly number[]): Push => ({ kind: 'deltas', deltas: ns.map((n) => ({ n, seq: n, changes: [] })) });
const snapshot = (n: number) => ({ ok: true, value: { n, seq: n, view: EMPTY_VIEW } });
const later = () => new Promise((resolve) => setTimeout(resolve, 5));

const listenTo = (api: ExposedApi): (number | string)[] => {
  const heard: (number | string)[] = [];
  api.onPush((push) => heard.push(...(push.kind === 'deltas' ? push.deltas.map(({ n }) => n) : ['market'])));
  return heard;
};

describe('the exposed api', () => {
  it('has one function an entry, one way to listen, and nothing else; it cannot be changed', () => {
    const { api } = exposeApi(CALL_NAMES, () => Promise.resolve());
    expect(Object.keys(api).sort()).toEqual([...Object.keys(contract), 'onPush'].sort());
    expect(Object.isFrozen(api)).toBe(true);
  });

  it('gives the snapshot before the deltas that overtook it, and drops those that it contains', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { api, receive } = exposeApi(CALL_NAMES, () => new Promise((resolve) => (answer = resolve)));
    const heard = listenTo(api);
    const subscribed = api.subscribe({}).then(() => heard.push('snapshot'));
    receive([deltas(4, 5, 6)]);
    receive([deltas(7)]);
    answer(snapshot(5));
    await subscribed;
    await later();
    receive([deltas(8)]);
    expect(heard).toEqual(['snapshot', 6, 7, 8]);
  });

  it('hears nothing before it subscribed, and a batch that came twice only once', async () => {
    const { api, receive } = exposeApi(CALL_NAMES, () => Promise.resolve(snapshot(1)));
    const heard = listenTo(api);
    receive([deltas(1), { kind: 'market', frame: { quotes: {}, candle: null, depth: null } }]);
    await api.subscribe({});
    await later();
    receive([deltas(2, 3)]);
    receive([deltas(2, 3), deltas(4)]);
    expect(heard).toEqual([2, 3, 4]);
  });

  it('passes a gap on for the replica to see', async () => {
    const { api, receive } = exposeApi(CALL_NAMES, () => Promise.resolve(snapshot(1)));
    const heard = listenTo(api);
    await api.subscribe({});
    await later();
    receive([deltas(9)]);
    expect(heard).toEqual([9]);
  });

  it('works from its own source text alone, as Chromium runs it', async () => {
    const alone = new Function(`return (${exposeApi.toString()})`)() as typeof exposeApi;
    const { api } = alone(['subscribe', 'reconcile'], (name) => Promise.resolve({ ok: true, value: name }));
    expect(await api.reconcile({})).toEqual({ ok: true, value: 'reconcile' });
  });
});
