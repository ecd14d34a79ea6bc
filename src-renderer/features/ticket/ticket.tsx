// The order ticket: side, type, price, size, place, by hand or by keyboard alone. It says before the press what will happen or why
// not; the gate says it again, and alone decides.
import { useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import type { CallError, OrderPreview, OrderRequestInput } from '../../../src-shared/contract/contract.ts';
import type { TimeInForce } from '../../../src-shared/domain/order.ts';
import { ACT_DEADLINE_MS, callWithin } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { formatDecimal, formatInUnit, formatLimit, isProse } from '../../components/numbers.ts';
import { useInstrument, useLive, useMarket, useReplica } from '../../replica/replica.ts';
import { useScreen } from '../frame/screen.ts';
import { draft, useDraft } from './draft.ts';
import { changes, largestSize, placeText, previewRows, spendsQuote, stepped, typedDecimal, wishOf, withinOrderLimit } from './order.ts';
import { usePreview } from './use-preview.ts';
import './ticket.css';

const TIMES: readonly { readonly value: TimeInForce; readonly label: string }[] = [
  { value: 'GTC', label: 'Until cancelled (GTC)' },
  { value: 'IOC', label: 'At once or cancel (IOC)' },
  { value: 'FOK', label: 'All at once or none (FOK)' },
  { value: 'POST_ONLY', label: 'Maker only (post-only)' },
];

const isDraftType = (value: string): value is 'LIMIT' | 'MARKET' => value === 'LIMIT' || value === 'MARKET';
const isTime = (value: string): value is TimeInForce => TIMES.some((time) => time.value === value);

const quoteNow = (symbol: string) => useMarket.getState().quotes[symbol];

/** A late answer fills nothing in: by then the trader has gone on. */
const MAX_DEADLINE_MS = 1_000;

/** Fills the size with the most that money, holdings and the order limit allow; empties it where nothing can be sold. */
const fillMax = async (symbol: string): Promise<void> => {
  const { view } = useReplica.getState();
  const instrument = view.instruments[symbol];
  const fields = useDraft.getState();
  if (instrument === undefined) return;
  const limit = fields.type === 'LIMIT' ? typedDecimal(fields.price) : undefined;
  const size = largestSize(
    fields.side,
    {
      sellable: view.positions[symbol]?.sellableQty,
      freeQuote: view.balances[instrument.quote]?.free,
      price: limit ?? quoteNow(symbol)?.ask,
    },
    instrument,
  );
  if (size === undefined && fields.side === 'BUY') return;
  draft.set({ size: size ?? '', unit: 'base' });
  const filled = useDraft.getState();
  const wish = wishOf(filled, symbol);
  if (size === undefined || !wish.ok || fields.side === 'SELL') return;
  const answer = await callWithin(MAX_DEADLINE_MS, 'previewOrder', wish.request);
  if (answer.ok && useDraft.getState() === filled) draft.set({ size: withinOrderLimit(size, answer.value, instrument) });
};

const stepKeys = (event: KeyboardEvent, typed: string, step: string | undefined, from: string | undefined, set: (text: string) => void) => {
  const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
  if (by === 0 || step === undefined) return;
  event.preventDefault();
  set(stepped(typed, step, by * (event.shiftKey ? 10 : 1), from));
};

/** A letter can be no part of a number, so in these fields it is a command. */
const letterKey = (event: KeyboardEvent, letter: string, act: () => void) => {
  if (event.key.toLowerCase() !== letter || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
};

const PriceField = ({ symbol }: { readonly symbol: string }) => {
  const price = useDraft((fields) => fields.price);
  const instrument = useInstrument(symbol);
  const set = (text: string) => draft.set({ price: text });
  const fill = (side: 'bid' | 'ask') => set(quoteNow(symbol)?.[side] ?? price);
  return (
    <div className="ticket-field">
      <div className="ticket-field-head">
        <label className="label" htmlFor="ticket-price">
          Price, {instrument?.quote ?? 'quote'}
        </label>
        {(['bid', 'ask'] as const).map((side) => (
          <button
            key={side}
            type="button"
            className="ticket-fill"
            tabIndex={-1}
            title={`In the field: ${side[0]}`}
            onClick={() => fill(side)}
          >
            {side}
          </button>
        ))}
      </div>
      <input
        id="ticket-price"
        className="field num"
        data-testid="ticket-price"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={price}
        aria-invalid={price.trim() !== '' && typedDecimal(price) === undefined}
        aria-keyshortcuts="b a"
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => {
          stepKeys(event, price, instrument?.tick, quoteNow(symbol)?.last ?? quoteNow(symbol)?.bid, set);
          letterKey(event, 'b', () => fill('bid'));
          letterKey(event, 'a', () => fill('ask'));
        }}
      />
    </div>
  );
};

const SizeField = ({ symbol }: { readonly symbol: string }) => {
  const fields = useDraft();
  const instrument = useInstrument(symbol);
  const inQuote = spendsQuote(fields);
  const set = (size: string) => draft.set({ size });
  const canSwitch = fields.type === 'MARKET' && fields.side === 'BUY';
  const switchUnit = () => draft.set({ unit: inQuote ? 'base' : 'quote', size: '' });
  return (
    <div className="ticket-field">
      <div className="ticket-field-head">
        <label className="label" htmlFor="ticket-size">
          {inQuote ? `Spend, ${instrument?.quote ?? 'quote'}` : `Size, ${instrument?.base ?? 'base'}`}
        </label>
        {canSwitch && (
          <button type="button" className="ticket-fill" tabIndex={-1} title="In the field: u" onClick={switchUnit}>
            in {inQuote ? (instrument?.base ?? 'base') : (instrument?.quote ?? 'quote')}
          </button>
        )}
        <button
          type="button"
          className="ticket-fill"
          tabIndex={-1}
          title="In the field: m"
          data-testid="ticket-max"
          onClick={() => void fillMax(symbol)}
        >
          max
        </button>
      </div>
      <input
        id="ticket-size"
        className="field num"
        data-testid="ticket-qty"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={fields.size}
        aria-invalid={fields.size.trim() !== '' && typedDecimal(fields.size) === undefined}
        onChange={(event) => set(event.target.value)}
        aria-keyshortcuts="m u"
        onKeyDown={(event) => {
          stepKeys(event, fields.size, inQuote ? '1' : instrument?.stepQty, '0', set);
          letterKey(event, 'm', () => void fillMax(symbol));
          if (canSwitch) letterKey(event, 'u', switchUnit);
        }}
      />
    </div>
  );
};

/** A range as limit gets a line of its own: no column of numbers has room for it. */
const PreviewRow = ({ row, first }: { readonly row: OrderPreview['limits'][number]; readonly first: boolean }) => {
  const className = row.verdict === 'deny' ? 'preview-deny' : '';
  const long = isProse(row.limit);
  const moved = changes(row) && !long;
  return (
    <>
      <tr className={className} title={`${row.title}: ${row.formula}`} aria-current={first ? 'true' : undefined}>
        <th scope="row" colSpan={moved ? 1 : 2}>
          {row.verdict === 'deny' && <Icon name="cross" />}
          {row.title}
        </th>
        {moved && <td className="num">{formatInUnit(row.before, row.unit)}</td>}
        <td className="num preview-after">{formatInUnit(row.after, row.unit)}</td>
        <td className="num">{long ? '' : formatLimit(row.limit, row.unit)}</td>
      </tr>
      {long && (
        <tr className={`preview-range ${className}`}>
          <td colSpan={4} className="num">
            {formatInUnit(row.limit, row.unit)}
          </td>
        </tr>
      )}
    </>
  );
};

const Preview = ({ preview }: { readonly preview: OrderPreview | undefined }) => {
  if (preview === undefined)
    return <p className="ticket-hint muted">Every limit is shown here before and after the order, while you type.</p>;
  const rows = previewRows(preview);
  const first = rows.find((row) => row.verdict === 'deny');
  return (
    <table className="preview">
      <caption className="visually-hidden">Each limit before and after this order</caption>
      <thead>
        <tr>
          <th scope="col">limit</th>
          <th scope="col">before</th>
          <th scope="col">after</th>
          <th scope="col">of</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <PreviewRow key={row.id} row={row} first={row === first} />
        ))}
      </tbody>
    </table>
  );
};

