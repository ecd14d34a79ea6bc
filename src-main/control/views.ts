// The commands that only look: each turns the replica into a value for machines and a text for people.
import type { OrderView, PositionView, Snapshot } from '../../src-shared/contract/view.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { EXIT, type Outcome } from './outcome.ts';
import { list, printable, table, timeText } from './table.ts';

/** True while the venue can still do something with the order. Kept here because the replica's orders are plain JSON. */
export const isOpen = (order: OrderView): boolean => !['FILLED', 'CANCELED', 'EXPIRED', 'REJECTED'].includes(order.status);

/** True until the venue's answer is known. */
export const isOnItsWay = (order: OrderView): boolean => ['INTENDED', 'SENT', 'UNKNOWN'].includes(order.status);

const values = <T>(section: Readonly<Record<string, T>>): readonly T[] => Object.values(section);

export const statusOf = ({ view, seq }: Snapshot): Outcome => {
  const status = view.status.console ?? null;
  const { trading = null, stop = null, hotkey = null } = view.safety;
  const openOrders = values(view.orders).filter(isOpen).length;
  const health = values(view.health);
  const text = list([
    ['mode', status && `${status.mode.toUpperCase()}  (account ${status.account})`],
    ['state', trading?.level],
    ...(trading?.causes ?? []).map(({ code, text }) => ['  because', `${text} [${code}]`] as const),
    ['stop', stop && `${stop.phase}${stop.tripId > 0 ? `  (trip ${stop.tripId}: ${stop.reason || stop.trigger})` : ''}`],
    ['hotkey', hotkey && `${hotkey.accelerator} ${hotkey.status}${hotkey.text === '' ? '' : `: ${hotkey.text}`}`],
    ['venue', status?.venue],
    ['shell', status?.shell.name],
    ['policy', status && `${status.policyName} (version ${status.policyVersion})`],
    ['equity', status?.equityUsdt && `${status.equityUsdt} USDT`],
    ['today', status?.dayPnlUsdt && `${status.dayPnlUsdt} USDT`],
    ['open orders', openOrders],
    ['positions', status && `${status.openPositions}${status.maxPositions === null ? '' : ` of ${status.maxPositions}`}`],
    ...health.filter(({ verdict }) => verdict !== 'good').map((row) => [row.name, `${row.verdict}: ${row.text}`] as const),
    ['up since', status && timeText(status.startedAtMs)],
    ['journal', `fact ${seq}`],
  ]);
  return { value: { seq, console: status, trading, stop, hotkey, openOrders, health }, text };
};

export const selfTestTable = (items: readonly SelfTestItem[]): string =>
  table(
    items,
    [
      { title: 'SELF-TEST', of: (item) => item.title },
      { title: 'VERDICT', of: (item) => item.verdict },
      { title: '', of: (item) => item.text },
    ],
    '',
  );

export const selfTestOf = (value: { readonly items: readonly SelfTestItem[] }): Outcome => {
  const red = value.items.filter(({ verdict }) => verdict === 'fail');
  const seen: Outcome = { value, text: selfTestTable(value.items) };
  if (red.length === 0) return seen;
  return {
    ...seen,
    failure: { exit: EXIT.refused, code: 'REFUSED', text: `The self-test is red: ${red.map(({ title }) => title).join(', ')}.` },
  };
};

export const differencesOf = (value: { readonly differences: readonly Difference[] }): Outcome => ({
  value,
  text: differenceTable(value.differences),
});

const differenceTable = (differences: readonly Difference[]): string =>
  table(
    differences,
    [
      { title: 'WHAT', of: (row) => row.what },
      { title: 'KEY', of: (row) => row.key },
      { title: 'LOCAL', of: (row) => row.local, right: true },
      { title: 'VENUE', of: (row) => row.venue, right: true },
      { title: 'ACTION', of: (row) => row.action },
    ],
    'No differences.',
  );

/** Past comparisons that found differences, the newest last, and when the next one is due. */
export const comparisonsOf = ({ view }: Snapshot): Outcome => {
  const { history = [], nextAtMs = null, text = '' } = view.safety.reconciliation ?? {};
  const past = history
    .toReversed()
    .map(({ atMs, why, tookMs, total, differences }) =>
      [
        `${timeText(atMs)}  ${printable(why)}, ${tookMs} ms`,
        differenceTable(differences),
        ...(total > differences.length ? [`and ${total - differences.length} more: see the journal`] : []),
      ].join('\n'),
    );
  const now = [printable(text), nextAtMs !== null && `Next comparison: ${timeText(nextAtMs)}.`].filter(Boolean).join(' ');
  return {
    value: { history, nextAtMs, text },
    text: [...(past.length > 0 ? past : ['No comparison found a difference.']), now].join('\n\n'),
  };
};

export const positionsOf = ({ view }: Snapshot): Outcome => {
  const positions = values(view.positions);
  return { value: positions, text: positionTable(positions) };
};

