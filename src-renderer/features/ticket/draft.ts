// The ticket's fields, kept outside the component so that depth, palette and keys can fill them in.
import { create } from 'zustand';
import { EMPTY_DRAFT } from './order.ts';
import type { Draft } from './order.ts';

export const useDraft = create<Draft>(() => EMPTY_DRAFT);

export const draft = {
  set: (part: Partial<Draft>): void => useDraft.setState(part),
  /** Keeps how one trades (side, type, time in force), forgets what: price, size, reduce-only. */
  clear: (): void => useDraft.setState({ price: '', size: '', reduceOnly: false }),
} as const;