const Denied = ({ error, onRead }: { readonly error: Pick<CallError, 'text' | 'denial'>; readonly onRead?: () => void }) => (
  <div className="said ticket-denied" data-testid="ticket-denial" role="alert">
    <p>{error.denial?.text ?? error.text}</p>
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
  const [placing, setPlacing] = useState(false);
  const [confirming, setConfirming] = useState<{ readonly request: OrderRequestInput; readonly text: string }>();
  const wish = wishOf(fields, symbol);
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
        : placing
          ? 'Placing'
          : undefined;
  const able = why === undefined && refused === undefined;
  const text =
    why ?? (instrument === undefined ? '' : refused === undefined ? placeText(fields, instrument, preview) : 'Not allowed, see above');

  const place = async (request: OrderRequestInput) => {
    setConfirming(undefined);
    setPlacing(true);
    const result = await callWithin(ACT_DEADLINE_MS, 'placeOrder', request);
    setPlacing(false);
    setFailure(result.ok ? undefined : result.error);
    setPlaced(result.ok ? `Placed as ${result.value.clientOrderId}` : '');
    if (result.ok) draft.set({ size: '' });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!able || !wish.ok) return;
    if (confirms) setConfirming({ request: wish.request, text });
    else void place(wish.request);
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
              onChange={(event) => isDraftType(event.target.value) && draft.set({ type: event.target.value })}
            >
              <option value="LIMIT">Limit</option>
              <option value="MARKET">Market</option>
            </select>
          </label>
          <label>
            <span className="label">Time in force</span>
            <select
              className="field"
              data-testid="ticket-tif"
              disabled={fields.type === 'MARKET'}
              value={fields.type === 'MARKET' ? 'IOC' : fields.timeInForce}
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
        {fields.type === 'LIMIT' && <PriceField symbol={symbol} />}
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
          onPlace={() => void place(confirming.request)}
          onClose={() => setConfirming(undefined)}
        />
      )}
    </section>
  );
};
