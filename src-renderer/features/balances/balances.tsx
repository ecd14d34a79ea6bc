// What the account holds: free and locked, an asset a row, points aligned.
import { formatDecimal } from '../../components/numbers.ts';
import { parseDecimal } from '../../../src-shared/domain/money.ts';
import { Num } from '../../components/num.tsx';
import { useReplica } from '../../replica/replica.ts';
import './balances.css';

const DIGITS = 8;
const digitsFor = (asset: string): number => (asset.startsWith('USD') ? 2 : DIGITS);

export const Balances = () => {
  const balances = useReplica((replica) => replica.view.balances);
  const rows = Object.values(balances).toSorted(
    (a, b) => (parseDecimal(b.valueUsdt) ?? parseDecimal('0'))?.cmp(parseDecimal(a.valueUsdt) ?? '0') || a.asset.localeCompare(b.asset),
  );
  return (
    <section className="panel balances" aria-label="Balances">
      <div className="panel-body" tabIndex={0} role="region" aria-label="Balances by asset">
        <table className="balances-table" data-testid="balances-table">
          <thead>
            <tr>
              <th scope="col">Balances</th>
              <th scope="col">free</th>
              <th scope="col">locked</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((balance) => (
              <tr key={balance.asset} title={`total ${formatDecimal(balance.total)}, worth ${formatDecimal(balance.valueUsdt, 2)} USDT`}>
                <th scope="row">{balance.asset}</th>
                <td>
                  <Num text={balance.free} digits={digitsFor(balance.asset)} tint />
                </td>
                <td className="muted">
                  <Num text={balance.locked} digits={digitsFor(balance.asset)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="empty">Waiting for the account. The console reads it at start and when it reconciles.</p>}
      </div>
    </section>
  );
};
