// `holdfast safety`: what can happen to the money now, in the order of the safety page: what a buy would meet, why, how far each limit
// is, what stops everything, and how that was proven. It shows what the console says; the exit code says whether anything can be opened.
import type { BuyNow } from '../../src-shared/contract/buy-now.ts';
import type { ConsoleView, LadderView, LimitView, PolicyView, Snapshot, StopView, TradingView } from '../../src-shared/contract/view.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { StopReceipt } from '../../src-shared/domain/stop.ts';
import { autoTripText, breakerText } from './breaker.ts';
import type { ControlClient } from './client.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { list, table, timeText } from './table.ts';
import { selfTestTable } from './views.ts';

/** What the console says to a buy in one market, or why it does not say. */
type Answer = { readonly symbol: string; readonly answer: BuyNow } | { readonly symbol: string; readonly problem: string };

/** Asks for each market in turn. */
export const safetyNow = async (client: ControlClient): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const answers: Answer[] = [];
  for (const symbol of Object.keys(replica.now().view.instruments).toSorted()) {
    const asked = await client.call('buyNow', { symbol });
    answers.push(asked.ok ? { symbol, answer: asked.value } : { symbol, problem: asked.error.text });
  }
  // What stands when all have answered: the state beside an answer is not older than it.
  return safetyOf(replica.now(), answers);
};

const safetyOf = ({ view }: Snapshot, answers: readonly Answer[]): Outcome => {
  const openings = openingsOf(view, answers);
  const { safety, limits, health } = view;
  const parts = [
    list([['openings', openings.text]]),
    buyTable(answers),
    stateText(safety.trading),
    limitTable(Object.values(limits)),
    safety.breaker === undefined ? '' : breakerText(safety.breaker),
    safety.autoTrip === undefined ? '' : autoTripText(safety.autoTrip),
    stopText(safety.stop),
    drillText(safety.drill),
    ladderText(safety.ladder),
    policyText(safety.policy),
    guardText(view),
    selfTestTable(safety.selfTest?.items ?? []),
    healthTable(view),
  ];
  const seen: Outcome = {
    value: { openings: { ...openings, markets: answers }, ...safety, limits, health },
    text: parts.filter((part) => part !== '').join('\n\n'),
  };
  if (openings.allowed) return seen;
  return { ...seen, failure: { exit: EXIT.refused, code: 'REFUSED', text: `Nothing can be opened now. ${openings.text}` } };
};

// ------------------------------------------------------------------------------------------------------ 1 what a buy would meet

const passes = (one: Answer): one is Extract<Answer, { answer: BuyNow }> => 'answer' in one && one.answer.verdict === 'pass';

/** Allowed: at least one market takes a buy as things are. */
const openingsOf = ({ safety }: ConsoleView, answers: readonly Answer[]): { readonly allowed: boolean; readonly text: string } => {
  const taking = answers.filter(passes);
  const [first] = taking;
  if (first !== undefined && safety.trading?.level === 'ACTIVE')
    return { allowed: true, text: `allowed in ${taking.length} of ${answers.length} markets. ${first.symbol}: ${first.answer.text}` };
  const [refused] = answers;
  if (refused === undefined) return { allowed: false, text: 'No market is known yet: the console is starting.' };
  return { allowed: false, text: 'answer' in refused ? refused.answer.text : refused.problem };
};

const buyTable = (answers: readonly Answer[]): string =>
  table(
    answers,
    [
      { title: 'BUY NOW', of: ({ symbol }) => symbol },
      { title: 'WOULD BE', of: (one) => ('answer' in one ? (one.answer.verdict === 'pass' ? 'sent' : 'refused') : 'not known') },
      { title: 'ROOM USDT', of: (one) => ('answer' in one ? (one.answer.largest?.valueUsdt ?? null) : null), right: true },
      { title: 'CAPPED BY', of: (one) => ('answer' in one ? (one.answer.largest?.cappedBy.id ?? null) : null) },
      { title: 'FORBIDDEN FIRST BY', of: forbidder },
      { title: 'SALES', of: (one) => ('answer' in one ? (one.answer.noSales === null ? 'go' : 'do not go') : null) },
    ],
    '',
  );

const forbidder = (one: Answer): string | null => {
  if (!('answer' in one)) return one.problem;
  const { denial } = one.answer;
  return denial === null ? null : `${denial.code}: ${denial.text}`;
};

// --------------------------------------------------------------------------------------------- 2, 3 state, causes and limits

