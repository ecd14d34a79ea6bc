// The order ticket: side, type, size, prices, exits, place, by hand or by keyboard alone. It says before the press what will happen or
// why not; the gate says it again, and alone decides.
import { useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import type { CallError } from '../../../src-shared/contract/contract.ts';
import type { TimeInForce } from '../../../src-shared/domain/order.ts';
import { ACT_DEADLINE_MS, callWithin } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { formatDecimal } from '../../components/numbers.ts';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { useScreen } from '../frame/screen.ts';
import { helpOfDenial } from '../guide/help.ts';
import { Help } from '../guide/help-button.tsx';
import { draft, useDraft } from './draft.ts';
import { ExitFields, PriceFields, SizeField } from './fields.tsx';
import { exitsText, hasExits, placeText, wishOf } from './order.ts';
import type { TicketType, Wish } from './order.ts';
import { Preview } from './preview.tsx';
import { useBasis } from './sizing.ts';
import { usePreview } from './use-preview.ts';
import './ticket.css';

const TYPES: readonly { readonly value: TicketType; readonly label: string }[] = [
  { value: 'LIMIT', label: 'Limit' },
  { value: 'MARKET', label: 'Market' },
  { value: 'STOP_LOSS', label: 'Stop' },
  { value: 'STOP_LOSS_LIMIT', label: 'Stop limit' },
  { value: 'TAKE_PROFIT', label: 'Take profit' },
  { value: 'TAKE_PROFIT_LIMIT', label: 'Take profit limit' },
  { value: 'TRAILING', label: 'Trailing stop' },
  { value: 'OCO', label: 'OCO: limit or stop' },
];

const TIMES: readonly { readonly value: TimeInForce; readonly label: string }[] = [
  { value: 'GTC', label: 'GTC: rests' },
  { value: 'IOC', label: 'IOC: at once' },
  { value: 'FOK', label: 'FOK: all or none' },
  { value: 'POST_ONLY', label: 'Post-only: maker' },
];

const isTicketType = (value: string): value is TicketType => TYPES.some((type) => type.value === value);
const isTime = (value: string): value is TimeInForce => TIMES.some((time) => time.value === value);

type Placeable = Extract<Wish, { ok: true }>;

const placing = (wish: Placeable) =>
  wish.kind === 'oco' ? callWithin(ACT_DEADLINE_MS, 'placeOco', wish.request) : callWithin(ACT_DEADLINE_MS, 'placeOrder', wish.request);

const Denied = ({ error, onRead }: { readonly error: Pick<CallError, 'text' | 'denial'>; readonly onRead?: () => void }) => (
  <div className="said ticket-denied" data-testid="ticket-denial" role="alert">
    <p>
      {error.denial?.text ?? error.text}
      {error.denial !== undefined && <Help to={helpOfDenial(error.denial.code)} about="this rule" />}
    </p>
    {error.denial !== undefined && <p className="said-advice">{error.denial.advice}</p>}
    {onRead !== undefined && (
      <button type="button" className="button button-small" onClick={onRead}>
        Read
      </button>
    )}
  </div>
);

interface ConfirmProps {
  readonly text: string;
  readonly realMoney: boolean;
  readonly onPlace: () => void;
  readonly onClose: () => void;
}

/** Asks once more, in the words of the very request that is then placed (M2). */
const Confirm = ({ text, realMoney, onPlace, onClose }: ConfirmProps) => (
  <Dialog title={realMoney ? 'Real money' : 'Place this order?'} onClose={onClose}>
    <p>{text}</p>
    <div className="dialog-actions">
      <button type="button" className="button" onClick={onClose}>
        Do not
      </button>
      <button type="button" className={`button ${realMoney ? 'button-danger' : ''}`} data-testid="ticket-confirm" onClick={onPlace}>
        Place it
      </button>
    </div>
  </Dialog>
);

export const Ticket = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const fields = useDraft();
  const instrument = useInstrument(symbol);
  const live = useLive();
  const realMoney = useReplica((replica) => replica.view.status.console?.mode === 'mainnet');
  const confirms = useReplica((replica) => replica.view.status.console?.confirmOrders !== false);
  const [failure, setFailure] = useState<CallError>();
  const [placed, setPlaced] = useState('');
  const [isPlacing, setPlacing] = useState(false);
  const [confirming, setConfirming] = useState<{ readonly wish: Placeable; readonly text: string }>();
  const wish = wishOf(fields, symbol, useBasis(symbol));
  const answer = usePreview(wish);
  const preview = answer?.ok === true ? answer.value : undefined;
  const refused =
    answer?.ok === false ? answer.error : preview?.denial == null ? undefined : { text: preview.denial.text, denial: preview.denial };
  const why = !live
    ? 'The view is stale: orders wait'
    : instrument === undefined
      ? 'Waiting for the market’s rules'
      : !wish.ok
        ? wish.missing
        : isPlacing
          ? 'Placing'
          : undefined;
  const able = why === undefined && refused === undefined;
  const text =
    why ??
    (instrument === undefined
      ? ''
      : refused === undefined
        ? `${placeText(fields, instrument, preview)}${exitsText(wish)}`
        : 'Not allowed, see above');

  const place = async (wanted: Placeable) => {
    setConfirming(undefined);
    setPlacing(true);
    const result = await placing(wanted);
    setPlacing(false);
    setFailure(result.ok ? undefined : result.error);
    setPlaced(result.ok ? `Placed as ${result.value.clientOrderId}` : '');
    if (result.ok) draft.set({ size: '' });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!able || !wish.ok) return;
    if (confirms) setConfirming({ wish, text });
    else void place(wish);
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || confirming !== undefined) return;
    draft.clear();
    setFailure(undefined);
    setPlaced('');
  };
  return (
    <section className="panel ticket" aria-label="Order ticket">
      <form className="ticket-form" onSubmit={submit} onKeyDown={escape} data-side={fields.side}>
        <Segmented
          label="Side"
          className="ticket-sides"
          value={fields.side}
          onChange={(side) => draft.set({ side })}
          options={[
            { value: 'BUY', label: 'Buy', testId: 'ticket-side-buy', className: 'segment-buy' },
            { value: 'SELL', label: 'Sell', testId: 'ticket-side-sell', className: 'segment-sell' },
          ]}
        />
        <div className="ticket-pair">
          <label>
            <span className="label">Type</span>
            <select
              className="field"
              data-testid="ticket-type"
              value={fields.type}
              onChange={(event) => isTicketType(event.target.value) && draft.set({ type: event.target.value })}
            >
              {TYPES.map((type) => (
                <option key={type.value} value={type.value}>
                  {type.label}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span className="label">Time in force</span>
            <select
              className="field"
              data-testid="ticket-tif"
              disabled={fields.type !== 'LIMIT'}
              value={fields.type === 'MARKET' ? 'IOC' : fields.type === 'LIMIT' ? fields.timeInForce : 'GTC'}
              onChange={(event) => isTime(event.target.value) && draft.set({ timeInForce: event.target.value })}
            >
              {TIMES.map((time) => (
                <option key={time.value} value={time.value}>
                  {time.label}
                </option>
              ))}
            </select>
          </label>
        </div>
        <SizeField symbol={symbol} />
        <PriceFields symbol={symbol} />
        {hasExits(fields) && <ExitFields symbol={symbol} />}
        <label className="ticket-check">
          <input
            type="checkbox"
            data-testid="ticket-reduce-only"
            checked={fields.reduceOnly}
            onChange={(event) => draft.set({ reduceOnly: event.target.checked })}
          />
          Reduce only: never adds to a position
        </label>
        {failure !== undefined ? (
          <Denied error={failure} onRead={() => setFailure(undefined)} />
        ) : (
          refused !== undefined && <Denied error={refused} />
        )}
        <button type="submit" className="ticket-place" data-testid="ticket-place" aria-disabled={!able}>
          {text}
        </button>
        <p className="ticket-placed muted" role="status">
          {placed !== '' ? placed : preview?.feeUsdt == null ? '' : `Fee about ${formatDecimal(preview.feeUsdt, 2)} USDT`}
        </p>
      </form>
      <div className="ticket-preview" tabIndex={0} role="region" aria-label="Limits before and after">
        <Preview preview={preview} />
      </div>
      {confirming !== undefined && (
        <Confirm
          text={confirming.text}
          realMoney={realMoney}
          onPlace={() => void place(confirming.wish)}
          onClose={() => setConfirming(undefined)}
        />
      )}
    </section>
  );
};
