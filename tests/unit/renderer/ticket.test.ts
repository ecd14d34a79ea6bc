import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changes,
  EMPTY_DRAFT,
  largestSize,
  placeText,
  previewRows,
  stepped,
  wishOf,
  withinOrderLimit,
} from '../../../src-renderer/features/ticket/order.ts';
import type { Draft } from '../../../src-renderer/features/ticket/order.ts';
import { typedDecimal } from '../../../src-renderer/features/ticket/typed.ts';
import { draft as ticketDraft, useDraft } from '../../../src-renderer/features/ticket/draft.ts';
import { show } from '../../../src-renderer/features/frame/screen.ts';
import { createPreviewer, keyOf } from '../../../src-renderer/features/ticket/previewer.ts';
import type { Asked } from '../../../src-renderer/features/ticket/previewer.ts';
import { orderRequestSchema } from '../../../src-shared/contract/contract.ts';
import { ocoRequestSchema } from '../../../src-shared/contract/orders.ts';
import type { CallResult, OrderPreview } from '../../../src-shared/contract/contract.ts';
import type { LimitView } from '../../../src-shared/contract/view.ts';

const draft = (part: Partial<Draft>): Draft => ({ ...EMPTY_DRAFT, price: '61830.00', size: '0.016', ...part });
const BTC = { base: 'BTC', quote: 'USDT', stepQty: '0.00001' as never };
const limit = (id: LimitView['id'], part: Partial<LimitView>): LimitView => ({
  id,
  title: id,
  unit: 'USDT',
  before: '0',
  after: '0',
  limit: '10',
  distance: null,
  usedRatio: 0,
  verdict: 'pass',
  formula: '',
  scope: 'openings',
  untilMs: null,
  text: '',
  ...part,
});