export const positionTable = (positions: readonly PositionView[]): string =>
  table(
    positions,
    [
      { title: 'SYMBOL', of: (row) => row.symbol },
      { title: 'SIDE', of: (row) => row.side },
      { title: 'QTY', of: (row) => row.qty, right: true },
      { title: 'ENTRY', of: (row) => row.entryPrice, right: true },
      { title: 'MARK', of: (row) => row.mark, right: true },
      { title: 'VALUE USDT', of: (row) => row.valueUsdt, right: true },
      { title: 'UNREALISED', of: (row) => row.unrealisedUsdt, right: true },
      { title: 'REALISED', of: (row) => row.realisedUsdt, right: true },
      { title: 'FEES', of: (row) => row.feesUsdt, right: true },
      { title: 'PROTECTION', of: protectionText },
    ],
    'No positions.',
  );

/** Red is a word here: what is missing stands in capitals. */
const protectionText = ({ dust, protection }: PositionView): string => {
  if (protection === null) return dust ? 'dust' : '-';
  const { status, text, missingSinceMs, lastGapMs } = protection;
  const word = status === 'none' ? 'UNPROTECTED' : status === 'missing' ? 'MISSING' : status;
  const since = missingSinceMs === null ? '' : ` since ${timeText(missingSinceMs)}`;
  const gap = lastGapMs === null ? '' : ` Last time without: ${lastGapMs} ms.`;
  return `${word}${since}: ${text}${gap}`;
};

/** The newest last, as a log is read. */
export const ordersOf = ({ view }: Snapshot, all: boolean): Outcome => {
  const orders = values(view.orders)
    .filter((order) => all || isOpen(order))
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  return { value: orders, text: orderTable(orders, all ? 'No orders.' : 'No open orders ("--all" shows ended ones).') };
};

export const orderTable = (orders: readonly OrderView[], empty: string): string =>
  table(
    orders,
    [
      { title: 'ID', of: (row) => row.clientOrderId },
      { title: 'SYMBOL', of: (row) => row.symbol },
      { title: 'SIDE', of: (row) => row.side },
      { title: 'TYPE', of: (row) => [row.type, row.timeInForce].filter(Boolean).join(' ') },
      { title: 'QTY', of: (row) => row.qty ?? (row.quoteQty && `${row.quoteQty} quote`), right: true },
      { title: 'PRICE', of: (row) => row.price, right: true },
      { title: 'TRIGGER', of: triggerText, right: true },
      { title: 'FILLED', of: (row) => row.filledQty, right: true },
      { title: 'AVERAGE', of: (row) => row.averagePrice, right: true },
      { title: 'STATUS', of: (row) => (row.cancelRequested && isOpen(row) ? `${row.status} (cancelling)` : row.status) },
      { title: '', of: orderNotes },
    ],
    empty,
  );

const triggerText = ({ stopPrice, trailingDeltaBps }: OrderView): string | null =>
  [stopPrice, trailingDeltaBps !== null && `trails ${trailingDeltaBps} bps`].filter(Boolean).join(' ') || null;

/** What else a person must know of the order: what it belongs to, what it waits for, what is not known and what is done about it. */
const orderNotes = (order: OrderView): string => {
  const { list, pending, replaces, retry, again, origin, doubt, reason } = order;
  return [
    list !== null && `${list.role} of ${list.kind} ${list.listId}`,
    pending && isOpen(order) && 'waits for its entry',
    replaces !== null && `in place of ${replaces}`,
    retry !== null && `try ${retry.attempt} of ${retry.of}`,
    again === true && 'tried again in a moment',
    origin === 'foreign' && 'foreign: placed elsewhere',
    origin === 'protection' && 'protection',
    doubt !== null && `in doubt for ${secondsSince(doubt.sinceMs)} s: ${doubt.text}`,
    reason,
  ]
    .filter(Boolean)
    .join('; ');
};

/** Whole seconds; a clock that was set back makes none negative. */
const secondsSince = (atMs: number): number => Math.max(0, Math.floor((Date.now() - atMs) / 1000));

export const balancesOf = ({ view }: Snapshot): Outcome => {
  const balances = values(view.balances);
  const text = table(
    balances,
    [
      { title: 'ASSET', of: (row) => row.asset },
      { title: 'FREE', of: (row) => row.free, right: true },
      { title: 'LOCKED', of: (row) => row.locked, right: true },
      { title: 'TOTAL', of: (row) => row.total, right: true },
      { title: 'VALUE USDT', of: (row) => row.valueUsdt, right: true },
    ],
    'No balances.',
  );
  return { value: balances, text };
};

export const limitsOf = ({ view }: Snapshot): Outcome => {
  const limits = values(view.limits);
  const text = table(
    limits,
    [
      { title: 'LIMIT', of: (row) => row.id },
      { title: '', of: (row) => row.title },
      { title: 'NOW', of: (row) => row.before, right: true },
      { title: 'LIMIT', of: (row) => row.limit, right: true },
      { title: 'LEFT', of: (row) => row.distance, right: true },
      { title: 'UNIT', of: (row) => row.unit },
      { title: 'FOR', of: (row) => row.scope },
      { title: 'VERDICT', of: (row) => row.verdict },
      { title: 'UNTIL', of: (row) => row.untilMs && timeText(row.untilMs) },
      { title: '', of: (row) => row.text },
    ],
    'No limits are known yet.',
  );
  return { value: limits, text };
};
