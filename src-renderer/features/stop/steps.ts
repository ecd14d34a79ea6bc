// The way of an emergency stop in five words, from what main reports: never from what the window hopes.
import type { StopView } from '../../../src-shared/contract/view.ts';

interface Step {
  readonly done: boolean;
  readonly text: string;
}

/** The stop's way from the press to the receipt, as it stands now. */
export const stopSteps = ({ progress, receipt }: Pick<StopView, 'progress' | 'receipt'>): readonly Step[] => {
  const total = progress?.cancelsTotal ?? receipt?.orders.length ?? 0;
  const sent = progress?.cancelsSent ?? 0;
  const acknowledged = progress?.cancelsAcknowledged ?? 0;
  const finished = receipt !== null;
  const empty = progress?.verifiedEmpty === true || receipt?.verifiedEmptyMs != null;
  const flat = progress?.flat ?? (receipt?.policy === 'flatten' ? receipt.flatMs !== null : null);
  return [
    { done: true, text: 'latched' },
    { done: finished || sent >= total, text: `cancels sent ${finished ? total : sent}/${total}` },
    {
      done: progress === null ? finished : acknowledged >= total,
      text: `acknowledged ${progress === null ? total : acknowledged}/${total}`,
    },
    { done: empty, text: empty ? 'verified empty' : progress === null ? 'not verified empty' : `verifying, ${progress.openOrders} open` },
    ...(flat === null ? [] : [{ done: flat, text: flat ? 'flat' : 'flattening' }]),
  ];
};
