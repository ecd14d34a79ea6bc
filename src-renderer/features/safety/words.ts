// What the safety page says in its own words, out of what the engine told. Pure: nothing here judges an order or moves a limit.
import type { BreakerView, LadderView, StopView, TradingView } from '../../../src-shared/contract/view.ts';
import type { BuyNow } from '../../../src-shared/contract/buy-now.ts';
import type { DrillResult } from '../../../src-shared/domain/drill.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { dateTime } from '../../components/time.ts';
import { isLossRule } from '../../../src-shared/domain/breaker.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import type { SelfTestItem } from '../../../src-shared/domain/self-test.ts';

export type Verdict = 'good' | 'poor' | 'bad' | 'unknown';

/** The state as the trader knows it: the stop has a word of its own. */
export const stateWord = (level: TradingView['level'], phase: StopView['phase'] | undefined): TradingView['level'] | 'TRIPPED' =>
  phase === 'TRIPPED' ? 'TRIPPED' : level;

/** The trading state without its texts, which count seconds: an answer from another state is none. */
export const stateKey = ({ level, causes }: TradingView): string => [level, ...causes.map(({ code }) => code)].join(' ');

/** What forbids it, by the name that a person knows; a trading state has its cause beside it. */
export const forbidderName = ({ denial }: Pick<BuyNow, 'denial'>): string =>
  denial === null ? 'nothing' : denial.code === 'STATE' ? 'the trading state' : denial.code;

/** What sales may do, beside what a buy may. */
export const salesText = ({ noSales }: Pick<BuyNow, 'noSales'>): string =>
  noSales === null ? 'What shrinks a position goes, and so do cancels.' : `${forbidderName({ denial: noSales })}: ${noSales.advice}`;

/** What would forbid a buy besides the first that does. */
export const alsoText = ({ denial, forbids }: Pick<BuyNow, 'denial' | 'forbids'>): string => {
  const others = forbids.filter(({ id }) => id !== denial?.code);
  if (denial === null) return 'neither a limit nor the trading state';
  return others.length === 0 ? 'and nothing besides' : `and ${others.map(({ title }) => title).join(', ')}`;
};

/** Which orders the receipt could not prove to be gone. */
export const survivorsOf = ({ orders }: Pick<StopReceipt, 'orders'>): number =>
  orders.filter(({ outcome }) => outcome === 'not-canceled' || outcome === 'unknown').length;

const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

/** A receipt in one line. */
export const receiptLine = (receipt: StopReceipt): string => {
  const survivors = survivorsOf(receipt);
  const end = receipt.complete ? 'verified empty' : 'not verified empty';
  return `${many(receipt.orders.length, 'order')}, ${survivors === 0 ? 'none left' : `${survivors} not proven gone`}, ${end}`;
};

/** What a drill went through. */
export const drilledText = ({ orders, symbols }: Pick<DrillResult, 'orders' | 'symbols'>): string =>
  `${many(orders, 'order')} in ${many(symbols, 'market')}`;

/** Who may close it, in words. */
export const breakerEnd = ({ breach, probeAtMs }: Pick<BreakerView, 'breach' | 'probeAtMs'>): string => {
  if (breach !== null && isLossRule(breach.rule)) return 'A loss: only a person closes it.';
  return probeAtMs === null ? 'Only a person closes it.' : 'A person closes it, or one order that tries once the time is over.';
};

const STAGE_NAMES: Readonly<Record<LadderStage, string>> = {
  practice: 'Practice',
  testnet: 'Testnet',
  micro: 'Micro',
  small: 'Small',
  'week-1': 'Week 1',
  'week-2': 'Week 2',
  'week-3': 'Week 3',
  'week-4': 'Week 4',
  full: 'Full',
};
export const stageName = (stage: LadderStage): string => STAGE_NAMES[stage];

/** What a promotion would do, or how much of the evidence is there: what is missing stands beside it, in a list. */
export const nextText = ({ next, text, evidence }: Pick<LadderView, 'next' | 'text' | 'evidence'>): string => {
  const missing = missingOf(evidence).length;
  if (missing > 0) return `${evidence.length - missing} of ${evidence.length} met; the rest is missing`;
  return text === '' ? (next === null ? 'nowhere from here' : 'everything is met') : text;
};

/** What is still missing for the next stage comes first. */
export const evidenceInOrder = (evidence: LadderView['evidence']): LadderView['evidence'] =>
  evidence.toSorted((a, b) => Number(a.verdict === 'met') - Number(b.verdict === 'met'));
export const missingOf = (evidence: LadderView['evidence']): LadderView['evidence'] => evidence.filter(({ verdict }) => verdict !== 'met');

/** The self-test in one line with its time, red first. */
export const selfTestLine = (
  test: { readonly atMs: number; readonly items: readonly SelfTestItem[] } | undefined,
): { readonly verdict: Verdict; readonly text: string } => {
  if (test === undefined || test.items.length === 0) return { verdict: 'unknown', text: 'not run yet' };
  const { items } = test;
  const at = `${dateTime(test.atMs)} UTC, `;
  const red = items.filter(({ verdict }) => verdict === 'fail');
  const needed = items.filter(({ verdict }) => verdict !== 'not-needed').length;
  return red.length === 0
    ? { verdict: 'good', text: `${at}${needed} of ${needed} needed checks pass` }
    : { verdict: 'bad', text: `${at}${red.map(({ title, text }) => `${title}: ${text}`).join(' ')}` };
};