describe('what was typed', () => {
  it('says that a number is too long before the console is asked, in the words of a trader', () => {
    const nines = '9'.repeat(19);
    expect(wishOf(draft({ size: nines }), 'BTCUSDT')).toEqual({ ok: false, missing: 'The size has too many digits' });
    expect(wishOf(draft({ price: `1.${nines}` }), 'BTCUSDT')).toEqual({ ok: false, missing: 'The price has too many digits' });
    expect(wishOf(draft({ type: 'MARKET', price: nines }), 'BTCUSDT').ok).toBe(true);
    expect(wishOf(draft({ size: '9'.repeat(18), price: `1.${'9'.repeat(18)}` }), 'BTCUSDT').ok).toBe(true);
  });

  it('loses a size that would change its unit: 300 USDT never become 300 BTC', () => {
    ticketDraft.set({ side: 'BUY', type: 'MARKET', unit: 'quote', size: '300' });
    ticketDraft.set({ side: 'SELL' });
    expect(useDraft.getState()).toMatchObject({ side: 'SELL', size: '' });
    ticketDraft.set({ size: '0.1' });
    ticketDraft.set({ type: 'LIMIT' });
    expect(useDraft.getState().size).toBe('0.1');
    ticketDraft.set({ unit: 'base' });
  });

  it('is not taken over to another market: price and size go, the manner of trading stays', () => {
    ticketDraft.set({ side: 'SELL', type: 'LIMIT', price: '59100', size: '0.004' });
    show({ symbol: 'ETHUSDT' });
    expect(useDraft.getState()).toMatchObject({ side: 'SELL', type: 'LIMIT', price: '', size: '' });
    ticketDraft.set({ price: '2400', size: '0.1' });
    show({ symbol: 'ETHUSDT', page: 'trade' });
    expect(useDraft.getState()).toMatchObject({ price: '2400', size: '0.1' });
  });

  it('reads plain decimals, with spaces and loose points forgiven, and refuses all else', () => {
    expect(['0.016', '.5', '5.', ' 61 830.00 ', '007'].map(typedDecimal)).toEqual(['0.016', '0.5', '5', '61830.00', '7']);
    expect(['', '.', '1,5', '1e5', '-1', '+1', '0x1', 'NaN', '1.2.3', '１'].map(typedDecimal)).toEqual(Array(10).fill(undefined));
  });

  it('makes exactly the request that main accepts, for every kind of order', () => {
    const wishes = [
      draft({}),
      draft({ type: 'MARKET' }),
      draft({ type: 'MARKET', unit: 'quote', size: '250' }),
      draft({ side: 'SELL', timeInForce: 'POST_ONLY', reduceOnly: true }),
      draft({ side: 'SELL', type: 'MARKET', unit: 'quote' }),
    ].map((each) => wishOf(each, 'BTCUSDT'));
    expect(wishes).toEqual([
      {
        ok: true,
        kind: 'order',
        request: { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', qty: '0.016', price: '61830.00', timeInForce: 'GTC' },
      },
      { ok: true, kind: 'order', request: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '0.016' } },
      { ok: true, kind: 'order', request: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteQty: '250' } },
      {
        ok: true,
        kind: 'order',
        request: {
          symbol: 'BTCUSDT',
          side: 'SELL',
          type: 'LIMIT',
          qty: '0.016',
          price: '61830.00',
          timeInForce: 'POST_ONLY',
          reduceOnly: true,
        },
      },
      { ok: true, kind: 'order', request: { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', qty: '0.016' } },
    ]);
    for (const wish of wishes) expect(wish.ok && orderRequestSchema.safeParse(wish.request).success).toBe(true);
  });

  it('makes conditional, trailing and paired orders that main accepts (B1)', () => {
    const wish = (part: Partial<Draft>) => wishOf(draft(part), 'BTCUSDT');
    const made = [
      wish({ type: 'STOP_LOSS', side: 'SELL', stopPrice: '60000' }),
      wish({ type: 'TAKE_PROFIT_LIMIT', side: 'SELL', stopPrice: '63000', price: '62990' }),
      wish({ type: 'TRAILING', side: 'SELL', trailingPct: '1.5' }),
      wish({ type: 'OCO', side: 'SELL', price: '63000', stopPrice: '60000' }),
    ];
    expect(made.map((one) => one.ok && one.request)).toEqual([
      { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', qty: '0.016', stopPrice: '60000' },
      { symbol: 'BTCUSDT', side: 'SELL', type: 'TAKE_PROFIT_LIMIT', qty: '0.016', price: '62990', stopPrice: '63000' },
      { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', qty: '0.016', trailingDeltaBps: 150 },
      { symbol: 'BTCUSDT', side: 'SELL', qty: '0.016', price: '63000', stopPrice: '60000' },
    ]);
    for (const one of made)
      expect(one.ok && (one.kind === 'oco' ? ocoRequestSchema : orderRequestSchema).safeParse(one.request).success).toBe(true);
    expect([wish({ type: 'STOP_LOSS' }), wish({ type: 'TRAILING', trailingPct: '0.001' }), wish({ type: 'OCO', stopPrice: 'x' })]).toEqual([
      { ok: false, missing: 'Enter a trigger price' },
      { ok: false, missing: 'Enter a trailing distance from 0.01 to 100 %' },
      { ok: false, missing: 'The stop price is not a number' },
    ]);
  });

  it('takes exits as prices or as percent of the entry, on the tick, and only where the order opens (B5)', () => {
    const basis = { entry: '61830.00', tick: '0.01' };
    const exits = (part: Partial<Draft>) => {
      const wish = wishOf(draft(part), 'BTCUSDT', basis);
      return !wish.ok ? wish.missing : wish.kind === 'order' ? wish.request.exits : 'oco';
    };
    expect(exits({ stopLoss: '60000', takeProfit: '63000' })).toEqual({ stopLoss: '60000', takeProfit: '63000' });
    expect(exits({ stopLoss: '2%', takeProfit: '4 %' })).toEqual({ stopLoss: '60593.4', takeProfit: '64303.2' });
    expect(exits({ stopLoss: '1.5', trails: true })).toEqual({ trailingDeltaBps: 150 });
    expect(exits({ stopLoss: '60000', side: 'SELL' })).toBeUndefined();
    expect(exits({ stopLoss: '60000', reduceOnly: true })).toBeUndefined();
    expect(exits({ stopLoss: 'two' })).toBe('The stop loss is neither a price nor a percent');
    expect(exits({ stopLoss: '0', trails: true })).toBe('The trailing distance is no percent from 0.01 to 100');
    expect(exits({ takeProfit: '4%' })).toEqual({ takeProfit: '64303.2' });
    const unpriced = wishOf(draft({ stopLoss: '2%' }), 'BTCUSDT');
    expect(unpriced).toEqual({ ok: false, missing: 'The stop loss is neither a price nor a percent' });
  });

  it('says what is still missing', () => {
    const missing = [
      draft({ price: '' }),
      draft({ price: 'x' }),
      draft({ size: ' ' }),
      draft({ size: '1,5' }),
      draft({ size: '0.000' }),
    ].map((each) => wishOf(each, 'BTCUSDT'));
    expect(missing.map((wish) => (wish.ok ? 'none' : wish.missing))).toEqual([
      'Enter a price',
      'The price is not a number',
      'Enter a size',
      'The size is not a number',
      'The size is zero',
    ]);
  });
});

describe('arrows and max', () => {
  it('steps by tick and lot on their grid and never below zero', () => {
    expect(stepped('61830.00', '0.01', 1)).toBe('61830.01');
    expect(stepped('61830.004', '0.01', 1)).toBe('61830.01');
    expect(stepped('61830.004', '0.01', -1)).toBe('61830.00');
    expect(stepped('', '0.01', -1, '61837.63')).toBe('61837.62');
    expect(stepped('0.00003', '0.00001000', -10)).toBe('0.00000');
    expect(stepped('junk', '0.00001', 1, '0')).toBe('0.00001');
  });

  it('lands on the grid from anywhere (property)', () => {
    const steps = fc.constantFrom('0.01', '0.00001', '0.5', '1', '0.0001');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), steps, fc.integer({ min: -10, max: 10 }), (units, step, by) => {
        const digits = step.split('.')[1]?.length ?? 0;
        const typed = (units / 1000).toFixed(3);
        const after = stepped(typed, step, by);
        const scaled = BigInt(after.replace('.', ''));
        const unit = BigInt(step.replace('.', ''));
        expect(after.split('.')[1]?.length ?? 0).toBe(digits);
        expect(scaled % unit).toBe(0n);
      }),
    );
  });

  it('offers the most that money buys, and of what is held only what can be sold', () => {
    const at = { sellable: '0.01600', freeQuote: '8412.61', price: '61830' };
    expect(largestSize('BUY', at, BTC)).toBe('0.13578');
    expect(largestSize('BUY', { ...at, freeQuote: '100' }, BTC)).toBe('0.00161');
    expect(largestSize('BUY', { ...at, price: undefined }, BTC)).toBeUndefined();
    expect(largestSize('SELL', at, BTC)).toBe('0.016');
    expect(largestSize('SELL', { ...at, sellable: undefined }, BTC)).toBeUndefined();
  });

  it('is cut to the order limit as the gate counts it', () => {
    const counted = (after: string) =>
      ({
        verdict: 'deny',
        denial: null,
        limits: [limit('C1.maxOrderNotional', { after, limit: '1000' as never })],
        notionalUsdt: null,
        feeUsdt: null,
        qty: null,
      }) as OrderPreview;
    expect(withinOrderLimit('0.16637', counted('10179.93'), BTC)).toBe('0.01634');
    expect(withinOrderLimit('0.01', counted('600'), BTC)).toBe('0.01');
  });
});

