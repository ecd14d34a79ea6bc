// The way of an emergency stop in a few words, from what main reports: never from what the window hopes.
import type { StopView } from '../../../src-shared/contract/view.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';

interface Step {
  readonly done: boolean;
  readonly text: string;
}

const LATCHED: Step = { done: true, text: 'latched' };
const part = (what: string, done: number, of: number): Step => ({ done: done >= of, text: `${what} ${done}/${of}` });
const flatStep = (flat: boolean | null): readonly Step[] => (flat === null ? [] : [{ done: flat, text: flat ? 'flat' : 'flattening' }]);

const working = ({
  cancelsSent,
  cancelsAcknowledged,
  cancelsTotal,
  openOrders,
  verifiedEmpty,
  flat,
}: NonNullable<StopView['progress']>): readonly Step[] => [
  LATCHED,
  part('cancels sent', cancelsSent, cancelsTotal),
  part('acknowledged', cancelsAcknowledged, cancelsTotal),
  { done: verifiedEmpty, text: verifiedEmpty ? 'verified empty' : `verifying, ${openOrders} open` },
  ...flatStep(flat),
];

/** After a restart only the receipt is left: it knows orders, no longer requests. */
const receipted = ({ orders, verifiedEmptyMs, policy, flatMs }: StopReceipt): readonly Step[] => {
  const settled = orders.filter(({ outcome }) => outcome !== 'not-canceled' && outcome !== 'unknown').length;
  const empty = verifiedEmptyMs !== null;
  return [
    LATCHED,
    part('orders settled', settled, orders.length),
    { done: empty, text: empty ? 'verified empty' : 'not verified empty' },
    ...flatStep(policy === 'flatten' ? flatMs !== null : null),
  ];
};

/** The stop's way from the press to the receipt, as it stands now. */
export const stopSteps = ({ progress, receipt }: Pick<StopView, 'progress' | 'receipt'>): readonly Step[] => {
  if (progress !== null) return working(progress);
  return receipt === null ? [LATCHED, { done: false, text: 'waiting for the console' }] : receipted(receipt);
};
