// Orders that the venue may still fill, unknown ones first: they count against every limit until proof arrives.
import { useMemo } from 'react';
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { formatDecimal } from '../../components/numbers.ts';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { age, clockTime, useNowMs } from '../../components/time.ts';
import { useLive, useReplica } from '../../replica/replica.ts';
import { cancelOrder, usePending } from './actions.ts';
import { Sized } from './positions.tsx';

const TIME_WORD = { GTC: 'GTC', IOC: 'IOC', FOK: 'FOK', POST_ONLY: 'post-only' } as const;

const Status = ({ order }: { readonly order: OrderView }) => {
  const nowMs = useNowMs();
  if (order.status === 'UNKNOWN')
    return (
      <strong className="warn" title="The answer was lost. It counts against every limit until the venue proves what became of it.">
        unknown for {age(nowMs - (order.unknownSinceMs ?? order.updatedAtMs))}
      </strong>
    );
  return <span title={order.reason}>{order.cancelRequested ? 'cancelling' : order.status.toLowerCase().replace('_', ' ')}</span>;
};

const Cancel = ({ order }: { readonly order: OrderView }) => {
  const live = useLive();
  const pending = usePending(({ keys }) => keys.has(order.clientOrderId));
  return (
    <button
      type="button"
      className="button button-small"
      data-testid={`cancel-${order.clientOrderId}`}
      disabled={!live || pending || order.cancelRequested}
      onClick={() => void cancelOrder(order.clientOrderId)}
    >
      Cancel
    </button>
  );
};

const COLUMNS: readonly Column<OrderView>[] = [
  {
    id: 'time',
    title: 'time (UTC)',
    width: '66px',
    cell: ({ createdAtMs }) => <span className="num muted">{clockTime(createdAtMs)}</span>,
  },
  {
    id: 'symbol',
    title: 'market',
    width: 'minmax(92px, 1.2fr)',
    cell: (order) => (
      <span title={`${order.clientOrderId} · venue ${order.venueOrderId ?? 'not yet'} · from ${order.origin}`}>
        <strong>{order.symbol}</strong> <span className={order.side === 'BUY' ? 'up' : 'down'}>{order.side.toLowerCase()}</span>
      </span>
    ),
  },
  {
    id: 'type',
    title: 'type',
    width: 'minmax(84px, 1fr)',
    cell: ({ type, timeInForce, reduceOnly }) =>
      `${type.toLowerCase()}${timeInForce === null ? '' : ` ${TIME_WORD[timeInForce]}`}${reduceOnly ? ' reduce' : ''}`,
  },
  {
    id: 'price',
    title: 'price',
    width: 'minmax(66px, 1fr)',
    align: 'right',
    cell: ({ symbol, price, type }) =>
      price === null ? <span className="muted">{type.toLowerCase()}</span> : <Sized symbol={symbol} text={price} by="tick" />,
  },
  {
    id: 'size',
    title: 'size',
    width: 'minmax(60px, 1fr)',
    align: 'right',
    cell: ({ symbol, qty, quoteQty }) =>
      qty === null ? <span className="num">{formatDecimal(quoteQty, 2)} quote</span> : <Sized symbol={symbol} text={qty} by="stepQty" />,
  },
  {
    id: 'filled',
    title: 'filled',
    width: 'minmax(60px, 1fr)',
    align: 'right',
    cell: ({ symbol, filledQty }) => <Sized symbol={symbol} text={filledQty} by="stepQty" tint />,
  },
  { id: 'status', title: 'status', width: '98px', cell: (order) => <Status order={order} /> },
  { id: 'act', title: 'action', titleHidden: true, width: '58px', align: 'right', cell: (order) => <Cancel order={order} /> },
];

export const Orders = () => {
  const orders = useReplica(({ view }) => view.orders);
  const open = useMemo(
    () =>
      Object.values(orders)
        .filter((order) => !isEnded(order.status))
        .toSorted((a, b) => Number(b.status === 'UNKNOWN') - Number(a.status === 'UNKNOWN') || b.createdAtMs - a.createdAtMs),
    [orders],
  );
  return (
    <Table
      label="Open orders"
      testId="orders-table"
      rows={open}
      columns={COLUMNS}
      keyOf={({ clientOrderId }) => clientOrderId}
      minWidthPx={650}
      onDelete={(order) => void cancelOrder(order.clientOrderId)}
      empty={
        <>
          <strong>No open order</strong>A limit order rests here until it fills or you cancel it. Market orders go straight to fills.
        </>
      }
    />
  );
};