describe('what the button and the preview say', () => {
  const preview: OrderPreview = { verdict: 'pass', denial: null, limits: [], notionalUsdt: '989.28', feeUsdt: '0.98', qty: '0.00404' };

  it('says what will happen before there is an answer and after', () => {
    expect(placeText(draft({}), BTC, undefined)).toBe('Buy 0.016 BTC ≈ 989.28 USDT');
    expect(placeText(draft({ side: 'SELL', type: 'MARKET' }), BTC, undefined)).toBe('Sell 0.016 BTC');
    expect(placeText(draft({ side: 'SELL', type: 'MARKET' }), BTC, preview)).toBe('Sell 0.016 BTC ≈ 989.28 USDT');
    expect(placeText(draft({ type: 'MARKET', unit: 'quote', size: '250' }), BTC, preview)).toBe('Buy for 250.00 USDT ≈ 0.00404 BTC');
  });

  it('puts what forbids first, then what the order moves, then what is most used, and leaves out what is off', () => {
    const rows = previewRows({
      ...preview,
      limits: [
        limit('C8.allowList', { usedRatio: null }),
        limit('C9.orderCount', { usedRatio: 0.9 }),
        limit('C5.dailyTrades', { usedRatio: 0.2, after: '1' }),
        limit('C4.dailyLoss', { verdict: 'not-applied' }),
        limit('C1.maxOrderNotional', { usedRatio: 0.1, verdict: 'deny' }),
      ],
    });
    expect(rows.map(({ id }) => id)).toEqual(['C1.maxOrderNotional', 'C5.dailyTrades', 'C9.orderCount', 'C8.allowList']);
    expect(rows.map(changes)).toEqual([false, true, false, false]);
  });
});

