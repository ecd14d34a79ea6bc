// Did a drill of the emergency stop pass (REQUIREMENTS E7)? Its receipt is held against E3's times in fair weather; whatever is not
// proven did not pass.
import type { StopReceipt } from '../../src-shared/domain/stop.ts';
import { survivorsOf } from './emergency-stop.ts';

/** The round trip that E3's times are for. */
export const DRILL_ROUND_TRIP_MS = 50;

const TIMES = [
  { key: 'cancelsOnWireMs', what: 'every cancel on the wire', mostMs: 10 },
  { key: 'allAcknowledgedMs', what: 'all acknowledged', mostMs: 150 },
  { key: 'verifiedEmptyMs', what: 'verified empty', mostMs: 500 },
] as const;

/** Times in E3 are upper bounds that may not be reached; a time that is missing, or no number, is too late. */
const isInTime = (tookMs: number | null, mostMs: number): boolean => tookMs !== null && tookMs < mostMs;

const shown = (tookMs: number | null): string => (tookMs === null ? 'never' : `after ${tookMs.toFixed(1)} ms`);

/** What was drilled, besides the receipt: `leftOut` names what could not be copied. */
export interface Drilled {
  readonly receipt: StopReceipt;
  /** True when nothing was open and examples stood in. */
  readonly isExample: boolean;
  readonly leftOut: readonly string[];
}

/** The verdict in words, with every number that it rests on. */
export const drillVerdict = ({ receipt, isExample, leftOut }: Drilled): { readonly passed: boolean; readonly text: string } => {
  const late = TIMES.filter(({ key, mostMs }) => !isInTime(receipt[key], mostMs));
  const left = [
    ...survivorsOf({ receipt }).map(({ symbol, clientOrderId }) => `${symbol} ${clientOrderId}`),
    ...receipt.positions.filter(({ outcome }) => outcome === 'not-flattened').map(({ symbol }) => `position ${symbol}`),
  ];
  const isDrilled = receipt.orders.length > 0;
  const passed = isDrilled && receipt.complete && left.length === 0 && late.length === 0;
  const symbols = new Set(receipt.orders.map(({ symbol }) => symbol)).size;
  const flat = receipt.policy === 'flatten' ? `, positions sold ${shown(receipt.flatMs)}` : '';
  const parts = [
    `${passed ? 'Passed' : 'NOT PASSED'}: ${receipt.orders.length} ${isExample ? 'example orders' : 'orders'} on ${symbols} symbols, ${TIMES.map(({ key, what }) => `${what} ${shown(receipt[key])}`).join(', ')}${flat}.`,
    !isDrilled && 'No order could be drilled.',
    !receipt.complete && left.length === 0 && 'The stop was not proven complete.',
    left.length > 0 && `Not proven gone: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}.`,
    late.length > 0 &&
      `Too late: ${late.map(({ what, mostMs }) => `${what} within ${mostMs} ms`).join(', ')} is asked for at a round trip of ${DRILL_ROUND_TRIP_MS} ms. Close what else keeps this machine busy and drill again.`,
    leftOut.length > 0 && `Not copied: ${leftOut.slice(0, 3).join(' ')}${leftOut.length > 3 ? ` (and ${leftOut.length - 3} more)` : ''}`,
  ];
  return { passed, text: parts.filter((part) => part !== false).join(' ') };
};
