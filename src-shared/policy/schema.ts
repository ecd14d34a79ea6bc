// The trader's policy, declared once: types, defaults, ranges, titles and units of every field come from here, for the gate, the
// policy file, the editor and the manual (REQUIREMENTS C to K). It must never accept a field that it does not know, nor a set of
// values that contradict each other.
import { z } from 'zod';
import { Decimal } from '../domain/decimal.ts';
import { ALERT_LEVELS } from '../domain/alerts.ts';
import { isDecimalText, parseDecimal } from '../domain/money.ts';
import { fail, ok } from '../errors/result.ts';
import type { DecimalText } from '../domain/money.ts';
import type { Result } from '../errors/result.ts';

/** What a field counts in. Times are whole numbers; money, percents and factors are plain decimal text, never floats. */
export type PolicyUnit =
  'USDT' | 'percent' | 'factor' | 'count' | 'ms' | 'seconds' | 'minutes' | 'hours' | 'days' | 'choice' | 'list' | 'text';

/** What the editor and the manual show of a field: found by `field.meta()`. `row` is the row of REQUIREMENTS. */
export interface FieldMeta {
  readonly title: string;
  readonly unit: PolicyUnit;
  readonly row: string;
  /** The allowed values in words. */
  readonly allowed: string;
  readonly looser: Looser;
  /** Of a choice between words, all of them; of any other field absent. */
  readonly values?: readonly string[];
}

/**
 * Which change of a field loosens the policy, and so waits (tilt guard): a higher or lower number, true or false, more or fewer
 * symbols, a word that stands earlier or later among its choices. `none`: it guards nothing, and any change takes effect at once.
 */
export type Looser = 'higher' | 'lower' | 'true' | 'false' | 'more' | 'fewer' | 'first' | 'last' | 'none';

const decimalField = (unit: 'USDT' | 'percent' | 'factor', from: string, min: string, max: string) => {
  const [low, high] = [new Decimal(min), new Decimal(max)];
  const allowed = `a plain decimal in text from ${min} to ${max}${unit === 'factor' ? '' : ` ${unit}`}`;
  const inRange = (text: unknown): boolean => isDecimalText(text) && low.lte(text) && high.gte(text);
  return (row: string, title: string, looser: Looser) =>
    z
      .custom<DecimalText>(inRange, { error: `must be ${allowed}` })
      .default(from as DecimalText)
      .meta({ title, unit, row, allowed, looser } satisfies FieldMeta);
};
/** Default, smallest and largest value in USDT. */
const usdt = (from: string, min: string, max: string) => decimalField('USDT', from, min, max);
const percent = (from: string, min: string, max: string) => decimalField('percent', from, min, max);
const factor = (from: string, min: string, max: string) => decimalField('factor', from, min, max);