describe('the live preview (C)', () => {
  const request = (qty: string): Asked => ({ ok: true, kind: 'order', request: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty } });
  const wire = () => {
    const frames: (() => void)[] = [];
    const asked: { readonly qty: string; readonly answer: (value: CallResult<OrderPreview>) => void }[] = [];
    const shown: string[] = [];
    const want = createPreviewer({
      ask: ({ request: { qty = '' } }) => new Promise((resolve) => asked.push({ qty, answer: resolve })),
      nextFrame: (run) => frames.push(run),
      answered: (key) => shown.push(key),
    });
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const frame = () => frames.shift()?.();
    const answer = async (index: number) => {
      asked[index]?.answer({ ok: true, value: {} as OrderPreview });
      await settle();
    };
    return { want, frame, answer, asked, shown, frames };
  };

  it('asks once a frame, with the newest fields', () => {
    const { want, frame, asked } = wire();
    want(request('1'));
    want(request('12'));
    want(request('123'));
    frame();
    expect(asked.map(({ qty }) => qty)).toEqual(['123']);
  });

  it('never shows the answer to older fields, and asks for the newer ones next', async () => {
    const { want, frame, answer, asked, shown } = wire();
    want(request('1'));
    frame();
    want(request('12'));
    await answer(0);
    expect(shown).toEqual([]);
    frame();
    await answer(1);
    expect(asked.map(({ qty }) => qty)).toEqual(['1', '12']);
    expect(shown).toEqual([keyOf(request('12'))]);
  });

  it('asks nothing and shows nothing once the ticket is empty', async () => {
    const { want, frame, answer, asked, shown } = wire();
    want(request('1'));
    frame();
    want(undefined);
    await answer(0);
    frame();
    expect(asked).toHaveLength(1);
    expect(shown).toEqual([]);
  });

  it('asks the same fields again when the market moved', async () => {
    const { want, frame, answer, asked, shown } = wire();
    want(request('1'));
    frame();
    await answer(0);
    want(request('1'));
    frame();
    await answer(1);
    expect(asked).toHaveLength(2);
    expect(shown).toHaveLength(2);
  });
});
