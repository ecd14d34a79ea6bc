// Keys that work on every page. Only combinations, `?` and F1: a single letter must stay free for typing and for speech input
// (WCAG 2.1.4). The list here is the list that `?` shows.
import { useEffect } from 'react';
import { toTicket } from '../ticket/to-ticket.ts';
import { PAGE_NAMES, PAGES, show, useScreen } from './screen.ts';

export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'Ctrl K', does: 'Command palette: everything the console can do' },
  { keys: '? or F1', does: 'This list' },
  { keys: 'Alt B', does: 'Buy: to the ticket’s size' },
  { keys: 'Alt S', does: 'Sell: to the ticket’s size' },
  { keys: `Alt 1 … ${PAGES.length}`, does: `Pages: ${PAGES.map((page) => PAGE_NAMES[page].toLowerCase()).join(', ')}` },
  { keys: 'Up / Down', does: 'In price and size: one tick or lot; with Shift ten' },
  { keys: 'm, r, u', does: 'In size: the most that is allowed; what the stop may lose; in base or quote (market buys)' },
  { keys: 'b, a', does: 'In price: the best bid, the best ask' },
  { keys: 't', does: 'In stop loss: fixed or trailing' },
  { keys: 'Enter', does: 'In the ticket: place the order' },
  { keys: 'Esc', does: 'In the ticket: clear it; in a dialog: close it' },
  { keys: 'Up / Down, Home, End', does: 'In a table: walk the rows' },
  { keys: 'Delete', does: 'In open orders: cancel the row’s order' },
];

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select');

export const useKeyboard = (): void =>
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const page = PAGES[Number(event.code.replace('Digit', '')) - 1];
      const dialog = useScreen.getState().dialog;
      if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') show({ dialog: dialog === 'palette' ? null : 'palette' });
      else if (event.key === 'F1' || (event.key === '?' && !typing(event.target))) show({ dialog: 'shortcuts' });
      else if (dialog !== null || !event.altKey || event.ctrlKey || event.metaKey) return;
      else if (event.code === 'KeyB') toTicket({ side: 'BUY' });
      else if (event.code === 'KeyS') toTicket({ side: 'SELL' });
      else if (page !== undefined) show({ page });
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
