// The policy's one declaration (REQUIREMENTS C to K, C15): defaults as the requirements state them, every value bounded, every
// mistake named with what would be right.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compilePolicy } from '../../../src-shared/policy/compiled.ts';
import { AGGRESSIVE, DEFENSIVE, NORMAL, PROFILES } from '../../../src-shared/policy/profiles.ts';
import { parsePolicy, policySchema } from '../../../src-shared/policy/schema.ts';
import type { FieldMeta } from '../../../src-shared/policy/schema.ts';

const problems = (value: unknown) => {
  const parsed = parsePolicy(value);
  return parsed.ok ? [] : parsed.error.map(({ path, text }) => `${path}: ${text}`);
};

/** Every leaf of the schema, with its path and what it says of itself. */
const leaves = (schema: z.ZodType, path: string): readonly (readonly [string, FieldMeta | undefined])[] => {
  const described = schema.meta();
  if (described !== undefined) return [[path, described as unknown as FieldMeta]];
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
      leaves(field, path === '' ? key : `${path}.${key}`),
    );
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodPrefault) return leaves(schema.unwrap() as z.ZodType, path);
  return [[path, undefined]];
};

describe('defaults', () => {
  it('are those of the requirements', () => {
    expect(NORMAL).toMatchObject({
      name: 'NORMAL',
      limits: {
        maxOrderNotionalUsdt: '1000',
        minOpeningNotionalUsdt: '100',
        maxPriceDeviationPct: '2',
        maxDailyLossUsdt: '500',
        maxDailyLossPct: '5',
        maxDailyTrades: 100,
        maxPositionsPerSymbol: 1,
        maxPositions: 5,
        allowedSymbols: ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'],
        blockedSymbols: [],
        maxRequestWeight: 5000,
        maxOrderCountPct: 90,
        maxOrdersPerSecond: 5,
        minSymbolIntervalMs: 500,
        maxQuoteAgeMs: 5000,
        coolDownAfterLosses: 3,
        coolDownMinutes: 30,
      },
      exposure: {
        maxPositionPct: '10',
        maxSymbolPct: '30',
        maxStrategyPct: '60',
        maxTotalPct: '90',
        maxFuturesTotalPct: '200',
        maxNetDirectionPct: '80',
        maxPositionValueUsdt: '2000',
        maxLeverage: 30,
      },
      circuitBreaker: {
        maxDailyDrawdownPct: '5',
        maxWeeklyDrawdownPct: '10',
        maxTotalDrawdownPct: '20',
        consecutiveLosses: 10,
        apiErrors: 3,
        consecutiveOrderFailures: 5,
        failedTrades: 5,
        probeAfterCoolDown: false,
      },
      emergencyStop: {
        onTrip: 'keep-positions',
        hotkey: 'CommandOrControl+Shift+F12',
        coolDownMinutes: 15,
        autoDailyDrawdownPct: '5',
        autoOpenLossPct: '10',
        autoExecutionErrors: 5,
      },
      killSwitch: { enabled: false, resetAllowed: false },
      tiltGuard: { loosenDelayMinutes: 15 },
      signals: { queueSize: 100, minConfidence: '0.45' },
    });
  });
  it('fill what a file leaves out', () => {
    expect(parsePolicy({})).toEqual({ ok: true, value: NORMAL });
    expect(parsePolicy({ limits: { maxDailyTrades: 7 } })).toMatchObject({
      ok: true,
      value: { limits: { maxDailyTrades: 7, maxPositions: 5 } },
    });
  });
  it('make the profiles of G', () => {
    const of = (policy: typeof NORMAL) => [
      policy.order.riskPerTradePct,
      policy.circuitBreaker.maxDailyDrawdownPct,
      policy.exposure.maxLeverage,
    ];
    expect([NORMAL, DEFENSIVE, AGGRESSIVE].map(of)).toEqual([
      ['2', '5', 30],
      ['1', '3', 10],
      ['3', '8', 50],
    ]);
    for (const profile of PROFILES) expect(parsePolicy(JSON.parse(JSON.stringify(profile)))).toEqual({ ok: true, value: profile });
  });
  it('are frozen to the last field', () => {
    expect([NORMAL, NORMAL.limits, NORMAL.limits.allowedSymbols].every((each) => Object.isFrozen(each))).toBe(true);
  });
});

describe('every field', () => {
  const fields = leaves(policySchema, '');
  it('says its title, unit, row and range, for the editor and the manual', () => {
    expect(fields.length).toBeGreaterThan(60);
    for (const [path, meta] of fields)
      expect(meta, path).toMatchObject({
        title: expect.any(String),
        unit: expect.any(String),
        looser: expect.stringMatching(/^(?:higher|lower|true|false|more|fewer|first|last|none)$/),
        row: expect.any(String),
        allowed: expect.any(String),
      });
  });
  it('refuses what is not of its kind, and says what is allowed', () => {
    for (const [path, meta] of fields) {
      const [first, second] = path.split('.') as [string, string?];
      for (const bad of [null, {}, 'N!', -1]) {
        const said = problems(second === undefined ? { [first]: bad } : { [first]: { [second]: bad } });
        expect(said.length, `${path} = ${JSON.stringify(bad)}`).toBeGreaterThan(0);
        expect(said[0], JSON.stringify(meta)).toMatch(new RegExp(`^${path}: must be `));
      }
    }
  });
});

