// An open order with another price, trigger or size: the exchange takes the old one away and places the new one in one request.
import { useState } from 'react';
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useInstrument, useLive, useReplica } from '../../replica/replica.ts';
import { show, useScreen } from '../frame/screen.ts';
import { stepped } from '../ticket/order.ts';
import { typedDecimal } from '../ticket/typed.ts';
import { change } from './actions.ts';
import { kindText } from './order-words.ts';

const close = () => show({ dialog: null });
type Name = 'price' | 'stopPrice' | 'qty';
const LABEL: Readonly<Record<Name, string>> = { stopPrice: 'Trigger', price: 'Price', qty: 'Size' };

const Fields = ({ order }: { readonly order: OrderView }) => {
  const instrument = useInstrument(order.symbol);
  const live = useLive();
  const [typed, setTyped] = useState<Readonly<Partial<Record<Name, string>>>>({});
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const names = (['stopPrice', 'price', 'qty'] as const).filter((name) => order[name] !== null);
  const wanted = names.flatMap((name): readonly (readonly [Name, string])[] => {
    const text = typed[name];
    return text === undefined || typedDecimal(text) === order[name] ? [] : [[name, text]];
  });
  const bad = wanted.find(([, text]) => typedDecimal(text) === undefined);
  const send = async () => {
    setBusy(true);
    const problem = await change(order.clientOrderId, Object.fromEntries(wanted.map(([name, text]) => [name, typedDecimal(text) ?? text])));
    setBusy(false);
    if (problem === undefined) close();
    else setSaid(problem);
  };
  const able = live && !busy && bad === undefined && wanted.length > 0;
  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (able) void send();
      }}
    >
      <p className="muted">
        {order.side === 'BUY' ? 'Buy' : 'Sell'} {order.symbol}, {kindText(order)}
        {'. '}
        It loses its place in the exchange’s queue.
      </p>
      {names.map((name) => (
        <label key={name}>
          <span className="label">{LABEL[name]}</span>
          <input
            className="field num"
            data-testid={`change-${name}`}
            inputMode="decimal"
            autoComplete="off"
            value={typed[name] ?? order[name] ?? ''}
            onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
            onKeyDown={(event) => {
              const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
              const step = name === 'qty' ? instrument?.stepQty : instrument?.tick;
              if (by === 0 || step === undefined) return;
              event.preventDefault();
              setTyped({ ...typed, [name]: stepped(typed[name] ?? order[name] ?? '', step, by * (event.shiftKey ? 10 : 1)) });
            }}
          />
        </label>
      ))}
      {said !== '' && (
        <p className="said" role="alert">
          {said}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Leave it
        </button>
        <button type="submit" className="button" data-testid="change-send" disabled={!able}>
          {busy ? 'Sending' : wanted.length === 0 ? 'Nothing is different yet' : bad === undefined ? 'Change it' : 'That is not a number'}
        </button>
      </div>
    </form>
  );
};

export const ChangeDialog = () => {
  const id = useScreen((screen) => screen.subject);
  const order = useReplica(({ view }) => view.orders[id]);
  return (
    <Dialog title="Change the order" onClose={close} testId="change-dialog">
      {order === undefined || isEnded(order.status) ? (
        <p>The order is {order === undefined ? 'gone' : order.status.toLowerCase()}: there is nothing left to change.</p>
      ) : (
        <Fields order={order} />
      )}
    </Dialog>
  );
};
