// The console's state in one line, for window titles, the tray and the terminal: the mode is always the first word (REQUIREMENTS A2).
import type { StatusLine } from './port.ts';

/** As `PRACTICE · ACTIVE` or `MAINNET · HALTED · STOP TRIPPED`. */
export const titleOf = (status: StatusLine): string => {
  const stop = status.phase === 'TRIPPED' ? ['STOP TRIPPED'] : status.phase === 'COOLING_DOWN' ? ['COOLING DOWN'] : [];
  return [status.mode.toUpperCase(), status.level, ...stop].join(' · ');
};
