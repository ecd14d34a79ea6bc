// The rollout ladder's rules (REQUIREMENTS H): its order and caps, what each stage asks for at its edges, and the caps as limits that no
// policy widens.
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { LADDER_STAGES } from '../../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { MODES } from '../../../src-shared/domain/mode.ts';
import { money } from '../../../src-shared/domain/money.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { emptyState } from '../../../src-main/engine/evolve.ts';
import type { LadderTally } from '../../../src-main/engine/state.ts';
import { gauges, judge } from '../../../src-main/safety/gate.ts';
import { evidenceOf, isProven, lackingOf } from '../../../src-main/safety/ladder-evidence.ts';
import {
  capsInForce,
  certificateProblemOf,
  gathersIn,
  isBelow,
  LADDER_CAPS,
  promotionFrom,
  stageBelow,
} from '../../../src-main/safety/ladder.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { picture, text } from './pictures.ts';

const EMPTY = emptyState().ladder.tally;
const tally = (changes: Partial<LadderTally>): LadderTally => ({ ...EMPTY, ...changes });
const ZERO = new Decimal(0);
const verdictOf = (
  stage: LadderStage,
  id: string,
  changes: Partial<LadderTally>,
  gap: Decimal | null = ZERO,
  unpriced = 0,
): string | undefined =>
  evidenceOf(
    stage,
    { tally: tally(changes), profitGapUsdt: gap, feesGapUsdt: gap, unpricedFees: unpriced, standIn: false },
    NORMAL.ladder,
  ).find((one) => one.id === id)?.verdict;

describe('the order of the stages', () => {
  test('each has its caps as REQUIREMENTS H has them, in the order in which they widen', () => {
    const shown = LADDER_STAGES.map((stage) => {
      const caps = LADDER_CAPS[stage];
      return caps === null ? stage : `${stage} ${caps.maxOrderUsdt}/${caps.maxExposureUsdt}/${caps.maxDailyLossUsdt ?? '-'}`;
    });
    expect(shown).toEqual([
      'practice',
      'testnet',
      'micro 10/50/20',
      'small 100/500/50',
      'week-1 100/500/-',
      'week-2 250/1000/-',
      'week-3 500/2500/-',
      'week-4 1000/5000/-',
      'full',
    ]);
  });

  test('real money is never without a cap below full: what stands below its stages is capped as the lowest; other modes are free', () => {
    for (const stage of LADDER_STAGES) {
      expect(capsInForce('practice', stage)).toBeNull();
      expect(capsInForce('testnet', stage)).toBeNull();
      expect(capsInForce('mainnet', stage) === null).toBe(stage === 'full');
    }
    expect(capsInForce('mainnet', 'practice')).toMatchObject({ stage: 'micro' });
    expect(capsInForce('mainnet', 'testnet')).toMatchObject({ stage: 'micro' });
    // What crossed a boundary unparsed frees nothing: it is no stage of real money that is known.
    expect(capsInForce('mainnet', 'small')).toMatchObject({ stage: 'small', maxDailyLossUsdt: money('50') });
  });

  test('below each stage stands the one before it; below the first, itself', () => {
    expect(LADDER_STAGES.map(stageBelow)).toEqual(['practice', ...LADDER_STAGES.slice(0, -1)]);
    expect(isBelow('micro', 'small')).toBe(true);
    expect(isBelow('small', 'small')).toBe(false);
    expect(LADDER_STAGES.map(gathersIn)).toEqual(['practice', 'testnet', ...Array.from({ length: 7 }, () => 'mainnet')]);
  });

  const certificate = { stage: 'micro', evidenceHash: 'e', policyHash: 'p', version: '1', issuedAtMs: 1, by: 'x' } as const;

  test('a way up leads from each stage in its own mode to the next, and from nowhere else', () => {
    for (const mode of MODES)
      for (const stage of LADDER_STAGES) {
        const found = promotionFrom({ mode, stage, certificate, certificateProblem: '' });
        const next = LADDER_STAGES[LADDER_STAGES.indexOf(stage) + 1];
        if (gathersIn(stage) === mode && next !== undefined) expect(found).toEqual({ kind: 'up', to: next });
        else expect(found).toMatchObject({ kind: 'none', text: expect.stringMatching(/\.$/) });
      }
  });

  test('a dead certificate, or none, is renewed first where it is issued or used', () => {
    const stand = { certificate, certificateProblem: 'the policy changed' };
    expect(promotionFrom({ mode: 'mainnet', stage: 'small', ...stand })).toEqual({ kind: 'renewal', to: 'small' });
    expect(promotionFrom({ mode: 'mainnet', stage: 'small', certificate: null, certificateProblem: '' })).toEqual({
      kind: 'renewal',
      to: 'small',
    });
    expect(promotionFrom({ mode: 'testnet', stage: 'micro', ...stand })).toEqual({ kind: 'renewal', to: 'micro' });
    expect(promotionFrom({ mode: 'testnet', stage: 'testnet', certificate: null, certificateProblem: '' })).toEqual({
      kind: 'up',
      to: 'micro',
    });
    expect(promotionFrom({ mode: 'practice', stage: 'micro', ...stand }).kind).toBe('none');
    expect(promotionFrom({ mode: 'mainnet', stage: 'testnet', certificate: null, certificateProblem: '' }).kind).toBe('none');
  });

  test('a certificate says what it does not name any more', () => {
    expect(certificateProblemOf({ version: '1' }, '1', true)).toBe('');
    expect(certificateProblemOf({ version: '1' }, '2', true)).toContain('version 2');
    expect(certificateProblemOf({ version: '1' }, '1', false)).toContain('policy');
    expect(certificateProblemOf({ version: '1' }, '2', false)).toContain('; ');
  });
});

