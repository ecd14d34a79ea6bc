// `watch`: the console's life as lines, until the terminal ends it. With --json every line is one object: the snapshot, then each push.
import type { Push } from '../../src-shared/contract/contract.ts';
import type { AlertView, Change, LogLine, OrderView, Snapshot, StopView, TradingView } from '../../src-shared/contract/view.ts';
import type { ControlClient } from './client.ts';
import { failureOf, type Outcome } from './outcome.ts';
import { printable, timeText } from './table.ts';

/** Runs until `ended` resolves. Throws NoAnswer when the console goes away. */
export const watch = async (
  client: ControlClient,
  json: boolean,
  print: (line: string) => void,
  ended: Promise<void>,
): Promise<Outcome> => {
  const waiting: Push[] = [];
  let begun = false;
  const show = (push: Push): void => {
    if (push.kind === 'market') return;
    if (json) print(JSON.stringify(push));
    else for (const { changes } of push.deltas) for (const change of changes) lineOfChange(change).forEach(print);
  };
  const answer = await client.follow((push) => {
    if (begun) show(push);
    else waiting.push(push);
  });
  if (!answer.ok) return { failure: failureOf(answer.error) };
  begin(answer.value, json, print);
  begun = true;
  waiting.forEach(show);
  await Promise.race([ended, client.lost]);
  return {};
};

const begin = (snapshot: Snapshot, json: boolean, print: (line: string) => void): void => {
  if (json) return print(JSON.stringify({ kind: 'snapshot', snapshot }));
  const { console: status } = snapshot.view.status;
  print(
    printable(
      `watching ${status?.mode.toUpperCase() ?? 'a console'}, state ${snapshot.view.safety.trading?.level ?? 'unknown'}, fact ${snapshot.seq}`,
    ),
  );
};

const lineOfChange = ([section, key, value]: Change): readonly string[] => {
  if (value === null) return [];
  if (section === 'log') {
    const { atMs, severity, text } = value as LogLine;
    return [printable(`${timeText(atMs)}  ${severity.padEnd(7)}  ${text}`)];
  }
  if (section === 'alerts') {
    const { atMs, title, text } = value as AlertView;
    return [printable(`${timeText(atMs)}  ALERT    ${title}: ${text}`)];
  }
  if (section === 'orders') {
    const order = value as OrderView;
    return [
      printable(`${timeText(order.updatedAtMs)}  order    ${key} ${order.side} ${order.symbol} ${order.status} filled ${order.filledQty}`),
    ];
  }
  if (section === 'safety' && key === 'trading')
    return [printable(`state ${(value as TradingView).level} ${(value as TradingView).causes.map(({ text }) => text).join('; ')}`)];
  if (section === 'safety' && key === 'stop') return [printable(`stop ${(value as StopView).phase} ${(value as StopView).reason}`)];
  return [];
};
