// Brings the keyboard to the ticket's size, from wherever it is.
import { flushSync } from 'react-dom';
import { show } from '../frame/screen.ts';
import { draft } from './draft.ts';
import type { Draft } from './order.ts';

/** Drawn at once, not with the next frame: the key pressed next must land in the field. */
export const toTicket = (part: Partial<Draft>): void => {
  flushSync(() => {
    show({ page: 'trade', dialog: null });
    draft.set(part);
  });
  document.querySelector<HTMLInputElement>('[data-testid="ticket-qty"]')?.select();
};