describe('evidence at its edges', () => {
  test.each([
    ['practice', 'practice-trades', { trades: 99 }, { trades: 100 }],
    ['practice', 'practice-success', { sent: 1000, accepted: 949 }, { sent: 1000, accepted: 950 }],
    ['practice', 'practice-errors', { sent: 100, rejected: 2, doubted: 2, cancelsFailed: 1 }, { sent: 100, rejected: 2, doubted: 2 }],
    ['practice', 'practice-limits', { exceeded: 1 }, {}],
    ['testnet', 'testnet-orders', { sent: 19 }, { sent: 20 }],
    ['testnet', 'testnet-submitted', { sent: 20, accepted: 19 }, { sent: 20, accepted: 20 }],
    ['testnet', 'testnet-latency', { latency: { count: 2, sumMs: 1000 } }, { latency: { count: 2, sumMs: 999 } }],
    ['micro', 'micro-trades', { trades: 4 }, { trades: 5 }],
    ['micro', 'micro-differences', { differences: 1 }, {}],
    ['small', 'later-trades', { trades: 4 }, { trades: 5 }],
    ['small', 'later-errors', { sent: 100, rejected: 1 }, { sent: 101, rejected: 1 }],
    ['week-1', 'later-errors', { sent: 100, doubted: 1 }, { sent: 101, doubted: 1 }],
    ['week-2', 'later-errors', { sent: 100, doubted: 1 }, { sent: 101, doubted: 1 }],
    ['week-3', 'later-errors', { sent: 1000, doubted: 1 }, { sent: 1001, doubted: 1 }],
    ['week-4', 'later-errors', { sent: 1000, doubted: 1 }, { sent: 1001, doubted: 1 }],
  ] as const)('%s: %s is not met one short and met on the mark', (stage, id, short, met) => {
    expect(verdictOf(stage, id, short)).toBe('not-met');
    expect(verdictOf(stage, id, met)).toBe('met');
  });

  const WEEK_MS = 7 * 86_400_000;

  test.each(['testnet', 'week-1', 'week-4'] as const)('%s: seven days by span and by days with a comparison', (stage) => {
    const id = stage === 'testnet' ? 'testnet-days' : 'later-week';
    const whole = { sinceMs: 1000, comparedAtMs: 1000 + WEEK_MS, comparedDays: 7 };
    expect(verdictOf(stage, id, whole)).toBe('met');
    expect(verdictOf(stage, id, { ...whole, comparedAtMs: 999 + WEEK_MS })).toBe('not-met');
    expect(verdictOf(stage, id, { ...whole, comparedDays: 6 })).toBe('not-met');
    expect(verdictOf(stage, id, { ...whole, comparedAtMs: null })).toBe('not-met');
    expect(verdictOf(stage, id, { ...whole, sinceMs: null })).toBe('not-met');
  });

  test('small asks for no week, full for nothing, and nothing is not proof', () => {
    expect(verdictOf('small', 'later-week', {})).toBeUndefined();
    expect(
      evidenceOf('full', { tally: EMPTY, profitGapUsdt: ZERO, feesGapUsdt: ZERO, unpricedFees: 0, standIn: false }, NORMAL.ladder),
    ).toEqual([]);
    expect(isProven([])).toBe(false);
  });

  test('what was not measured is unknown, and unknown is not met; a NaN neither', () => {
    for (const [stage, id] of [
      ['practice', 'practice-success'],
      ['practice', 'practice-errors'],
      ['testnet', 'testnet-submitted'],
      ['testnet', 'testnet-latency'],
      ['small', 'later-errors'],
    ] as const)
      expect(verdictOf(stage, id, {})).toBe('unknown');
    expect(verdictOf('practice', 'practice-profit', {}, null)).toBe('unknown');
    expect(verdictOf('practice', 'practice-profit', {}, new Decimal(NaN))).toBe('not-met');
    expect(verdictOf('practice', 'practice-trades', { trades: NaN })).toBe('not-met');
    expect(verdictOf('practice', 'practice-success', { sent: 100, accepted: NaN })).toBe('not-met');
    expect(verdictOf('practice', 'practice-errors', { sent: 100, rejected: NaN })).toBe('not-met');
    expect(verdictOf('testnet', 'testnet-latency', { latency: { count: 1, sumMs: NaN } })).toBe('not-met');
    expect(
      lackingOf(
        evidenceOf('micro', { tally: EMPTY, profitGapUsdt: null, feesGapUsdt: null, unpricedFees: 0, standIn: false }, NORMAL.ladder),
      ),
    ).toBe('Trades: 0 of 5');
  });

  test('profit and fees: equal to the eighth digit, and no fill without its fee', () => {
    expect(verdictOf('practice', 'practice-profit', {}, new Decimal('0.000000009'))).toBe('met');
    expect(verdictOf('practice', 'practice-profit', {}, new Decimal('-0.00000001'))).toBe('not-met');
    expect(verdictOf('testnet', 'testnet-fees', {}, new Decimal('0.01'))).toBe('not-met');
    expect(verdictOf('testnet', 'testnet-fees', {}, ZERO, 1)).toBe('not-met');
  });

  test('a regime counts from ten trades on; every kind of order and of position is named while it lacks', () => {
    const regimes = (volatile: number) =>
      new Map([
        ['ranging', 10],
        ['trending', 10],
        ['volatile', volatile],
      ]);
    expect(verdictOf('practice', 'practice-regimes', { regimes: regimes(9) })).toBe('not-met');
    expect(verdictOf('practice', 'practice-regimes', { regimes: regimes(10) })).toBe('met');
    const found = evidenceOf(
      'practice',
      {
        tally: tally({ orderKinds: new Set(['market']), positionStates: new Set(['opened']) }),
        profitGapUsdt: ZERO,
        feesGapUsdt: ZERO,
        unpricedFees: 0,
        standIn: false,
      },
      NORMAL.ladder,
    );
    expect(found.find(({ id }) => id === 'practice-orders')?.text).toBe(
      'not yet: limit, stop-loss, stop-loss-limit, take-profit, take-profit-limit, trailing stop, OCO, OTO or OTOCO',
    );
    expect(found.find(({ id }) => id === 'practice-positions')?.text).toBe('not yet: added to, partly closed, closed');
  });

  test('what was done where a server stood in for the exchange proves nothing (A4)', () => {
    const gathered = { tally: EMPTY, profitGapUsdt: ZERO, feesGapUsdt: ZERO, unpricedFees: 0 };
    const verdict = (standIn: boolean) => evidenceOf('testnet', { ...gathered, standIn }, NORMAL.ladder)[0];
    expect(verdict(true)).toMatchObject({ id: 'testnet-venue', verdict: 'not-met' });
    expect(verdict(false)).toMatchObject({ id: 'testnet-venue', verdict: 'met' });
  });

  test('a drill is met once it passed; a stage that is none is no way up', () => {
    expect(verdictOf('practice', 'practice-drill', {})).toBe('not-met');
    expect(verdictOf('practice', 'practice-drill', { drillPassed: true })).toBe('met');
    expect(() => verdictOf('gold' as LadderStage, 'x', {})).toThrow('No such case');
    expect(isProven([{ id: 'x', title: 'x', verdict: 'met', text: '' }])).toBe(true);
    expect(isProven([{ id: 'x', title: 'x', verdict: 'unknown', text: '' }])).toBe(false);
  });

  test('a policy may ask for more', () => {
    const asks: Policy['ladder'] = { ...NORMAL.ladder, practiceTrades: 200 };
    const found = evidenceOf(
      'practice',
      { tally: tally({ trades: 150 }), profitGapUsdt: ZERO, feesGapUsdt: ZERO, unpricedFees: 0, standIn: false },
      asks,
    );
    expect(found[0]).toMatchObject({ verdict: 'not-met', text: '150 of 200' });
  });
});

