// What each stage of the rollout ladder asks for (REQUIREMENTS H), held against what was counted from facts. Pure, and it fails closed:
// a number that makes no sense is not met. The texts are part of what a certificate is bound to: no clock and no chance may be in them.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { EvidenceItem, LadderStage } from '../../src-shared/domain/ladder.ts';
import { LADDER_REGIMES } from '../../src-shared/domain/ladder.ts';
import { assertNever } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { LadderTally } from '../engine/state.ts';

/** Every kind of order (B1) and everything that a spot position goes through (B3). */
export const ORDER_KINDS = [
  'market',
  'limit',
  'stop-loss',
  'stop-loss-limit',
  'take-profit',
  'take-profit-limit',
  'trailing stop',
  'OCO',
  'OTO or OTOCO',
] as const;
export const POSITION_STATES = ['opened', 'added to', 'partly closed', 'closed'] as const;

export interface Gathered {
  readonly tally: LadderTally;
  /** Profit as the books have it less profit added up from the fills alone; the same of fees. Null: not known. */
  readonly profitGapUsdt: Decimal | null;
  readonly feesGapUsdt: Decimal | null;
  readonly unpricedFees: number;
  /** A server once stood in for the exchange (A4). */
  readonly standIn: boolean;
}

type Asks = Policy['ladder'];

/** Trades in each regime: one is chance. */
const TRADES_A_REGIME = 10;
const PRACTICE_ERRORS_PCT = 5;
const FIRST_ERRORS_PCT = 1;
const LATER_ERRORS_PCT = 0.1;
const LATER_TRADES = 5;
const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;
/** Sums of many fills may differ in the last of forty digits. */
const SAME_WITHIN_USDT = 1e-8;

const item = (id: string, title: string, isMet: boolean, text: string): EvidenceItem => ({
  id,
  title,
  verdict: isMet ? 'met' : 'not-met',
  text,
});

const unknown = (id: string, title: string, text: string): EvidenceItem => ({ id, title, verdict: 'unknown', text });

const atLeast = (id: string, title: string, value: number, asked: number): EvidenceItem =>
  item(id, title, value >= asked, `${value} of ${asked}`);

/** Rounded against the trader: a share that is only nearly enough must not read as enough. */
const percentText = (value: number, digits = 2): string => (Math.floor(value * 10 ** digits) / 10 ** digits).toFixed(digits);

const success = ({ sent, accepted }: LadderTally, id: string, title: string, askedPct: number): EvidenceItem =>
  sent === 0
    ? unknown(id, title, 'No order was sent yet.')
    : item(
        id,
        title,
        accepted * 100 >= sent * askedPct,
        `${percentText((accepted * 100) / sent)} % of ${sent} orders; asked: ${askedPct} %`,
      );

const errorsOf = ({ rejected, doubted, cancelsFailed }: LadderTally): number => rejected + doubted + cancelsFailed;

const errors = (tally: LadderTally, id: string, belowPct: number): EvidenceItem => {
  const title = 'Errors';
  const { sent, rejected, doubted, cancelsFailed } = tally;
  if (sent === 0) return unknown(id, title, 'No order was sent yet.');
  const words = `${rejected} refused, ${doubted} in doubt, ${cancelsFailed} cancels failed, of ${sent} orders; asked: below ${belowPct} %`;
  return item(id, title, errorsOf(tally) * 100 < sent * belowPct, words);
};

const all = (id: string, title: string, names: readonly string[], has: (name: string) => boolean): EvidenceItem => {
  const lacking = names.filter((name) => !has(name));
  return item(id, title, lacking.length === 0, lacking.length === 0 ? `all ${names.length}` : `not yet: ${lacking.join(', ')}`);
};

const equal = (id: string, title: string, gapUsdt: Decimal | null, unpriced: number): EvidenceItem => {
  if (gapUsdt === null) return unknown(id, title, 'It cannot be told.');
  if (unpriced > 0) return item(id, title, false, `${unpriced} fills have a fee of unknown worth`);
  const isEqual = gapUsdt.abs().lt(SAME_WITHIN_USDT);
  return item(id, title, isEqual, isEqual ? 'added up from the fills alone: the same' : `differs by ${gapUsdt.toFixed(8)} USDT`);
};

const daysOf = ({ sinceMs, comparedAtMs }: LadderTally): number =>
  sinceMs === null || comparedAtMs === null ? 0 : Math.floor((comparedAtMs - sinceMs) / DAY_MS);

