// Tighter and looser, field by field (REQUIREMENTS G): every field says which way loosens it, and between two policies the tighter of
// both can always be had.
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { diffPolicies, isSamePolicy, looseningOf, tighterOf } from '../../../src-shared/policy/diff.ts';
import { POLICY_FIELDS, setFields, textOf, valueAt, withValues } from '../../../src-shared/policy/fields.ts';
import type { PolicyField } from '../../../src-shared/policy/fields.ts';
import { AGGRESSIVE, DEFENSIVE, nameInForce, NORMAL } from '../../../src-shared/policy/profiles.ts';
import { parsePolicy, restoredPolicy } from '../../../src-shared/policy/schema.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';

const set = (policy: Policy, path: string, value: string): Policy => {
  const made = setFields(policy, [{ path, value }]);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
};
const effectOf = (path: string, value: string): unknown => diffPolicies(NORMAL, set(NORMAL, path, value)).map(({ effect }) => effect);

test('every field of the policy says which way loosens it (the table is total)', () => {
  for (const field of POLICY_FIELDS) {
    expect(field.looser, field.path).toMatch(/^(?:higher|lower|true|false|more|fewer|first|last|none)$/);
    const kind = typeof valueAt(NORMAL, field.path);
    if (field.looser === 'higher' || field.looser === 'lower') expect(Number(valueAt(NORMAL, field.path)), field.path).not.toBeNaN();
    if (field.looser === 'true' || field.looser === 'false') expect(kind, field.path).toBe('boolean');
    if (field.looser === 'more' || field.looser === 'fewer') expect(kind, field.path).toBe('object');
    if (field.looser === 'first' || field.looser === 'last') expect(field.values, field.path).toContain(valueAt(NORMAL, field.path));
  }
  // What no direction guards is named here, so that a new field is never among them by oversight.
  expect(POLICY_FIELDS.filter(({ looser }) => looser === 'none').map(({ path }) => path)).toEqual([
    'name',
    'protection.takeProfitPct',
    'emergencyStop.hotkey',
    'emergencyStop.watchdogKeepsProtection',
    'killSwitch.port',
    'signals.queueSize',
    'signals.judgedOverDays',
    'signals.driftDays',
    'alerts.desktop',
    'alerts.sound',
    'alerts.webhook',
    'alerts.mail',
    'alerts.mailHost',
    'alerts.mailPort',
    'alerts.mailSecurity',
    'alerts.mailUser',
    'alerts.mailFrom',
    'alerts.mailTo',
    'alerts.denialsAMinute',
    'alerts.unusualLossPct',
    'alerts.unusualLossMinutes',
  ]);
});

test.each([
  ['limits.maxDailyLossUsdt', '499.99', 'tightens'],
  ['limits.maxDailyLossUsdt', '500.01', 'loosens'],
  ['limits.minOpeningNotionalUsdt', '99', 'loosens'],
  ['limits.maxOrderCountPct', '91', 'loosens'],
  ['limits.allowedSymbols', 'BTCUSDT', 'tightens'],
  ['limits.allowedSymbols', 'BTCUSDT, DOGEUSDT', 'loosens'],
  ['limits.blockedSymbols', 'dogeusdt', 'tightens'],
  ['order.confirm', 'always', 'tightens'],
  ['emergencyStop.onTrip', 'flatten', 'tightens'],
  ['emergencyStop.hotkey', 'CommandOrControl+Shift+F11', 'neither'],
  ['killSwitch.enabled', 'true', 'tightens'],
  ['killSwitch.resetAllowed', 'true', 'loosens'],
  ['circuitBreaker.probeAfterCoolDown', 'true', 'loosens'],
  ['tiltGuard.loosenDelayMinutes', '16', 'tightens'],
])('%s to %s %s', (path, value, effect) => {
  expect(effectOf(path, value)).toEqual([effect]);
});

test('the tilt guard cannot be set to less than 15 minutes', () => {
  const made = setFields(NORMAL, [{ path: 'tiltGuard.loosenDelayMinutes', value: '14' }]);
  expect(made.ok ? '' : made.error[0]?.text).toContain('from 15');
});

test('what was typed and makes no sense is named with what would be right', () => {
  const wrong = (path: string, value: string): unknown => setFields(NORMAL, [{ path, value }]);
  expect(wrong('limits.maxDailyTrades', 'many')).toMatchObject({ ok: false, error: [{ path: 'limits.maxDailyTrades' }] });
  expect(wrong('limits.maxDialyTrades', '3')).toMatchObject({ ok: false, error: [{ text: 'is no field of the policy' }] });
  expect(wrong('protection.automatic', 'yes')).toMatchObject({ ok: false, error: [{ text: 'must be true or false' }] });
  expect(wrong('exposure.maxPositionPct', '31')).toMatchObject({ ok: false, error: [{ path: 'exposure.maxPositionPct' }] });
  expect(set(NORMAL, 'limits.allowedSymbols', '-').limits.allowedSymbols).toEqual([]);
});

