// `journal replay`: the console as it stood at a fact, out of the journal. What it prints is data; nothing here can place, change or
// cancel an order.
import type { JournalEntry, ReplayedView } from '../../src-shared/contract/journal.ts';
import type { ControlClient } from './client.ts';
import type { Outcome } from './outcome.ts';
import { LONG_CALL_TIMEOUT_MS, valueOf } from './session.ts';
import { list, printable, timeText } from './table.ts';
import { balancesOf, isOpen, ordersOf, positionsOf } from './views.ts';

/** At a sequence, at a time, or at the newest fact. */
export type ReplayWish = { readonly seq: number } | { readonly untilMs: number };

const HELP = 'Enter: next fact.  b: one back.  A number: that fact.  s: the whole state.  q: end.\n';

const headOf = ({ seq, atMs, headSeq }: ReplayedView): string =>
  `REPLAY as of fact ${seq} of ${headSeq}${atMs === null ? '' : `, ${timeText(atMs)}`}: it shows what was, and takes no orders.`;

const stateText = (replayed: ReplayedView): string => {
  const { seq, view } = replayed;
  const snapshot = { n: 0, seq, view };
  const { console: status } = view.status;
  const { stop, reconciliation } = view.safety;
  return [
    headOf(replayed),
    list([
      ['mode', status && `${status.mode.toUpperCase()}  (account ${status.account})`],
      ['policy', status && `${status.policyName} (version ${status.policyVersion})`],
      ['stop', stop && `${stop.phase}${stop.tripId > 0 ? `  (trip ${stop.tripId}: ${stop.reason || stop.trigger})` : ''}`],
      ['books compared', reconciliation && `${timeText(reconciliation.atMs)} ${reconciliation.text}`],
    ]),
    ...[positionsOf(snapshot), ordersOf(snapshot, false), balancesOf(snapshot)].map(({ text = '' }) => text),
  ].join('\n\n');
};

const replayAt = async (client: ControlClient, wish: ReplayWish): Promise<ReplayedView> =>
  valueOf(await client.call('replayAt', wish, LONG_CALL_TIMEOUT_MS));

/** The state at one moment. */
export const replayOnce = async (client: ControlClient, wish: ReplayWish): Promise<Outcome> => {
  const replayed = await replayAt(client, wish);
  return { value: replayed, text: stateText(replayed) };
};

/** Walks from fact to fact, as the lines say that a person types, until they end. */
export const replaySteps = async (
  client: ControlClient,
  wish: ReplayWish,
  lines: AsyncIterable<string>,
  print: (text: string) => void,
): Promise<Outcome> => {
  let at = await replayAt(client, wish);
  print(`${headOf(at)}\n${HELP}`);
  print(stepText(at, await entryAt(client, at.seq)));
  for await (const line of lines) {
    const word = line.trim().toLowerCase();
    if (word === 'q') break;
    const seq = seqAfter(at.seq, word);
    if (word === 's') print(`${stateText(at)}\n`);
    else if (seq === null) print(HELP);
    else if (seq < 0 || seq > at.headSeq) print(`There is no fact ${seq}: the journal has 0 (before the first) to ${at.headSeq}.\n`);
    else {
      at = await replayAt(client, { seq });
      print(stepText(at, await entryAt(client, seq)));
    }
  }
  return {};
};

const seqAfter = (seq: number, word: string): number | null => {
  if (word === '') return seq + 1;
  if (word === 'b') return seq - 1;
  return /^\d{1,15}$/.test(word) ? Number(word) : null;
};

const entryAt = async (client: ControlClient, seq: number): Promise<JournalEntry | undefined> =>
  seq === 0 ? undefined : valueOf(await client.call('journalPage', { fromSeq: seq, count: 1 })).entries[0];

const stepText = ({ seq, headSeq, atMs, view }: ReplayedView, entry: JournalEntry | undefined): string => {
  const open = Object.values(view.orders).filter(isOpen).length;
  const positions = Object.values(view.positions).map(({ qty, symbol }) => `${qty} ${symbol}`);
  const state = `${open} open orders, ${positions.length === 0 ? 'no position' : positions.join(' and ')}, stop ${view.safety.stop?.phase ?? 'unknown'}`;
  return `${seq}/${headSeq}  ${timeText(atMs)}  ${printable(entry?.text ?? 'before the first fact')}\n    ${printable(state)}\n`;
};