describe('a mistake is named', () => {
  it.each<[unknown, string]>([
    [null, ': must be a group of fields in { }'],
    [{ limits: [] }, 'limits: must be a group of fields in { }'],
    [{ limit: {} }, 'limit: is no field of the policy: correct its name or take it out'],
    [{ limits: { maxTrades: 5 } }, 'limits.maxTrades: is no field of the policy: correct its name or take it out'],
    [
      JSON.parse('{"limits":{"__proto__":{"maxDailyTrades":9}}}'),
      'limits.__proto__: is no field of the policy: correct its name or take it out',
    ],
    [{ limits: { maxDailyTrades: 1.5 } }, 'limits.maxDailyTrades: must be a whole number from 1 to 100000'],
    [{ limits: { minSymbolIntervalMs: 60_001 } }, 'limits.minSymbolIntervalMs: must be a whole number from 0 to 60000 ms'],
    [{ limits: { maxOrderNotionalUsdt: 1000 } }, 'limits.maxOrderNotionalUsdt: must be a plain decimal in text from 1 to 1000000 USDT'],
    [{ limits: { maxOrderNotionalUsdt: '1e3' } }, 'limits.maxOrderNotionalUsdt: must be a plain decimal in text from 1 to 1000000 USDT'],
    [{ limits: { allowedSymbols: ['btc'] } }, 'limits.allowedSymbols.0: must be a symbol in capitals, as BTCUSDT'],
    [{ emergencyStop: { hotkey: 'F12' } }, 'emergencyStop.hotkey: must be modifiers and one key, as CommandOrControl+Shift+F12'],
    [{ emergencyStop: { onTrip: 'hold' } }, 'emergencyStop.onTrip: must be one of keep-positions, flatten'],
  ])('%j', (value, said) => {
    expect(problems(value)).toContain(said);
  });
  it('names all of them at once', () => {
    expect(problems({ limits: { maxDailyTrades: 0, maxQuoteAgeMs: 0 }, x: 1 })).toHaveLength(3);
    expect(problems({ limits: { maxOrderNotionalUsdt: 'much' }, exposure: { maxPositionPct: 'much', maxSymbolPct: {} } })).toHaveLength(3);
  });
});

describe('values that contradict each other are refused (C15)', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ exposure: { maxPositionPct: '30.01' } }, 'exposure.maxPositionPct: must not be larger than exposure.maxSymbolPct, which is 30'],
    [{ exposure: { maxSymbolPct: '61' } }, 'exposure.maxSymbolPct: must not be larger than exposure.maxStrategyPct, which is 60'],
    [{ exposure: { maxStrategyPct: '91' } }, 'exposure.maxStrategyPct: must not be larger than exposure.maxTotalPct, which is 90'],
    [{ exposure: { maxFuturesTotalPct: '89' } }, 'exposure.maxTotalPct: must not be larger than exposure.maxFuturesTotalPct, which is 89'],
    [
      { circuitBreaker: { maxDailyDrawdownPct: '10' } },
      'circuitBreaker.maxDailyDrawdownPct: must be smaller than circuitBreaker.maxWeeklyDrawdownPct, which is 10',
    ],
    [
      { circuitBreaker: { maxWeeklyDrawdownPct: '20' } },
      'circuitBreaker.maxWeeklyDrawdownPct: must be smaller than circuitBreaker.maxTotalDrawdownPct, which is 20',
    ],
    [
      { limits: { minOpeningNotionalUsdt: '1000.01' } },
      'limits.minOpeningNotionalUsdt: must not be larger than limits.maxOrderNotionalUsdt, which is 1000',
    ],
    [{ limits: { maxPositionsPerSymbol: 6 } }, 'limits.maxPositionsPerSymbol: must not be larger than limits.maxPositions, which is 5'],
    [
      { limits: { maxOrderNotionalUsdt: '2000.01' } },
      'limits.maxOrderNotionalUsdt: must not be larger than exposure.maxPositionValueUsdt, which is 2000',
    ],
    [{ signals: { driftDays: 31 } }, 'signals.driftDays: must not be larger than signals.judgedOverDays, which is 30'],
  ])('%j', (value, said) => {
    expect(problems(value)).toEqual([said]);
  });
  it('and accepted at the edge', () => {
    expect(
      problems({
        exposure: { maxPositionPct: '30' },
        circuitBreaker: { maxDailyDrawdownPct: '9.99' },
        limits: { maxOrderNotionalUsdt: '2000', minOpeningNotionalUsdt: '2000' },
      }),
    ).toEqual([]);
  });
});

describe('the compiled policy', () => {
  it('is made once for a policy', () => {
    expect(compilePolicy(NORMAL)).toBe(compilePolicy(NORMAL));
    expect(compilePolicy({ ...NORMAL })).not.toBe(compilePolicy(NORMAL));
  });
  it('holds the factors of the percents', () => {
    const { deviationUp, deviationDown, halfDeviationUp, maxDailyLossShare } = compilePolicy(NORMAL);
    expect([deviationUp, deviationDown, halfDeviationUp, maxDailyLossShare].map(String)).toEqual(['1.02', '0.98', '0.51', '0.05']);
  });
});
