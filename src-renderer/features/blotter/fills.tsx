// Every fill that was applied, newest first, with its fee in its own asset.
import { useMemo } from 'react';
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { Num } from '../../components/num.tsx';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { clockTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { Sized } from './positions.tsx';

interface FillRow {
  readonly order: OrderView;
  readonly fill: OrderView['fills'][number];
}

const COLUMNS: readonly Column<FillRow>[] = [
  { id: 'time', title: 'time (UTC)', width: '66px', cell: ({ fill }) => <span className="num muted">{clockTime(fill.atMs)}</span> },
  {
    id: 'symbol',
    title: 'market',
    width: 'minmax(100px, 1.2fr)',
    cell: ({ order }) => (
      <span title={order.clientOrderId}>
        <strong>{order.symbol}</strong> <span className={order.side === 'BUY' ? 'up' : 'down'}>{order.side.toLowerCase()}</span>
      </span>
    ),
  },
  {
    id: 'price',
    title: 'price',
    width: 'minmax(80px, 1fr)',
    align: 'right',
    cell: ({ order, fill }) => <Sized symbol={order.symbol} text={fill.price} by="tick" />,
  },
  {
    id: 'size',
    title: 'size',
    width: 'minmax(72px, 1fr)',
    align: 'right',
    cell: ({ order, fill }) => <Sized symbol={order.symbol} text={fill.qty} by="stepQty" />,
  },
  { id: 'fee', title: 'fee', width: 'minmax(96px, 1fr)', align: 'right', cell: ({ fill }) => <Num text={fill.fee} room={8} /> },
  { id: 'asset', title: 'fee asset', titleHidden: true, width: '44px', cell: ({ fill }) => <span className="muted">{fill.feeAsset}</span> },
  { id: 'role', title: 'role', width: '48px', cell: ({ fill }) => (fill.maker ? 'maker' : 'taker') },
  {
    id: 'id',
    title: 'order',
    wideOnly: true,
    width: 'minmax(170px, 1.4fr)',
    cell: ({ order }) => <span className="num muted">{order.clientOrderId}</span>,
  },
];

export const Fills = () => {
  const orders = useReplica(({ view }) => view.orders);
  const rows = useMemo(
    () =>
      Object.values(orders)
        .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
        .toSorted((a, b) => b.fill.atMs - a.fill.atMs),
    [orders],
  );
  return (
    <Table
      label="Fills"
      testId="fills-table"
      rows={rows}
      columns={COLUMNS}
      keyOf={({ order, fill }) => `${order.symbol}-${fill.tradeId}`}
      minWidthPx={590}
      empty={
        <>
          <strong>No fill yet</strong>Each partial fill of your orders is listed here with its price and fee.
        </>
      }
    />
  );
};
