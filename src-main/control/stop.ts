// The stop from the command line: trips first, then waits for the receipt. What is not proven stopped is named, and the exit code says so.
import type { StopReceipt, TripPolicy } from '../../src-shared/domain/stop.ts';
import type { ControlClient } from './client.ts';
import { failureOf, notVerified, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { list, table, timeText } from './table.ts';
import { isOpen } from './views.ts';

/** More than the console's own wait, so that its answer arrives rather than our deadline. */
const ANSWER_MARGIN_MS = 3_000;

export const stopAll = async (
  client: ControlClient,
  reason: string,
  positions: TripPolicy | undefined,
  timeoutMs: number,
): Promise<Outcome> => {
  const tripped = await client.call('tripStop', { reason, ...(positions && { positions }) }, timeoutMs);
  if (!tripped.ok) return { failure: failureOf(tripped.error) };
  const { tripId } = tripped.value;
  const answer = await client.call('awaitReceipt', { tripId, timeoutMs }, timeoutMs + ANSWER_MARGIN_MS);
  if (answer.ok) return receiptOutcome(answer.value);
  const open = await openOrders(client);
  const text = `The stop is tripped (trip ${tripId}) and goes on, but has no receipt yet: ${answer.error.text} Watch it with "holdfast safety".`;
  return { value: { tripId, receipt: null }, failure: notVerified(text, open) };
};

/** As far as the console can tell: the stop is at work, whatever this question comes to. */
const openOrders = async (client: ControlClient): Promise<readonly string[]> => {
  const seen = await replicaOf(client).catch(() => null);
  return Object.values(seen?.now().view.orders ?? {})
    .filter(isOpen)
    .map((order) => order.clientOrderId);
};

const receiptOutcome = (receipt: StopReceipt): Outcome => {
  const seen: Outcome = { value: receipt, text: receiptLines(receipt) };
  const survivors = survivorsIn(receipt);
  if (receipt.complete && survivors.length === 0) return seen;
  return { ...seen, failure: notVerified('Stopped, but not everything is proven gone. Look at the venue itself, now.', survivors) };
};

/** What a receipt does not prove gone: orders, positions, buckets. */
export const survivorsIn = ({ orders, positions, buckets }: StopReceipt): readonly string[] => [
  ...orders
    .filter(({ outcome }) => outcome === 'not-canceled' || outcome === 'unknown')
    .map(({ clientOrderId, symbol }) => `${symbol} ${clientOrderId}`),
  ...positions.filter(({ outcome }) => outcome === 'not-flattened').map(({ symbol, qtyAfter }) => `${symbol} position ${qtyAfter}`),
  ...Object.entries(buckets)
    .filter(([, state]) => state === 'not-empty' || state === 'unverified')
    .map(([bucket, state]) => `${bucket} bucket ${state}`),
];

/** A receipt for people: outcome, times, every order and position. */
export const receiptLines = (receipt: StopReceipt): string => {
  const ms = (value: number | null) => (value === null ? null : `${value.toFixed(1)} ms`);
  const parts = [
    list([
      ['stopped', receipt.complete ? 'everything, verified' : 'NOT verified'],
      ['trip', `${receipt.tripId} at ${timeText(receipt.trippedAtMs)} by ${receipt.trigger}`],
      ['reason', receipt.reason],
      ['positions', receipt.policy],
      ['cancels on the wire', ms(receipt.cancelsOnWireMs)],
      ['all acknowledged', ms(receipt.allAcknowledgedMs)],
      ['verified empty', ms(receipt.verifiedEmptyMs)],
      ['flat', ms(receipt.flatMs)],
    ]),
    table(
      receipt.orders,
      [
        { title: 'ORDER', of: (row) => row.clientOrderId },
        { title: 'SYMBOL', of: (row) => row.symbol },
        { title: 'OUTCOME', of: (row) => row.outcome },
        { title: 'AFTER', of: (row) => ms(row.ackMs), right: true },
      ],
      'No orders were open.',
    ),
    table(
      receipt.positions,
      [
        { title: 'POSITION', of: (row) => row.symbol },
        { title: 'BEFORE', of: (row) => row.qtyBefore, right: true },
        { title: 'AFTER', of: (row) => row.qtyAfter, right: true },
        { title: 'OUTCOME', of: (row) => row.outcome },
      ],
      '',
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
};
