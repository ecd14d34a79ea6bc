// The ticket's fields, kept outside the component so that depth, palette and keys can fill them in. Price and size never go over to
// another market: 0.004 of one asset means nothing in the next.
import { create } from 'zustand';
import { useScreen } from '../frame/screen.ts';
import { EMPTY_DRAFT, spendsQuote } from './order.ts';
import type { Draft } from './order.ts';

export const useDraft = create<Draft>(() => EMPTY_DRAFT);

export const draft = {
  /** A size that would change its unit without being typed anew (300 USDT into 300 BTC) is dropped. */
  set: (part: Partial<Draft>): void =>
    useDraft.setState((was) => {
      const is = { ...was, ...part };
      return part.size === undefined && spendsQuote(is) !== spendsQuote(was) ? { ...is, size: '' } : is;
    }),
  /** Keeps how one trades (side, type, time in force), forgets what: price, size, reduce-only. */
  clear: (): void =>
    useDraft.setState({ price: '', stopPrice: '', trailingPct: '', size: '', stopLoss: '', takeProfit: '', reduceOnly: false }),
} as const;

useScreen.subscribe((is, was) => {
  if (is.symbol !== was.symbol) draft.clear();
});
