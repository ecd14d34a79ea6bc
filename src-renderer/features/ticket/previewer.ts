// Asks the gate what it would say, while the trader types: at most one question on the way, the newest fields asked next, and an
// answer to older fields never shown as one to newer (REQUIREMENTS C).
import type { CallResult, OrderPreview, OrderRequestInput } from '../../../src-shared/contract/contract.ts';

export interface PreviewPorts {
  readonly ask: (request: OrderRequestInput) => Promise<CallResult<OrderPreview>>;
  /** Runs once before the next frame is drawn. */
  readonly nextFrame: (run: () => void) => void;
  readonly answered: (key: string, answer: CallResult<OrderPreview>) => void;
}

export const keyOf = (request: OrderRequestInput): string => JSON.stringify(request);

/** Returns `want`: call it with the newest request (undefined for none) on each change of fields or of the market. */
export const createPreviewer = ({ ask, nextFrame, answered }: PreviewPorts): ((request: OrderRequestInput | undefined) => void) => {
  let wanted: OrderRequestInput | undefined;
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
