// Asks the gate what it would say, while the trader types: at most one question on the way, the newest fields asked next, and an
// answer to older fields never shown as one to newer (REQUIREMENTS C).
import type { CallResult, OrderPreview } from '../../../src-shared/contract/contract.ts';
import type { Wish } from './order.ts';

/** An order, or a pair of orders, that is whole enough to be judged. */
export type Asked = Extract<Wish, { readonly ok: true }>;

export interface PreviewPorts {
  readonly ask: (asked: Asked) => Promise<CallResult<OrderPreview>>;
  /** Runs once before the next frame is drawn. */
  readonly nextFrame: (run: () => void) => void;
  readonly answered: (key: string, answer: CallResult<OrderPreview>) => void;
}

export const keyOf = (asked: Asked): string => JSON.stringify(asked);

/** Returns `want`: call it with the newest request (undefined for none) on each change of fields or of the market. */
export const createPreviewer = ({ ask, nextFrame, answered }: PreviewPorts): ((request: Asked | undefined) => void) => {
  let wanted: Asked | undefined;
  let again = false;
  let onTheWay = false;

  const run = async (): Promise<void> => {
    const asked = wanted;
    again = false;
    if (asked !== undefined) {
      const answer = await ask(asked);
      if (wanted !== undefined && keyOf(wanted) === keyOf(asked)) answered(keyOf(asked), answer);
    }
    onTheWay = false;
    if (again) start();
  };
  const start = () => {
    onTheWay = true;
    nextFrame(() => void run());
  };
  return (request) => {
    wanted = request;
    again = true;
    if (!onTheWay) start();
  };
};