test('from DEFENSIVE to NORMAL only the name is no loosening', () => {
  expect(looseningOf(DEFENSIVE, NORMAL).map(({ path }) => path)).toEqual([
    'limits.maxDailyLossPct',
    'exposure.maxLeverage',
    'order.riskPerTradePct',
    'circuitBreaker.maxDailyDrawdownPct',
    'emergencyStop.autoDailyDrawdownPct',
  ]);
  expect(looseningOf(NORMAL, DEFENSIVE)).toEqual([]);
  expect(isSamePolicy(tighterOf(DEFENSIVE, AGGRESSIVE), { ...DEFENSIVE, name: 'AGGRESSIVE' })).toBe(true);
  // Its name alone makes it none: nobody reads AGGRESSIVE while the values of another profile hold, nor the other way round (G).
  expect([tighterOf(DEFENSIVE, AGGRESSIVE), tighterOf(AGGRESSIVE, DEFENSIVE), AGGRESSIVE].map(nameInForce)).toEqual([
    'AGGRESSIVE in part',
    'DEFENSIVE',
    'AGGRESSIVE',
  ]);
  expect(nameInForce({ ...NORMAL, limits: { ...NORMAL.limits, maxDailyLossUsdt: DEFENSIVE.limits.maxDailyLossUsdt } })).toBe('NORMAL');
  expect(nameInForce({ ...AGGRESSIVE, name: 'My own' })).toBe('My own');
});

test('of a list that changes both ways what tightens is taken at once', () => {
  const wanted = set(set(NORMAL, 'limits.allowedSymbols', 'BTCUSDT DOGEUSDT'), 'limits.blockedSymbols', 'ETHUSDT');
  expect(tighterOf(NORMAL, wanted).limits).toMatchObject({ allowedSymbols: ['BTCUSDT'], blockedSymbols: ['ETHUSDT'] });
  const unblocked = set(wanted, 'limits.blockedSymbols', 'XRPUSDT');
  expect(tighterOf(wanted, unblocked).limits.blockedSymbols).toEqual(['ETHUSDT', 'XRPUSDT']);
});

test('a policy that lacks a field, as an older journal has it, takes its default; what is no policy is none', () => {
  const { limits, ...rest } = NORMAL;
  const { maxDailyTrades, ...others } = limits;
  expect(maxDailyTrades).toBe(100);
  expect(restoredPolicy({ ...rest, limits: others })).toEqual(NORMAL);
  expect(restoredPolicy({ ...NORMAL, name: 7 })).toBeNull();
  expect(textOf(undefined)).toBe('-');
});

const valueOf = ({ path }: PolicyField): fc.Arbitrary<unknown> => {
  const before = valueAt(NORMAL, path);
  if (typeof before === 'boolean') return fc.boolean();
  if (typeof before === 'object') return fc.uniqueArray(fc.constantFrom('BTCUSDT', 'ETHUSDT', 'DOGEUSDT', 'XRPUSDT'));
  if (path === 'order.confirm') return fc.constantFrom('always', 'mainnet-only');
  if (path === 'emergencyStop.onTrip') return fc.constantFrom('keep-positions', 'flatten');
  if (typeof before === 'number') return fc.integer({ min: 1, max: 200 });
  return fc.constantFrom('1', '2', '5', '10', '50');
};
/** Any policy that its schema takes, not only those between whose fields all is well. */
const anyPolicy: fc.Arbitrary<Policy> = fc
  .uniqueArray(fc.constantFrom(...POLICY_FIELDS), { selector: ({ path }) => path, maxLength: 12 })
  .chain((fields) => fc.tuple(fc.constant(fields), fc.tuple(...fields.map(valueOf))))
  .map(([fields, values]) => restoredPolicy(withValues(NORMAL, new Map(fields.map(({ path }, index) => [path, values[index]])))))
  .filter((policy) => policy !== null);

test('the tighter of two is looser than neither, whichever comes first', () => {
  fc.assert(
    fc.property(anyPolicy, anyPolicy, (a, b) => {
      const between = tighterOf(a, b);
      expect(looseningOf(a, between)).toEqual([]);
      expect(looseningOf(b, between)).toEqual([]);
      expect(isSamePolicy(tighterOf(between, b), between)).toBe(true);
      // Between policies that are sane, only the smallest order against the largest can clash.
      if (parsePolicy(a).ok && parsePolicy(b).ok) {
        const said = parsePolicy(between);
        if (!said.ok) expect(said.error.map(({ path }) => path)).toEqual(['limits.minOpeningNotionalUsdt']);
      }
    }),
    { numRuns: 60 },
  );
});
