// The gate's answer to the order in the ticket, asked again on every keystroke, every new fact and every second.
import { useEffect, useState } from 'react';
import type { CallResult, OrderPreview } from '../../../src-shared/contract/contract.ts';
import { callWithin } from '../../bridge/bridge.ts';
import { everySecond } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import type { Wish } from './order.ts';
import { createPreviewer, keyOf } from './previewer.ts';
import type { Asked } from './previewer.ts';

/** The gate answers in microseconds; an answer that is lost must not silence the preview for ever. */
const ANSWER_DEADLINE_MS = 2_000;

/** Undefined while there is no answer to exactly these fields. */
export const usePreview = (wish: Wish): CallResult<OrderPreview> | undefined => {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly result: CallResult<OrderPreview> }>();
  const [want] = useState(() =>
    createPreviewer({
      ask: (asked) =>
        asked.kind === 'oco'
          ? callWithin(ANSWER_DEADLINE_MS, 'previewOco', asked.request)
          : callWithin(ANSWER_DEADLINE_MS, 'previewOrder', asked.request),
      nextFrame: (run) => requestAnimationFrame(run),
      answered: (key, result) => setAnswer({ key, result }),
    }),
  );
  const key = wish.ok ? keyOf(wish) : '';
  useEffect(() => {
    const ask = () => want(key === '' ? undefined : (JSON.parse(key) as Asked));
    ask();
    const off = [everySecond(ask), useReplica.subscribe((is, was) => is.seq !== was.seq && ask())];
    return () => off.forEach((each) => each());
  }, [key, want]);
  return answer !== undefined && answer.key === key ? answer.result : undefined;
};
