// Asks once more before a position is sold at market (M2), in the words of what will happen.
import { Dialog } from '../../components/dialog.tsx';
import { formatDecimal } from '../../components/numbers.ts';
import { useReplica } from '../../replica/replica.ts';
import { show, useScreen } from '../frame/screen.ts';
import { closePosition } from './actions.ts';

const close = () => show({ dialog: null });

export const CloseDialog = () => {
  const symbol = useScreen((screen) => screen.subject);
  const position = useReplica(({ view }) => view.positions[symbol]);
  const realMoney = useReplica(({ view }) => view.status.console?.mode === 'mainnet');
  return (
    <Dialog title={realMoney ? 'Real money' : `Close ${symbol}?`} onClose={close}>
      {position === undefined ? (
        <p>The position is closed already.</p>
      ) : (
        <>
          <p>
            Sell {formatDecimal(position.sellableQty)} {symbol} at market, reduce-only
            {position.valueUsdt === null ? '' : `, ≈ ${formatDecimal(position.valueUsdt, 2)} USDT`}.
            {position.protection !== null && position.protection.by !== null && ' Its protection is taken off first.'}
          </p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={close}>
              Do not
            </button>
            <button
              type="button"
              className={`button ${realMoney ? 'button-danger' : ''}`}
              data-testid="close-confirm"
              onClick={() => {
                close();
                void closePosition(position);
              }}
            >
              Sell it
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
};
