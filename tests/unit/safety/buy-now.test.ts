// What would happen if the trader pressed buy now: the gate's own word for the largest market buy, in every trading state; what cannot
// be told is a no. And each cause says how it ends.
import { describe, expect, it } from 'vitest';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { money, qty } from '../../../src-shared/domain/money.ts';
import { buyNow } from '../../../src-main/safety/buy-now.ts';
import { endOf } from '../../../src-main/safety/cause-ends.ts';
import { judge } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import { BTC, cause, free, HALTED, instrument, marketBuy, marketSell, picture, policy, quote, REDUCING, TRIPPED } from './pictures.ts';

const ask = (changes: Partial<GatePicture> = {}) => buyNow(BTC, 'window', picture(changes));
const passes = (size: string, changes: Partial<GatePicture> = {}) => judge(marketBuy(size), 'window', picture(changes)).verdict;

describe('what a market buy would meet now', () => {
  it('names the largest that the gate lets through, and the limit that caps it: one lot more would be denied', () => {
    const seen = ask();
    expect(seen).toMatchObject({
      verdict: 'pass',
      largest: { qty: '0.0196', valueUsdt: '980.02', cappedBy: { id: 'C1.maxOrderNotional', title: 'Order value' } },
      denial: null,
      forbids: [],
      noSales: null,
    });
    expect([passes('0.0196'), passes('0.01961')]).toEqual(['pass', 'deny']);
    expect(seen.text).toBe(
      'A market buy of up to 0.0196, worth 980.02 USDT, would be sent at once; Order value (C1.maxOrderNotional) allows no more.',
    );
  });

  it('is capped by the money where that is less', () => {
    const seen = ask({ free: free({ USDT: '300', BTC: '0' }) });
    expect(seen.largest).toMatchObject({ cappedBy: { id: 'C3.balance' } });
    expect(passes(seen.largest?.qty ?? '', { free: free({ USDT: '300', BTC: '0' }) })).toBe('pass');
  });

  it.each([
    ['REDUCING', REDUCING, 'USER_STREAM', null],
    ['HALTED', HALTED, 'RECOVERING', 'STATE'],
    ['TRIPPED', TRIPPED, 'EMERGENCY_STOP', 'STATE'],
  ] as const)('while %s nothing is bought, and the room that the limits leave is told beside it', (_name, trading, code, noSales) => {
    const seen = ask({ trading });
    expect(seen).toMatchObject({ verdict: 'deny', denial: { code: 'STATE' }, largest: { valueUsdt: '980.02' }, forbids: [] });
    expect(seen.noSales?.code ?? null).toBe(noSales);
    expect(seen.text).toContain(`Because of ${code}.`);
    expect(seen.text).toMatch(/^A buy would be refused.*Were it not for that, Order value .* would leave room for 980\.02 USDT\.$/);
  });

  it.each([
    ['the exchange holds everything', { budget: { ...picture().budget!, holdUntilMs: 1_030_000 } }, 'C9.venueHold'],
    ['the exchange does not trade the market', { instrument: instrument({ status: 'HALTED' }) }, 'C12.symbolStatus'],
  ] as const)('while %s no sale goes either, and that is said', (_what, changes, code) => {
    expect(judge(marketSell('0.01'), 'window', picture(changes)).verdict).toBe('deny');
    expect(ask(changes).noSales).toMatchObject({ code, advice: expect.stringMatching(/\.$/) as string });
    expect(ask({ ...changes, trading: HALTED }).noSales?.code).toBe('STATE');
  });

  it.each([
    ['blocks the market', { policy: policy({ blockedSymbols: [BTC] }) }, 'C8.blockList'],
    ['does not allow the market', { policy: policy({ allowedSymbols: ['ETHUSDT' as SymbolId] }) }, 'C8.allowList'],
  ] as const)('while the policy %s what is held of it can still be sold (C8, C14)', (_what, changes, code) => {
    expect(judge(marketSell('0.01'), 'window', picture(changes)).verdict).toBe('pass');
    expect(ask(changes)).toMatchObject({ verdict: 'deny', denial: { code }, noSales: null });
  });

  it('a sale of more than is held, or of too little, says nothing of other sales', () => {
    const much = { position: { qty: qty('2') }, free: free({ USDT: '10000', BTC: '2' }) };
    expect(judge(marketSell('1'), 'window', picture(much)).verdict).toBe('pass');
    expect(ask(much).noSales).toBeNull();
    expect(ask({ position: null }).noSales).toBeNull();
    expect(ask({ position: { qty: qty('0.00002') } }).noSales).toBeNull();
  });

  it('while the exchange holds everything it does not say that sales and cancels go on', () => {
    const trading = tradingStateOf([cause('USER_STREAM', 'REDUCING'), cause('VENUE_HOLD', 'REDUCING')]);
    const { text } = ask({ trading });
    expect(text).toContain('Nothing can be sent now. Because of VENUE_HOLD. Wait for the countdown; cancels go first when it ends.');
    expect(text).not.toMatch(/sells and cancels|shrink a position/);
    const halted = tradingStateOf([cause('SELF_TEST', 'HALTED'), cause('VENUE_HOLD', 'REDUCING')]);
    expect(ask({ trading: halted }).noSales?.advice).toMatch(/^Cancels go first when the exchange's wait is over/);
  });

  it('names every limit that forbids it, in the gate’s order', () => {
    const seen = ask({ policy: policy({ maxDailyTrades: 3, maxQuoteAgeMs: 50 }) });
    expect(seen.denial?.code).toBe('C11.quoteAge');
    expect(seen.forbids.map(({ id }) => id)).toEqual(['C11.quoteAge', 'C5.dailyTrades']);
  });

  it('does not leave room for what something else forbids as well: it names all of it first', () => {
    const blocked = { policy: policy({ allowedSymbols: ['ETHUSDT' as SymbolId], maxDailyTrades: 3 }), trading: REDUCING };
    const { text, forbids } = ask(blocked);
    expect(forbids.map(({ id }) => id)).toEqual(['C8.allowList', 'C5.dailyTrades']);
    expect(text).toMatch(
      /Forbidden besides by Allow list \(C8\.allowList\) and Trades today \(C5\.dailyTrades\)\. Were it not for all of that, Order value .* would leave room for 980\.02 USDT\.$/,
    );
    expect(ask({ policy: policy({ maxDailyTrades: 3 }) }).text).toContain(' Were it not for that, Order value ');
  });

  it('with too little left for any order there is no largest one', () => {
    const seen = ask({ free: free({ USDT: '0.1', BTC: '0' }) });
    expect(seen).toMatchObject({ verdict: 'deny', largest: null });
    expect(seen.text).not.toContain('room');
  });

  it.each([
    ['the balance', { free: free({ BTC: '0' }) }],
    ['the quote', { quote: null }],
    ['a quote that makes no sense', { quote: quote('0', '0') }],
    ['the instrument', { instrument: null }],
    ['the instrument that is asked for', { instrument: instrument({ symbol: 'ETHUSDT' as SymbolId }) }],
    ['the exposure', { exposure: { symbolUsdt: null, totalUsdt: null, largest: null } }],
  ] as const)('without %s the answer is no (C15)', (_what, changes) => {
    const seen = ask(changes);
    expect(seen.verdict).toBe('deny');
    expect(seen.denial).not.toBeNull();
  });

  it('a picture that breaks the gate is a no as well', () => {
    const broken = (): never => {
      throw new Error('a broken ledger');
    };
    expect(ask({ free: broken })).toMatchObject({
      verdict: 'deny',
      denial: { code: 'GATE_ERROR' },
      largest: null,
      forbids: [],
      noSales: { code: 'GATE_ERROR' },
    });
  });

  it('counts in the market’s own step where that is the coarser one (C12)', () => {
    const coarse = instrument({ marketLot: { minQty: qty('0'), maxQty: qty('97'), stepQty: qty('0.01') } });
    expect(ask({ instrument: coarse }).largest).toMatchObject({ qty: '0.01', valueUsdt: '500.01' });
  });

  it('names what is not known, and offers no size for it (C15)', () => {
    const of = (changes: Partial<GatePicture>) => {
      const { denial, largest, forbids } = ask(changes);
      return [denial?.code, largest, forbids.map(({ id }) => id).includes('C1.maxOrderNotional')];
    };
    expect(of({ instrument: null })[0]).not.toBe('GATE_ERROR');
    expect(of({ quote: null })).toEqual(['C11.quoteAge', null, true]);
    expect(of({ quote: quote('0', '0') })[1]).toBeNull();
    expect(ask({ quote: quote('0', '0') }).denial?.code).not.toBe('GATE_ERROR');
    // One coin is worth 600 USDT: nothing but the balance stands in the way of it.
    expect(of({ quote: quote('599', '600', { last: null }), free: free({ BTC: '0' }) })).toEqual(['C3.balance', null, false]);
  });

  it('looks for more than the money can buy where a coin costs less than one USDT, too', () => {
    const cheap = {
      instrument: instrument({ marketLot: undefined }),
      quote: quote('0.49', '0.5', { last: null }),
      free: free({ USDT: '300', BTC: '0' }),
    };
    expect(ask(cheap).largest).toMatchObject({
      cappedBy: { id: 'C3.balance' },
      valueUsdt: expect.stringMatching(/^2[89]\d\.\d\d$/) as string,
    });
  });

  it('says what broke where the gate fails after the first look', () => {
    let looks = 0;
    const breaksLater = ((asset: never) => {
      looks += 1;
      // The sale looks first, then the buy itself; the order is judged after that.
      if (looks > 2) throw new Error('a broken ledger');
      return free({ USDT: '10000', BTC: '0.03' })(asset);
    }) as GatePicture['free'];
    const seen = ask({ free: breaksLater });
    expect(seen).toMatchObject({
      denial: { code: 'GATE_ERROR', text: expect.stringContaining('a broken ledger') as string },
      largest: null,
    });
  });

  it('says a refusal whole, with the room beside it where there is any', () => {
    const strict = policy({ maxDailyTrades: 3, maxQuoteAgeMs: 50, maxPositions: 0 });
    const many = ask({ policy: strict });
    expect(many.text).toBe(
      `A buy would be refused and never leave this machine. ${many.denial?.text} ${many.denial?.advice} Forbidden besides by Trades today (C5.dailyTrades) and Positions (C6.positionsTotal). Were it not for all of that, Order value (C1.maxOrderNotional) would leave room for 980.02 USDT.`,
    );
    const { denial, text: alone } = ask({ quote: quote('599', '600', { last: null }), free: free({ BTC: '0' }) });
    expect(alone).toBe(`A buy would be refused and never leave this machine. ${denial?.text} ${denial?.advice}`);
    const capped = ask({ trading: REDUCING });
    expect(capped.text).toBe(
      `A buy would be refused and never leave this machine. ${capped.denial?.text} ${capped.denial?.advice} Were it not for that, Order value (C1.maxOrderNotional) would leave room for 980.02 USDT.`,
    );
  });

  const SMALL = { stage: 'small', maxOrderUsdt: money('200'), maxExposureUsdt: money('5000'), maxDailyLossUsdt: null } as const;

  it('a ladder’s cap is found as any other that a smaller order passes (H)', () => {
    expect(ask({ ladderCaps: SMALL })).toMatchObject({ verdict: 'pass', largest: { cappedBy: { id: 'H.orderCap' }, qty: '0.00392' } });
  });

  it('where a limit is used up it is named, and none that only a larger or only a smaller order would break', () => {
    const used = { ...SMALL, maxExposureUsdt: money('1500') };
    const seen = ask({ ladderCaps: used });
    expect(seen).toMatchObject({ verdict: 'deny', largest: null, denial: { code: 'H.exposureCap' } });
    expect(seen.forbids.map(({ id }) => id)).toEqual(['H.exposureCap']);
    expect(ask({ ladderCaps: used, trading: REDUCING })).toMatchObject({ denial: { code: 'STATE' }, forbids: [{ id: 'H.exposureCap' }] });
  });
});

it('each cause says how it ends, and by whom', () => {
  expect(endOf('EMERGENCY_STOP')).toMatch(/^A person resets it/);
  expect(endOf('VENUE_HOLD')).toMatch(/^By itself/);
  expect(endOf('VENUE_HOLD', true)).toBe(endOf('VENUE_HOLD'));
  expect(endOf('BREAKER')).not.toMatch(/may try/);
  expect(endOf('BREAKER', true)).toMatch(/^A person resets it.*or one order that may try once its time is over\.$/);
});