const stateText = (trading: TradingView | undefined): string =>
  [
    list([['state', trading?.level ?? 'unknown']]),
    table(
      trading?.causes ?? [],
      [
        { title: 'STATE', of: ({ level }) => level },
        { title: 'CAUSE', of: ({ text, code }) => `${text} [${code}]` },
        { title: 'HOW IT ENDS', of: ({ ends }) => ends },
        { title: 'UNTIL', of: ({ untilMs }) => untilMs && timeText(untilMs) },
      ],
      '',
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');

/** Forbidding ones first, then by how much of the limit is used. */
const limitTable = (limits: readonly LimitView[]): string =>
  table(
    limits.toSorted((a, b) => Number(b.verdict === 'deny') - Number(a.verdict === 'deny') || (b.usedRatio ?? -1) - (a.usedRatio ?? -1)),
    [
      { title: 'LIMIT', of: ({ id }) => id },
      { title: 'NOW', of: ({ before }) => before, right: true },
      { title: 'LIMIT', of: ({ limit }) => limit, right: true },
      { title: 'LEFT', of: ({ distance }) => distance, right: true },
      { title: 'UNIT', of: ({ unit }) => unit },
      { title: '', of: ({ verdict }) => (verdict === 'deny' ? 'FORBIDS' : verdict === 'pass' ? '' : 'off') },
      { title: 'FORMULA', of: ({ formula }) => formula },
    ],
    'No limits are known yet.',
  );

// ----------------------------------------------------------------------------------------------------------- 5 stop and drill

const ms = (value: number | null): string => (value === null ? 'not' : `${value.toFixed(1)} ms`);

const receiptLine = ({ orders, complete, cancelsOnWireMs, allAcknowledgedMs, verifiedEmptyMs, hash }: StopReceipt): string => {
  const left = orders.filter(({ outcome }) => outcome === 'not-canceled' || outcome === 'unknown').length;
  const proof = complete ? 'complete' : `NOT complete, ${left} not proven gone`;
  return `${proof}: ${orders.length} orders; on the wire ${ms(cancelsOnWireMs)}, acknowledged ${ms(allAcknowledgedMs)}, verified empty ${ms(verifiedEmptyMs)}${hash === undefined ? '' : `; hash ${hash}`}`;
};

const stopText = (stop: StopView | undefined): string =>
  list([
    ['stop', stop?.phase ?? 'unknown'],
    ['positions', stop && (stop.policy === 'flatten' ? 'sold by a stop' : 'kept by a stop')],
    ['trip', stop && stop.tripId > 0 ? `${stop.tripId} by ${stop.trigger} at ${timeText(stop.trippedAtMs)}: ${stop.reason}` : null],
    ['cool-down until', stop?.coolDownUntilMs ? timeText(stop.coolDownUntilMs) : null],
    ['receipt', stop?.receipt ? receiptLine(stop.receipt) : null],
  ]);

const drillText = (drill: DrillResult | undefined): string =>
  drill === undefined
    ? list([['drill', 'none yet: "holdfast drill" runs the stop on an exchange of its own']])
    : list([
        ['drill', `${drill.passed ? 'passed' : 'NOT passed'} at ${timeText(drill.startedAtMs)}: ${drill.text}`],
        ['drilled', `${drill.orders} orders in ${drill.symbols} markets`],
        ['its receipt', receiptLine(drill.receipt)],
      ]);

// -------------------------------------------------------------------------------------------------------- 6, 7 ladder, policy

const ladderText = (ladder: LadderView | undefined): string => {
  if (ladder === undefined) return '';
  const { stage, why, sinceMs, caps, next, text, certificate, evidence } = ladder;
  const missing = evidence.filter(({ verdict }) => verdict !== 'met').length;
  const loss = caps?.maxDailyLossUsdt == null ? '' : `, day's loss ≤ ${caps.maxDailyLossUsdt}`;
  return [
    list([
      ['ladder', `${stage}${sinceMs === null ? '' : ` since ${timeText(sinceMs)}`}${why === '' ? '' : `: ${why}`}`],
      ['caps', caps === null ? 'none: the policy alone' : `order ≤ ${caps.maxOrderUsdt}, exposure ≤ ${caps.maxExposureUsdt}${loss} USDT`],
      ['next', next === null ? text : `${next}: ${missing === 0 ? text : `${missing} of ${evidence.length} are missing`}`],
      [
        'certificate',
        certificate === null ? 'none' : `${certificate.valid ? 'valid' : 'NOT valid'} for ${certificate.stage}: ${certificate.text}`,
      ],
    ]),
    table(
      evidence,
      [
        { title: 'EVIDENCE', of: ({ title }) => title },
        { title: 'VERDICT', of: ({ verdict }) => verdict },
        { title: '', of: (item) => item.text },
      ],
      '',
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
};

const policyText = (policy: PolicyView | undefined): string => {
  if (policy === undefined) return list([['policy', 'none is read yet']]);
  const { name, version, problem, pending } = policy;
  return [
    list([
      ['policy', `${name}, version ${version}${problem === '' ? '' : `: ${problem}`}`],
      ['waiting', pending === null ? 'nothing' : `in force at ${timeText(pending.effectiveAtMs)}, by ${pending.by}: ${pending.why}`],
    ]),
    table(
      pending?.changes ?? [],
      [
        { title: 'WAITING', of: ({ path }) => path },
        { title: 'FROM', of: ({ from }) => from, right: true },
        { title: 'TO', of: ({ to }) => to, right: true },
      ],
      '',
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
};

// --------------------------------------------------------------------------------------------------------------- 8 what guards

const guardText = ({ safety: { hotkey, watchdog, killSwitch, reconciliation, selfTest } }: ConsoleView): string =>
  list([
    ['hotkey', hotkey && `${hotkey.accelerator} ${hotkey.status} ${hotkey.text}`],
    ['watchdog', watchdog && `${watchdog.status}: ${watchdog.text}`],
    ['kill switch', killSwitch && `${killSwitch.status}: ${killSwitch.text}`],
    ['reconciliation', reconciliation && `${timeText(reconciliation.atMs)} ${reconciliation.text}`],
    ['self-test', selfTest && `run at ${timeText(selfTest.atMs)}`],
  ]);

const healthTable = ({ health }: ConsoleView): string =>
  table(
    Object.values(health),
    [
      { title: 'HEALTH', of: (row) => row.name },
      { title: 'VERDICT', of: (row) => row.verdict },
      { title: '', of: (row) => row.text },
    ],
    '',
  );
