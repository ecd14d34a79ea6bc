// Asks the console, once a second while somebody looks, what a buy would meet now. It keeps no answer that is older than the link.
import { useEffect, useState } from 'react';
import type { BuyNow } from '../../../src-shared/contract/buy-now.ts';
import { callWithin } from '../../bridge/bridge.ts';

const EVERY_MS = 1_000;
const DEADLINE_MS = 1_000;

export type Answers = Readonly<Record<string, BuyNow>>;

/** The answers by market. `live` false: none; `state`: what was answered in another one is forgotten, and asked anew at once. */
export const useBuyNow = (symbols: readonly string[], live: boolean, state: string): Answers => {
  const [answers, setAnswers] = useState<Answers>({});
  const key = symbols.join(' ');
  useEffect(() => {
    if (!live || key === '') return;
    let over = false;
    let timer = 0;
    // One after the other: each is a turn of its own in the console.
    const round = async () => {
      const seen: Record<string, BuyNow> = {};
      for (const symbol of key.split(' ')) {
        const answer = await callWithin(DEADLINE_MS, 'buyNow', { symbol });
        if (over) return;
        if (answer.ok) seen[symbol] = answer.value;
      }
      setAnswers(seen);
      timer = window.setTimeout(() => void round(), EVERY_MS);
    };
    void round();
    return () => {
      over = true;
      window.clearTimeout(timer);
      setAnswers({});
    };
  }, [key, live, state]);
  return live ? answers : {};
};
