// The terminal a console was started from: on a screen one calm line that is refreshed in place, elsewhere a plain line for each
// change that matters. Standard output carries READY alone; everything else goes to standard error.
import { stripVTControlCharacters } from 'node:util';
import type { ConsoleView } from '../../src-shared/contract/view.ts';
import { isEnded } from '../../src-shared/domain/order.ts';

export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on?(event: 'error', listener: () => void): unknown;
}

/** Writes until the reader is gone (EPIPE), and from then on nothing: a closed terminal is no fault, and must never make one. */
export const writerTo = (out: TerminalStream): ((text: string) => void) => {
  let gone = false;
  const lose = (): void => {
    gone = true;
  };
  out.on?.('error', lose);
  return (text) => {
    if (gone) return;
    try {
      out.write(text);
    } catch {
      lose();
    }
  };
};

export interface Terminal {
  /** A line that stays. */
  line(text: string): void;
  /** Rings where a person sits: on a screen, never into a file or a pipe. */
  bell(): void;
  /** The picture as it is now; drawn in place on a screen, else printed when its state part changed. */
  show(view: ConsoleView): void;
  close(): void;
}

const CLEAR_LINE = '\r\x1b[K';

/** Mode, trading state with its worst cause, stop: what must never be missed. */
export const stateText = (view: ConsoleView): string => {
  const { trading, stop } = view.safety;
  const cause = trading?.causes[0];
  return [
    view.status.console?.mode.toUpperCase() ?? 'STARTING',
    trading === undefined ? 'HALTED: starting' : cause === undefined ? trading.level : `${trading.level}: ${cause.text}`,
    `stop ${stop?.phase ?? 'DISABLED'}`,
  ].join(' · ');
};

/** Orders that are, or may be, open on the venue. */
export const openOrderCount = (view: ConsoleView): number => Object.values(view.orders).filter((order) => !isEnded(order.status)).length;

/** Equity, day, open orders, positions. */
export const moneyText = (view: ConsoleView): string => {
  const status = view.status.console;
  const day = status?.dayPnlUsdt ?? null;
  return [
    `equity ${status?.equityUsdt ?? '—'}`,
    `day ${day === null ? '—' : day.startsWith('-') ? day : `+${day}`}`,
    `${openOrderCount(view)} open orders`,
    `${Object.keys(view.positions).length} positions`,
  ].join(' · ');
};

export const createTerminal = (out: TerminalStream): Terminal => {
  const live = out.isTTY === true;
  const write = writerTo(out);
  let shown = '';
  let lastState = '';
  const draw = (): void => {
    if (live && shown !== '') write(`${CLEAR_LINE}${shown.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
  };
  const line = (text: string): void => {
    write(`${live ? CLEAR_LINE : ''}${stripVTControlCharacters(text)}\n`);
    draw();
  };
  return {
    line,
    bell: () => {
      if (live) write('\x07');
    },
    show(view) {
      const state = stateText(view);
      const changed = state !== lastState;
      lastState = state;
      if (!live) {
        if (changed) line(state);
        return;
      }
      const next = stripVTControlCharacters(`${state} · ${moneyText(view)}`);
      if (next === shown) return;
      shown = next;
      draw();
    },
    close() {
      if (live && shown !== '') write('\n');
      shown = '';
    },
  };
};