/** An unexplained difference ends the stage: what there is of days is without one. A day without any comparison does not count. */
const days = (tally: LadderTally, id: string, title: string, asked: number): EvidenceItem => {
  const [spanned, compared] = [daysOf(tally), tally.comparedDays];
  return item(id, title, spanned >= asked && compared >= asked, `${spanned} days, books compared on ${compared}; asked: ${asked}`);
};

const noneOf = (id: string, title: string, value: number): EvidenceItem => item(id, title, value === 0, `${value}`);

const later = (tally: LadderTally, errorsPct: number, isWeek: boolean): readonly EvidenceItem[] => [
  atLeast('later-trades', 'Trades at this stage', tally.trades, LATER_TRADES),
  errors(tally, 'later-errors', errorsPct),
  ...(isWeek ? [days(tally, 'later-week', 'A week without an unexplained difference', WEEK_DAYS)] : []),
];

/** What the way up from a stage asks for. Full has none above it. */
export const evidenceOf = (stage: LadderStage, gathered: Gathered, asks: Asks): readonly EvidenceItem[] => {
  const { tally, profitGapUsdt, feesGapUsdt, unpricedFees, standIn } = gathered;
  switch (stage) {
    case 'practice':
      return [
        atLeast('practice-trades', 'Trades', tally.trades, asks.practiceTrades),
        success(tally, 'practice-success', 'Orders that the exchange took', Number(asks.practiceSuccessPct)),
        errors(tally, 'practice-errors', PRACTICE_ERRORS_PCT),
        all(
          'practice-regimes',
          `${TRADES_A_REGIME} trades in each regime of the market`,
          LADDER_REGIMES,
          (name) => (tally.regimes.get(name) ?? 0) >= TRADES_A_REGIME,
        ),
        all('practice-orders', 'Every kind of order', ORDER_KINDS, (name) => tally.orderKinds.has(name)),
        all('practice-positions', 'Everything that a position goes through', POSITION_STATES, (name) => tally.positionStates.has(name)),
        equal('practice-profit', 'Profit and loss recomputed', profitGapUsdt, unpricedFees),
        noneOf('practice-limits', 'Limits exceeded', tally.exceeded),
        item('practice-drill', 'A drill of the emergency stop', tally.drillPassed, tally.drillPassed ? 'passed' : 'none was passed yet'),
      ];
    case 'testnet':
      return [
        item('testnet-venue', 'Done at the exchange’s own testnet', !standIn, standIn ? 'a custom venue stood in: use another key' : 'yes'),
        atLeast('testnet-orders', 'Orders', tally.sent, asks.testnetOrders),
        success(tally, 'testnet-submitted', 'Orders submitted', 100),
        latency(tally, asks.testnetMeanLatencyMs),
        equal('testnet-fees', 'Fees recomputed', feesGapUsdt, unpricedFees),
        days(tally, 'testnet-days', 'Days without an unexplained difference', asks.testnetDays),
      ];
    case 'micro':
      return [
        atLeast('micro-trades', 'Trades', tally.trades, asks.microTrades),
        noneOf('micro-differences', 'Differences', tally.differences),
      ];
    case 'small':
      return later(tally, FIRST_ERRORS_PCT, false);
    case 'week-1':
    case 'week-2':
      return later(tally, FIRST_ERRORS_PCT, true);
    case 'week-3':
    case 'week-4':
      return later(tally, LATER_ERRORS_PCT, true);
    case 'full':
      return [];
    default:
      return assertNever(stage);
  }
};

const latency = ({ latency: { count, sumMs } }: LadderTally, below: number): EvidenceItem => {
  const [id, title] = ['testnet-latency', 'Mean order latency'];
  if (count === 0) return unknown(id, title, 'No order was answered yet.');
  return item(id, title, sumMs < count * below, `${Math.ceil(sumMs / count)} ms; asked: below ${below} ms`);
};

/** Nothing is met by there being nothing to meet. */
export const isProven = (evidence: readonly EvidenceItem[]): boolean =>
  evidence.length > 0 && evidence.every(({ verdict }) => verdict === 'met');

/** What is not met yet, in words. */
export const lackingOf = (evidence: readonly EvidenceItem[]): string =>
  evidence
    .filter(({ verdict }) => verdict !== 'met')
    .map(({ title, text }) => `${title}: ${text}`)
    .join('; ');