describe('the caps as limits (H)', () => {
  const NONE = money('0');
  const at = (stage: LadderStage, changes: Partial<GatePicture> = {}): GatePicture =>
    picture({
      ladderCaps: capsInForce('mainnet', stage),
      exposure: { symbolUsdt: NONE, totalUsdt: NONE, largest: null },
      position: null,
      positionSymbols: new Set(),
      ...changes,
    });
  const buy = (quoteQty: string) => ({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteQty: text(quoteQty) }) as never;
  const denialOf = (request: never, moment: GatePicture): string => {
    const judged = judge(request, 'cli', moment);
    return judged.verdict === 'deny' ? judged.denial.code : 'passes';
  };

  test('an order of the cap passes, one above it does not, whatever the policy allows', () => {
    expect(denialOf(buy('10'), at('micro'))).toBe('passes');
    expect(denialOf(buy('10.01'), at('micro'))).toBe('H.orderCap');
    expect(denialOf(buy('100'), at('small'))).toBe('passes');
    expect(denialOf(buy('100.01'), at('small'))).toBe('H.orderCap');
    expect(denialOf(buy('250.01'), at('week-2'))).toBe('H.orderCap');
    expect(denialOf(buy('400'), at('full'))).toBe('passes');
  });

  test('what stands in the market is capped in all', () => {
    const standing = (usdt: string) => ({ exposure: { symbolUsdt: money('0'), totalUsdt: money(usdt), largest: null } });
    expect(denialOf(buy('10'), at('micro', standing('40')))).toBe('passes');
    expect(denialOf(buy('10'), at('micro', standing('40.01')))).toBe('H.exposureCap');
    expect(denialOf(buy('10'), at('micro', { exposure: { symbolUsdt: money('0'), totalUsdt: null, largest: null } }))).toBe(
      'H.exposureCap',
    );
  });

  test('a day’s loss is capped, with the fee of the order; the weeks leave it to the policy', () => {
    expect(denialOf(buy('10'), at('micro', { dayLossUsdt: money('19.9') }))).toBe('passes');
    expect(denialOf(buy('10'), at('micro', { dayLossUsdt: money('20') }))).toBe('H.dailyLossCap');
    expect(denialOf(buy('10'), at('micro', { dayLossUsdt: null }))).toBe('H.dailyLossCap');
    expect(denialOf(buy('100'), at('week-1', { dayLossUsdt: money('60') }))).toBe('passes');
  });

  test('a day’s loss that is used up says what to wait for', () => {
    const judged = judge(buy('10'), 'cli', at('micro', { dayLossUsdt: money('20') }));
    expect(judged.verdict === 'deny' && judged.denial.advice).toBe('Openings wait for the next UTC day; positions can still be closed.');
  });

  test('without a quote nothing is known, and nothing passes', () => {
    const byQty = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: text('0.001') } as never;
    const judged = judge(byQty, 'cli', at('micro', { quote: null }));
    const named = judged.readings.filter(({ limit }) => limit.id.startsWith('H.')).map(({ limit, reading }) => [limit.id, reading.missing]);
    expect(named).toEqual([
      ['H.orderCap', 'the best quote'],
      ['H.dailyLossCap', 'the fee of the order'],
      ['H.exposureCap', 'the best quote'],
    ]);
  });

  test('a sale is never trapped by a cap (C14)', () => {
    const sale = { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', qty: text('0.01') } as never;
    expect(denialOf(sale, picture({ ladderCaps: capsInForce('mainnet', 'micro'), dayLossUsdt: money('400') }))).toBe('passes');
  });

  test('C1: where the cap is smaller than the policy’s smallest opening, the cap less one lot takes its place', () => {
    expect(denialOf(buy('99.99'), picture({}))).toBe('C1.minOpeningNotional');
    expect(denialOf(buy('99.99'), at('week-2'))).toBe('C1.minOpeningNotional');
    expect(denialOf(buy('9'), at('micro'))).toBe('C1.minOpeningNotional');
    const limit = (qty: string) => ({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', qty: text(qty), price: text('49700') }) as never;
    // 0.0002 BTC are 9.94 USDT; one lot more is beyond the cap.
    expect(denialOf(limit('0.0002'), at('micro'))).toBe('passes');
    expect(denialOf(limit('0.0001'), at('micro'))).toBe('C1.minOpeningNotional');
    const blind = judge(buy('9.99'), 'cli', at('micro', { quote: null })).readings.find(
      ({ limit: { id } }) => id === 'C1.minOpeningNotional',
    );
    expect(blind?.reading.verdict).toBe('deny');
  });

  test('gauges of caps stand only where they cap', () => {
    const ids = (moment: GatePicture) => gauges(moment).flatMap(({ id }) => (id.startsWith('H.') ? [id] : []));
    expect(ids(picture({}))).toEqual([]);
    expect(ids(at('micro')).toSorted()).toEqual(['H.dailyLossCap', 'H.exposureCap']);
    expect(ids(at('week-1'))).toEqual(['H.exposureCap']);
    const blind = gauges(at('micro', { dayLossUsdt: null, exposure: { symbolUsdt: null, totalUsdt: null, largest: null } }));
    expect(blind.filter(({ id }) => id.startsWith('H.')).map(({ verdict }) => verdict)).toEqual(['deny', 'deny']);
  });
});
