// What the gate says of the order in the ticket: each limit before and after it, what forbids it first.
import type { OrderPreview } from '../../../src-shared/contract/contract.ts';
import { Icon } from '../../components/icon.tsx';
import { formatInUnit, formatLimit, isProse } from '../../components/numbers.ts';
import { changes, previewRows } from './order.ts';

/** A range as limit gets a line of its own: no column of numbers has room for it. */
const PreviewRow = ({ row, first }: { readonly row: OrderPreview['limits'][number]; readonly first: boolean }) => {
  const className = row.verdict === 'deny' ? 'preview-deny' : '';
  const long = isProse(row.limit);
  const moved = changes(row) && !long;
  return (
    <>
      <tr
        className={className}
        title={`${row.title}: ${row.formula}${row.text === '' ? '' : ` · ${row.text}`}`}
        aria-current={first ? 'true' : undefined}
      >
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

export const Preview = ({ preview }: { readonly preview: OrderPreview | undefined }) => {
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
