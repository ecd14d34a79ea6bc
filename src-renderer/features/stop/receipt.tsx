// What an emergency stop did (REQUIREMENTS E5): every order and position with its outcome, and the times. Survivors come first.
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import { Dialog } from '../../components/dialog.tsx';
import { formatDecimal } from '../../components/numbers.ts';
import { dateTime, measured } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';

const TIMES = [
  ['Cancels on the wire', 'cancelsOnWireMs'],
  ['All acknowledged', 'allAcknowledgedMs'],
  ['Verified empty', 'verifiedEmptyMs'],
  ['Flat', 'flatMs'],
] as const;
const SURVIVED: readonly string[] = ['not-canceled', 'unknown', 'not-flattened'];

export const Receipt = ({ receipt }: { readonly receipt: StopReceipt }) => {
  const orders = receipt.orders.toSorted((a, b) => Number(SURVIVED.includes(b.outcome)) - Number(SURVIVED.includes(a.outcome)));
  return (
    <div className="receipt">
      <p className={`said ${receipt.complete ? 'said-good' : ''}`}>
        {receipt.complete
          ? 'Complete: the venue showed nothing open.'
          : 'Not complete: what is marked below may still be on the venue. The console keeps trying.'}
      </p>
      <dl className="pairs">
        <dt>Trip</dt>
        <dd>
          #{receipt.tripId}, by {receipt.trigger}
          {receipt.reason === '' ? '' : `: ${receipt.reason}`}
        </dd>
        <dt>When</dt>
        <dd className="num">{dateTime(receipt.trippedAtMs)} UTC</dd>
        <dt>Positions</dt>
        <dd>{receipt.policy === 'flatten' ? 'flatten' : 'keep'}</dd>
        {TIMES.filter(([, key]) => key !== 'flatMs' || receipt.policy === 'flatten').flatMap(([name, key]) => [
          <dt key={name}>{name}</dt>,
          <dd key={key} className="num">
            {measured(receipt[key])}
          </dd>,
        ])}
        <dt>Order bucket</dt>
        <dd>
          {receipt.buckets.orders}; algo orders: {receipt.buckets.algo.replaceAll('-', ' ')}
        </dd>
        {receipt.hash !== undefined && (
          <>
            <dt>Hash</dt>
            <dd className="num receipt-hash">{receipt.hash}</dd>
          </>
        )}
      </dl>
      {orders.length === 0 && receipt.positions.length === 0 && <p className="muted">Nothing was open and nothing was held.</p>}
      {orders.length > 0 && (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">Market</th>
              <th scope="col">Outcome</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {orders.map((order) => (
              <tr key={order.clientOrderId}>
                <td className="num">{order.clientOrderId}</td>
                <td>{order.symbol}</td>
                <td className={SURVIVED.includes(order.outcome) ? 'bad' : ''}>{order.outcome.replaceAll('-', ' ')}</td>
                <td className="num">{measured(order.ackMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {receipt.positions.length > 0 && (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Position</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {receipt.positions.map((position) => (
              <tr key={position.symbol}>
                <td>{position.symbol}</td>
                <td className="num">{formatDecimal(position.qtyBefore)}</td>
                <td className="num">{formatDecimal(position.qtyAfter)}</td>
                <td className={SURVIVED.includes(position.outcome) ? 'bad' : ''}>
                  {position.outcome.replaceAll('-', ' ')}
                  {position.why === undefined ? '' : `: ${position.why}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <AsText receipt={receipt} />
    </div>
  );
};

/** The receipt to take along: as JSON to copy, and its hash, of which `receiptText` is the text. */
const AsText = ({ receipt }: { readonly receipt: StopReceipt }) => (
  <details>
    <summary>As JSON, to copy</summary>
    <p className="muted">
      Or on the command line: “holdfast receipt{receipt.trigger === 'drill' ? ' --drill' : ''} --export FILE”, and “--check FILE”. The hash
      is the SHA-256 of everything else in it.
    </p>
    <textarea
      className="field receipt-json num"
      readOnly
      rows={8}
      aria-label="The receipt as JSON"
      data-testid="receipt-json"
      value={JSON.stringify(receipt, null, 2)}
      onFocus={(event) => event.currentTarget.select()}
    />
  </details>
);

export const ReceiptDialog = () => {
  const receipt = useReplica((replica) => replica.view.safety.stop?.receipt ?? null);
  return (
    <Dialog title="Emergency stop receipt" onClose={() => show({ dialog: null })} testId="receipt-dialog">
      {receipt === null ? <p className="muted">No stop has left a receipt yet.</p> : <Receipt receipt={receipt} />}
    </Dialog>
  );
};

/** What the last drill left: the same receipt, of an exchange of its own. */
export const DrillReceiptDialog = () => {
  const drill = useReplica((replica) => replica.view.safety.drill ?? null);
  return (
    <Dialog title="Receipt of the drill" onClose={() => show({ dialog: null })} testId="drill-dialog">
      {drill === null ? <p className="muted">No drill was run yet.</p> : <Receipt receipt={drill.receipt} />}
    </Dialog>
  );
};
