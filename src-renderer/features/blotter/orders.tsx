// Orders that the venue may still fill, unknown ones first: they count against every limit until proof arrives.
import { useMemo } from 'react';
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { Icon } from '../../components/icon.tsx';
import { formatDecimal, NOTHING } from '../../components/numbers.ts';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { age, clockTime, dateTime, useNowMs } from '../../components/time.ts';
import { useLive, useReplica } from '../../replica/replica.ts';
import { cancelOrder, usePending } from './actions.ts';
import { kindText, statusText } from './order-words.ts';
import { Sized } from './positions.tsx';
import { show } from '../frame/screen.ts';
import { Help } from '../guide/help-button.tsx';
import { percentText } from '../ticket/typed.ts';

const Status = ({ order }: { readonly order: OrderView }) => {
  const nowMs = useNowMs();
  if (order.status === 'UNKNOWN')
    return (
      <strong
        className="warn"
        title={order.doubt?.text ?? 'The answer was lost. It counts against every limit until the exchange proves what became of it.'}
      >
        unknown for {age(nowMs - (order.unknownSinceMs ?? order.updatedAtMs))}
      </strong>
    );
  if (order.status === 'PARTIALLY_FILLED' && !order.cancelRequested)
    return (
      <>
        <Sized symbol={order.symbol} text={order.filledQty} by="stepQty" tint /> filled
      </>
    );
  return <span title={order.reason}>{statusText(order)}</span>;
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

/** Price and size of a resting order can be changed in one request, before it fills; a list's order goes only with its list. */
const Change = ({ order }: { readonly order: OrderView }) => {
  const live = useLive();
  const can = order.list === null && order.qty !== null && order.status === 'ACCEPTED';
  if (!can || order.origin === 'protection') return null;
  return (
    <button
      type="button"
      className="button button-small button-icon"
      aria-label="Change"
      title="Change price or size"
      data-testid={`change-${order.clientOrderId}`}
      disabled={!live || order.cancelRequested}
      onClick={() => show({ dialog: 'change', subject: order.clientOrderId })}
    >
      <Icon name="change" />
    </button>
  );
};

const COLUMNS: readonly Column<OrderView>[] = [
  {
    id: 'time',
    title: 'time (UTC)',
    width: '66px',
    wideOnly: true,
    cell: ({ createdAtMs }) => <span className="num muted">{clockTime(createdAtMs)}</span>,
  },
  {
    id: 'symbol',
    title: 'market',
    width: 'minmax(88px, 1.2fr)',
    cell: (order) => (
      <span
        title={`${dateTime(order.createdAtMs)} UTC · ${order.clientOrderId} · venue ${order.venueOrderId ?? 'not yet'} · from ${order.origin}`}
      >
        <strong>{order.symbol}</strong> <span className={order.side === 'BUY' ? 'up' : 'down'}>{order.side.toLowerCase()}</span>
      </span>
    ),
  },
  {
    id: 'type',
    title: 'type',
    width: 'minmax(106px, 1.2fr)',
    cell: (order) => (
      <span title={kindText(order)}>
        {order.origin === 'foreign' && <strong className="warn">foreign </strong>}
        {order.origin === 'protection' && <span className="muted">guard </span>}
        {kindText(order)}
      </span>
    ),
  },
  {
    id: 'price',
    title: 'price',
    width: 'minmax(69px, 1fr)',
    align: 'right',
    cell: ({ symbol, price }) =>
      price === null ? <span className="muted">market</span> : <Sized symbol={symbol} text={price} by="tick" />,
  },
  {
    id: 'trigger',
    title: 'trigger',
    width: 'minmax(69px, 1fr)',
    align: 'right',
    cell: ({ symbol, stopPrice, trailingDeltaBps }) =>
      stopPrice === null ? (
        <span className="muted">{trailingDeltaBps === null ? NOTHING : `trails ${percentText(trailingDeltaBps)}`}</span>
      ) : (
        <Sized symbol={symbol} text={stopPrice} by="tick" />
      ),
  },
  {
    id: 'size',
    title: 'size',
    width: 'minmax(57px, 1fr)',
    align: 'right',
    cell: ({ symbol, qty, quoteQty }) =>
      qty === null ? <span className="num">{formatDecimal(quoteQty, 2)} quote</span> : <Sized symbol={symbol} text={qty} by="stepQty" />,
  },
  { id: 'status', title: 'status', width: 'minmax(103px, 1fr)', cell: (order) => <Status order={order} /> },
  {
    id: 'act',
    title: 'action',
    titleHidden: true,
    width: '88px',
    align: 'right',
    cell: (order) => (
      <>
        <Change order={order} /> <Cancel order={order} />
      </>
    ),
  },
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
      minWidthPx={652}
      onDelete={(order) => void cancelOrder(order.clientOrderId)}
      empty={
        <>
          <strong>No open order</strong>A limit order rests here until it fills or you cancel it. Market orders go straight to fills.{' '}
          <Help to="orders#order-types" about="the types of orders" />
        </>
      }
    />
  );
};