const whole = (unit: PolicyUnit, from: number, min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}${unit === 'count' ? '' : ` ${unit}`}`;
  const error = `must be ${allowed}`;
  return (row: string, title: string, looser: Looser) =>
    z
      .int({ error })
      .min(min, { error })
      .max(max, { error })
      .default(from)
      .meta({ title, unit, row, allowed, looser } satisfies FieldMeta);
};

const yesNo = (from: boolean) => (row: string, title: string, looser: Looser) =>
  z
    .boolean({ error: 'must be true or false' })
    .default(from)
    .meta({ title, unit: 'choice', row, looser, allowed: 'true or false' } satisfies FieldMeta);

const choice = <const T extends readonly [string, ...string[]]>(from: NoInfer<T[number]>, values: T) => {
  const allowed = `one of ${values.join(', ')}`;
  return (row: string, title: string, looser: Looser) =>
    z
      .custom<T[number]>((value) => values.includes(value as string), { error: `must be ${allowed}` })
      .default(() => from)
      .meta({ title, unit: 'choice', row, allowed, looser, values } satisfies FieldMeta);
};

const SYMBOL = /^[A-Z0-9]{2,20}$/;
const symbols = (from: readonly string[]) => (row: string, title: string, looser: Looser) =>
  z
    .array(z.string().regex(SYMBOL, { error: 'must be a symbol in capitals, as BTCUSDT' }), { error: 'must be a list of symbols' })
    .max(500, { error: 'must be at most 500 symbols' })
    .default(() => [...from])
    .readonly()
    .meta({ title, unit: 'list', row, looser, allowed: 'a list of at most 500 symbols in capitals, as BTCUSDT' } satisfies FieldMeta);

const text = (from: string, pattern: RegExp, allowed: string) => (row: string, title: string, looser: Looser) =>
  z
    .string({ error: `must be ${allowed}` })
    .regex(pattern, { error: `must be ${allowed}` })
    .default(from)
    .meta({ title, unit: 'text', row, allowed, looser } satisfies FieldMeta);

/** A group of fields: frozen, unknown names refused, an absent group or field takes its default. */
const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).readonly();

const limits = group({
  maxOrderNotionalUsdt: usdt('1000', '1', '1000000')('C1', 'Largest order', 'higher'),
  minOpeningNotionalUsdt: usdt('100', '1', '1000000')('C1', 'Smallest opening order', 'lower'),
  maxPriceDeviationPct: percent('2', '0.01', '20')('C2', 'Largest distance of a price from the mark', 'higher'),
  maxDailyLossUsdt: usdt('500', '1', '1000000')('C4', 'Largest loss in a day', 'higher'),
  maxDailyLossPct: percent('5', '0.1', '50')('C4', 'Largest loss in a day, of the opening equity', 'higher'),
  maxDailyTrades: whole('count', 100, 1, 100_000)('C5', 'Most trades in a day', 'higher'),
  maxPositionsPerSymbol: whole('count', 1, 1, 10)('C6', 'Most positions in a symbol', 'higher'),
  maxPositions: whole('count', 5, 1, 200)('C6', 'Most positions in all', 'higher'),
  allowedSymbols: symbols(['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'])('C8', 'Symbols that may be traded', 'more'),
  blockedSymbols: symbols([])('C8', 'Symbols that may not be traded, whatever else allows them', 'fewer'),
  maxRequestWeight: whole('count', 5000, 100, 5900)('C9', 'Request weight a minute above which nothing is opened', 'higher'),
  maxOrderCountPct: whole('percent', 90, 10, 99)('C9', "Share of the venue's order count above which nothing is opened", 'higher'),
  maxOrdersPerSecond: whole('count', 5, 1, 50)('C10', 'Most orders in a second', 'higher'),
  minSymbolIntervalMs: whole('ms', 500, 0, 60_000)('C10', 'Shortest time between two orders of a symbol', 'lower'),
  maxQuoteAgeMs: whole('ms', 5000, 500, 60_000)('C11', 'Oldest quote that an order may be judged on', 'higher'),
  maxUserStreamSilenceMs: whole('ms', 10_000, 2000, 60_000)('C11', 'Longest silence of the user stream', 'higher'),
  coolDownAfterLosses: whole('count', 3, 1, 100)('C13', 'Losses in a row that start a cool-down', 'higher'),
  coolDownMinutes: whole('minutes', 30, 1, 1440)('C13', 'Length of the cool-down on openings', 'lower'),
});

const exposure = group({
  maxPositionPct: percent('10', '0.1', '100')('C7', 'Largest position, of equity', 'higher'),
  maxSymbolPct: percent('30', '0.1', '100')('C7', 'Most in a symbol, of equity', 'higher'),
  maxStrategyPct: percent('60', '0.1', '100')('C7', 'Most in a strategy, of equity', 'higher'),
  maxTotalPct: percent('90', '0.1', '100')('C7', 'Most in all, of equity', 'higher'),
  maxFuturesTotalPct: percent('200', '0.1', '1000')('C7', 'Most in all on futures, of equity', 'higher'),
  maxNetDirectionPct: percent('80', '0.1', '100')('C7', 'Most in one direction, of equity', 'higher'),
  maxPositionValueUsdt: usdt('2000', '1', '10000000')('C7', 'Largest position', 'higher'),
  maxLeverage: whole('count', 30, 1, 125)('C7', 'Largest leverage', 'higher'),
});

const order = group({
  confirm: choice('mainnet-only', ['always', 'mainnet-only'])('M2', 'When an order asks for confirmation', 'last'),
  staleEntryHours: whole('hours', 24, 1, 720)('B9', 'Age at which an open entry is cancelled', 'higher'),
  riskPerTradePct: percent('2', '0.01', '10')('B6', 'Equity that a trade may risk', 'higher'),
  highConfidenceFactor: factor('1.5', '1', '3')('B6', 'Size factor at a confidence of 0.85 and above', 'higher'),
  lowConfidenceFactor: factor('0.5', '0.1', '1')('B6', 'Size factor at a confidence below 0.60', 'higher'),
});

const protection = group({
  automatic: yesNo(false)('B5', 'Place stop loss and take profit with each entry', 'false'),
  stopLossPct: percent('2', '0.1', '50')('B5', 'Stop loss below the entry', 'higher'),
  takeProfitPct: percent('4', '0.1', '500')('B5', 'Take profit above the entry', 'none'),
  closeUnprotected: yesNo(false)('B5', 'Close a position that stays without working protection', 'false'),
  graceSeconds: whole('seconds', 60, 5, 3600)('B5', 'How long a position may stay without working protection', 'higher'),
});

const circuitBreaker = group({
  maxDailyDrawdownPct: percent('5', '0.1', '50')('D', 'Drawdown in a day, of peak equity', 'higher'),
  maxWeeklyDrawdownPct: percent('10', '0.1', '70')('D', 'Drawdown in a week, of peak equity', 'higher'),
  maxTotalDrawdownPct: percent('20', '0.1', '90')('D', 'Drawdown in all, of peak equity', 'higher'),
  consecutiveLosses: whole('count', 10, 1, 100)('D', 'Losses in a row', 'higher'),
  apiErrors: whole('count', 3, 1, 100)('D', 'API errors within their window', 'higher'),
  apiErrorWindowSeconds: whole('seconds', 60, 10, 3600)('D', 'Window of the API errors', 'lower'),
  consecutiveOrderFailures: whole('count', 5, 1, 100)('D', 'Order failures in a row', 'higher'),
  failedTrades: whole('count', 5, 1, 100)('D', 'Failed trades within their window', 'higher'),
  failedTradeWindowMinutes: whole('minutes', 60, 1, 1440)('D', 'Window of the failed trades', 'lower'),
  probeAfterCoolDown: yesNo(false)('D', 'Infrastructure breaches may end by a probe after a cool-down', 'true'),
  probeCoolDownMinutes: whole('minutes', 15, 1, 1440)('D', 'Cool-down before that probe', 'lower'),
});

const emergencyStop = group({
  onTrip: choice('keep-positions', ['keep-positions', 'flatten'])('E4', 'What a trip does with positions', 'first'),
  hotkey: text(
    'CommandOrControl+Shift+F12',
    /^(?:(?:CommandOrControl|Command|Control|Alt|Shift|Super)\+){1,4}(?:[A-Z0-9]|F(?:[1-9]|1\d|2[0-4]))$/,
    'modifiers and one key, as CommandOrControl+Shift+F12',
  )('E1', 'Global hotkey of the emergency stop', 'none'),
  watchdogSeconds: whole('seconds', 10, 3, 120)('E8', 'Silence of the console after which the watchdog cancels', 'higher'),
  watchdogKeepsProtection: yesNo(true)('E8', 'The watchdog leaves the stops and targets of positions where they are', 'none'),
  coolDownMinutes: whole('minutes', 15, 1, 1440)('E6', 'Cool-down after a reset', 'lower'),
  autoDailyDrawdownPct: percent('5', '0.1', '50')('E1', 'Drawdown in a day that trips the stop', 'higher'),
  autoOpenLossPct: percent('10', '0.1', '50')('E1', 'Open loss, of equity, that trips the stop', 'higher'),
  autoExecutionErrors: whole('count', 5, 1, 100)('E1', 'Execution errors in a row that trip the stop', 'higher'),
});

const killSwitch = group({
  enabled: yesNo(false)('F', 'Listen for the signed kill switch on 127.0.0.1', 'false'),
  resetAllowed: yesNo(false)('F', 'Let the kill-switch endpoint reset the stop', 'true'),
  port: whole('count', 8765, 1024, 65_535)('F', 'Port of the kill switch', 'none'),
});

/** The wait can be made longer than REQUIREMENTS G has it, never shorter. */
const tiltGuard = group({
  loosenDelayMinutes: whole('minutes', 15, 15, 1440)('G', 'Wait before a loosened policy takes effect', 'lower'),
});

/** Evidence can be asked for more strictly than REQUIREMENTS H does, never less; the caps of its stages are no policy at all. */
const ladder = group({
  practiceTrades: whole('count', 100, 100, 100_000)('H', 'Practice trades before testnet evidence counts', 'lower'),
  practiceSuccessPct: percent('95', '95', '100')('H', 'Practice trades that must succeed', 'lower'),
  testnetOrders: whole('count', 20, 20, 100_000)('H', 'Testnet orders', 'lower'),
  testnetDays: whole('days', 7, 7, 365)('H', 'Testnet days without an unexplained difference', 'lower'),
  testnetMeanLatencyMs: whole('ms', 500, 1, 500)('H', 'Largest mean order latency on testnet', 'higher'),
  microTrades: whole('count', 5, 5, 100_000)('H', 'Micro trades without a difference', 'lower'),
});

const checks = group({
  reconcileEveryMinutes: whole('minutes', 5, 1, 60)('I', 'Time between reconciliations', 'higher'),
  reconcileFailuresToHalt: whole('count', 3, 1, 3)('I', 'Failed reconciliations in a row that halt trading', 'higher'),
  selfTestEveryMinutes: whole('minutes', 60, 5, 1440)('J', 'Time between self-tests', 'higher'),
});

const signals = group({
  queueSize: whole('count', 100, 1, 1000)('K2', 'Signals that may wait', 'none'),
  minConfidence: factor('0.45', '0', '1')('K2', 'Smallest confidence of a signal', 'lower'),
  minWinRatePct: percent('50', '0', '100')('K4', 'Win rate below which a source is watched', 'lower'),
  minAverageR: factor('0', '-1', '5')('K4', 'Average R below which a source is watched', 'lower'),
  minCalibrationPct: percent('70', '0', '100')('K4', 'Calibration below which a source is watched', 'lower'),
  judgedOverDays: whole('days', 30, 7, 365)('K4', 'Days that a source is judged over', 'none'),
  driftDays: whole('days', 7, 1, 90)('K4', 'Days that drift is judged over', 'none'),
});

const ADDRESS = String.raw`[^\s@<>,;:"'\\]{1,64}@[A-Za-z0-9.-]{1,190}`;
const MAIL_ADDRESS = new RegExp(`^(?:-|${ADDRESS})$`);
const MAIL_ADDRESSES = new RegExp(`^(?:-|${ADDRESS}(?:[ ,]{1,3}${ADDRESS}){0,4})$`);

/** Where alerts go, and two of their thresholds. What is secret of it, webhook address and mail password, lies in the keychain. */
const alerts = group({
  desktop: choice('all', ALERT_LEVELS)('L4', 'Alerts as desktop notifications, from', 'none'),
  sound: choice('warning', ['off', 'danger', 'warning'])('L4', 'Alerts as a sound, from', 'none'),
  webhook: choice('warning', ALERT_LEVELS)('L4', 'Alerts to the webhook, from', 'none'),
  mail: choice('danger', ALERT_LEVELS)('L4', 'Alerts by mail, from', 'none'),
  mailHost: text('-', /^(?:-|[A-Za-z0-9][A-Za-z0-9.-]{0,252})$/, 'the name of the mail server, or -')('L4', 'Mail server', 'none'),
  mailPort: whole('count', 587, 1, 65_535)('L4', 'Port of the mail server', 'none'),
  mailSecurity: choice('starttls', ['tls', 'starttls', 'none'])('L4', 'How mail is encrypted (none: on this machine only)', 'none'),
  mailUser: text('-', /^[A-Za-z0-9._@+-]{1,190}$/, 'a user name of letters, digits and . _ @ + -, or -')(
    'L4',
    'User at the mail server',
    'none',
  ),
  mailFrom: text('-', MAIL_ADDRESS, 'a mail address, or -')('L4', 'Sender of mail', 'none'),
  mailTo: text('-', MAIL_ADDRESSES, 'one to five mail addresses, or -')('L4', 'Receivers of mail', 'none'),
  denialsAMinute: whole('count', 10, 2, 1000)('L4', 'Denied orders within a minute that are a storm', 'none'),
  unusualLossPct: percent('2', '0.1', '50')('L4', 'Fall of equity that is unusual', 'none'),
  unusualLossMinutes: whole('minutes', 5, 1, 60)('L4', 'Time within which such a fall is unusual', 'none'),
});

const fields = z.strictObject({
  name: text('NORMAL', /^[A-Za-z0-9 _-]{1,40}$/, '1 to 40 letters, digits, blanks, _ or -')('G', 'Name of the policy', 'none'),
  limits: limits.prefault({}),
  exposure: exposure.prefault({}),
  order: order.prefault({}),
  protection: protection.prefault({}),
  circuitBreaker: circuitBreaker.prefault({}),
  emergencyStop: emergencyStop.prefault({}),
  killSwitch: killSwitch.prefault({}),
  tiltGuard: tiltGuard.prefault({}),
  ladder: ladder.prefault({}),
  checks: checks.prefault({}),
  signals: signals.prefault({}),
  alerts: alerts.prefault({}),
});

/** Pairs of fields of one group that must stand in this order (C15, and what follows from the fields' meaning). */
const SANITY: readonly (readonly [group: keyof z.output<typeof fields>, smaller: string, relation: '<' | '<=', larger: string])[] = [
  ['exposure', 'maxPositionPct', '<=', 'maxSymbolPct'],
  ['exposure', 'maxSymbolPct', '<=', 'maxStrategyPct'],
  ['exposure', 'maxStrategyPct', '<=', 'maxTotalPct'],
  ['exposure', 'maxTotalPct', '<=', 'maxFuturesTotalPct'],
  ['circuitBreaker', 'maxDailyDrawdownPct', '<', 'maxWeeklyDrawdownPct'],
  ['circuitBreaker', 'maxWeeklyDrawdownPct', '<', 'maxTotalDrawdownPct'],
  ['limits', 'minOpeningNotionalUsdt', '<=', 'maxOrderNotionalUsdt'],
  ['limits', 'maxPositionsPerSymbol', '<=', 'maxPositions'],
  ['signals', 'driftDays', '<=', 'judgedOverDays'],
];

const numberOf = (value: unknown): Decimal | undefined => (typeof value === 'number' ? new Decimal(value) : parseDecimal(value));

/** The policy's one declaration. Absent fields take their defaults; unknown ones are refused by name. */
export const policySchema = fields
  .superRefine((policy, context) => {
    for (const [where, smaller, relation, larger] of SANITY) {
      const values = policy[where] as Readonly<Record<string, unknown>>;
      const [low, high] = [numberOf(values[smaller]), numberOf(values[larger])];
      // What is no number has its own problem already.
      if (low === undefined || high === undefined || (relation === '<' ? low.lt(high) : low.lte(high))) continue;
      const claim = relation === '<' ? 'must be smaller than' : 'must not be larger than';
      context.addIssue({ code: 'custom', path: [where, smaller], message: `${claim} ${where}.${larger}, which is ${high.toFixed()}` });
    }
    const [orderMax, positionMax] = [numberOf(policy.limits.maxOrderNotionalUsdt), numberOf(policy.exposure.maxPositionValueUsdt)];
    if (orderMax !== undefined && positionMax?.lt(orderMax) === true) {
      const message = `must not be larger than exposure.maxPositionValueUsdt, which is ${positionMax.toFixed()}`;
      context.addIssue({ code: 'custom', path: ['limits', 'maxOrderNotionalUsdt'], message });
    }
  })
  .readonly();

/** A policy that was parsed: deeply readonly and frozen; money, percents and factors are plain decimal text. */
export type Policy = z.output<typeof policySchema>;

/**
 * A policy as it once was in force: every field has a value of its kind, what an older version lacks its default. Whether the values fit
 * each other is not asked: the tighter of two policies may contradict itself, and then opens nothing. Null: it is no policy.
 */
export const restoredPolicy = (value: unknown): Policy | null => {
  const parsed = fields.readonly().safeParse(value);
  return parsed.success ? parsed.data : null;
};

/** One thing that is wrong with a policy: where, and what would be right, in words. */
export interface PolicyProblem {
  /** The field, as `limits.maxDailyTrades`; empty for the policy as a whole. */
  readonly path: string;
  readonly text: string;
}

const problemsOf = (issue: z.core.$ZodIssue): readonly PolicyProblem[] => {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      text: 'is no field of the policy: correct its name or take it out',
    }));
  }
  return [
    { path, text: issue.code === 'invalid_type' && issue.expected === 'object' ? 'must be a group of fields in { }' : issue.message },
  ];
};

/** The policy that some JSON value says, or everything that is wrong with it. Never throws. */
export const parsePolicy = (value: unknown): Result<Policy, readonly PolicyProblem[]> => {
  const parsed = policySchema.safeParse(value);
  return parsed.success ? ok(parsed.data) : fail(parsed.error.issues.flatMap(problemsOf));
};
