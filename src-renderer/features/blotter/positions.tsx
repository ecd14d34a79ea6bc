// Open positions with what they cost, what they are worth, and whether anything protects them.
import type { PositionView } from '../../../src-shared/contract/view.ts';
import { Num, Stepped } from '../../components/num.tsx';
import { formatDecimal, heldDigits } from '../../components/numbers.ts';
import { Table } from '../../components/table.tsx';
import type { Column } from '../../components/table.tsx';
import { age, dateTime, useNowMs } from '../../components/time.ts';
import { useOldQuoteMs } from '../../replica/quote-age.ts';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { Help } from '../guide/help-button.tsx';
import { closePosition, usePending } from './actions.ts';
import { Protection } from './protection.tsx';

const Sized = ({
  symbol,
  text,
  by,
  tint = false,
}: {
  readonly symbol: string;
  readonly text: string | null;
  readonly by: 'tick' | 'stepQty';
  readonly tint?: boolean;
}) => <Stepped text={text} step={useInstrument(symbol)?.[by]} tint={tint} />;
export { Sized };

const Held = ({ symbol, qty }: { readonly symbol: string; readonly qty: string }) => {
  const step = useInstrument(symbol)?.stepQty;
  return <Num text={qty} {...(step === undefined ? {} : { digits: heldDigits(qty, step) })} tint />;
};

const Mark = ({ symbol, mark }: { readonly symbol: string; readonly mark: string | null }) => {
  const oldMs = useOldQuoteMs(symbol);
  return (
    <span className={oldMs === undefined ? '' : 'muted'} title={oldMs === undefined ? undefined : `${age(oldMs)} old`}>
      <Sized symbol={symbol} text={mark} by="tick" tint />
    </span>
  );
};

const Age = ({ sinceMs }: { readonly sinceMs: number }) => <span className="num muted">{age(useNowMs() - sinceMs)}</span>;

const Close = ({ position }: { readonly position: PositionView }) => {
  const live = useLive();
  const pending = usePending(({ keys }) => keys.has(`close-${position.symbol}`));
  const asks = useReplica(({ view }) => view.status.console?.confirmOrders !== false);
  if (position.dust)
    return (
      <span className="muted" title="Smaller than the venue’s smallest order: it cannot be sold alone.">
        dust
      </span>
    );
  return (
    <button
      type="button"
      className="button button-small"
      data-testid={`close-${position.symbol}`}
      disabled={!live || pending}
      title="Sell all of it at market, reduce-only"
      onClick={() => (asks ? show({ dialog: 'close', subject: position.symbol }) : void closePosition(position))}
    >
      {pending ? 'Closing' : 'Close'}
    </button>
  );
};

const COLUMNS: readonly Column<PositionView>[] = [
  {
    id: 'symbol',
    title: 'market',
    width: 'minmax(96px, 1.2fr)',
    cell: (position) => (
      <span title={`Open since ${dateTime(position.openedAtMs)} UTC`}>
        <strong>{position.symbol}</strong> <span className={position.side === 'LONG' ? 'up' : 'down'}>{position.side.toLowerCase()}</span>
      </span>
    ),
  },
  {
    id: 'size',
    title: 'size',
    width: 'minmax(66px, 1fr)',
    align: 'right',
    cell: ({ symbol, qty }) => <Held symbol={symbol} qty={qty} />,
  },
  {
    id: 'entry',
    title: 'entry',
    width: 'minmax(70px, 1fr)',
    align: 'right',
    cell: ({ symbol, entryPrice }) => <Sized symbol={symbol} text={entryPrice} by="tick" />,
  },
  {
    id: 'mark',
    title: 'mark',
    width: 'minmax(70px, 1fr)',
    align: 'right',
    cell: ({ symbol, mark }) => <Mark symbol={symbol} mark={mark} />,
  },
  {
    id: 'unrealised',
    title: 'unrealised',
    width: 'minmax(60px, 1fr)',
    align: 'right',
    cell: ({ unrealisedUsdt, realisedUsdt }) => (
      <span title={`realised ${formatDecimal(realisedUsdt, 2, 'always')}`}>
        <Num text={unrealisedUsdt} digits={2} sign="always" coloured tint />
      </span>
    ),
  },
  {
    id: 'realised',
    title: 'realised',
    wideOnly: true,
    width: 'minmax(50px, 1fr)',
    align: 'right',
    cell: ({ realisedUsdt }) => <Num text={realisedUsdt} digits={2} sign="always" coloured />,
  },
  {
    id: 'protection',
    title: 'protection',
    width: 'minmax(168px, 1.6fr)',
    cell: (position) => <Protection position={position} />,
  },
  { id: 'age', title: 'age', width: '34px', align: 'right', wideOnly: true, cell: ({ openedAtMs }) => <Age sinceMs={openedAtMs} /> },
  { id: 'act', title: 'action', titleHidden: true, width: '54px', align: 'right', cell: (position) => <Close position={position} /> },
];

export const Positions = () => {
  const positions = useReplica(({ view }) => view.positions);
  return (
    <Table
      label="Positions"
      testId="positions-table"
      rows={Object.values(positions)}
      columns={COLUMNS}
      keyOf={({ symbol }) => symbol}
      minWidthPx={656}
      empty={
        <>
          <strong>No open position</strong>Choose a size in the ticket and place an order: Alt B to buy, Enter to place. What it would do to
          every limit is shown before you press. <Help to="orders" about="orders, lists and protection" />
        </>
      }
    />
  );
};
