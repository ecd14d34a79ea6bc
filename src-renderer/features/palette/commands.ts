// Everything the window can do, by name: the palette's list. Each entry does what its control on screen does and nothing else.
import { call, failureText } from '../../bridge/bridge.ts';
import { useReplica } from '../../replica/replica.ts';
import { cancelAll } from '../blotter/actions.ts';
import { prefer } from '../frame/preferences.ts';
import { INTERVALS, show, tell } from '../frame/screen.ts';
import { GUIDE } from '../guide/files.ts';
import { stopNow } from '../stop/stop-now.ts';
import { toTicket } from '../ticket/to-ticket.ts';
import type { Command } from './match.ts';

const ask = (name: 'reconcile' | 'selfTest' | 'proveHotkey' | 'drill') => () => {
  void call(name, {}).then((answer) => {
    const problem = failureText(answer);
    if (problem !== undefined) tell('danger', problem);
  });
};

const ticket = (side: 'BUY' | 'SELL', type: 'LIMIT' | 'MARKET') => () => toTicket({ side, type });

/** The guide's pages, and their sections down to the second level. */
const guide = (): readonly Command[] =>
  GUIDE.flatMap((page) =>
    page.sections
      .filter(({ depth }) => depth <= 2)
      .map(({ address, title, depth }) => ({
        name: depth === 1 ? `Guide: ${title}` : `Guide: ${page.title}: ${title}`,
        run: () => show({ page: 'guide', guide: address }),
      })),
  );

export const commands = (): readonly Command[] => [
  { name: 'Buy at a limit', run: ticket('BUY', 'LIMIT') },
  { name: 'Buy at market', run: ticket('BUY', 'MARKET') },
  { name: 'Sell at a limit', run: ticket('SELL', 'LIMIT') },
  { name: 'Sell at market', run: ticket('SELL', 'MARKET') },
  { name: 'Cancel all open orders', run: () => void cancelAll() },
  { name: 'Emergency stop: cancel everything, as the policy says', run: () => void stopNow() },
  { name: 'Emergency stop: cancel everything, keep positions', run: () => void stopNow('keep-positions') },
  { name: 'Emergency stop: cancel everything and flatten', run: () => void stopNow('flatten') },
  { name: 'Emergency stop: reset…', run: () => show({ dialog: 'reset' }) },
  { name: 'Emergency stop: show the receipt', run: () => show({ dialog: 'receipt' }) },
  { name: 'Circuit breaker: reset…', run: () => show({ dialog: 'breaker' }) },
  { name: 'Rollout ladder: promote…', run: () => show({ dialog: 'promote' }) },
  { name: 'Run a drill of the stop', run: ask('drill') },
  { name: 'Prove the hotkey', run: ask('proveHotkey') },
  { name: 'Run the self-test', run: ask('selfTest') },
  { name: 'Reconcile with the venue', run: ask('reconcile') },
  { name: 'Go to trade', run: () => show({ page: 'trade' }) },
  { name: 'Go to safety', run: () => show({ page: 'safety' }) },
  { name: 'Go to the books: reconciliation', run: () => show({ page: 'reconciliation' }) },
  { name: 'Go to journal', run: () => show({ page: 'journal' }) },
  { name: 'Go to health', run: () => show({ page: 'health' }) },
  { name: 'Go to keys', run: () => show({ page: 'keys' }) },
  { name: 'Go to policy', run: () => show({ page: 'policy' }) },
  { name: 'Go to alerts', run: () => show({ page: 'alerts' }) },
  { name: 'Go to the guide', run: () => show({ page: 'guide' }) },
  ...Object.values(useReplica.getState().view.instruments).map(({ symbol, base, quote }) => ({
    name: `Market ${base}/${quote}`,
    run: () => show({ symbol, page: 'trade' }),
  })),
  ...INTERVALS.map((interval) => ({ name: `Candles of ${interval}`, run: () => show({ interval, page: 'trade' }) })),
  { name: 'Switch mode…', run: () => show({ dialog: 'mode' }) },
  { name: 'Settings…', run: () => show({ dialog: 'settings' }) },
  { name: 'Keys of the keyboard', run: () => show({ dialog: 'shortcuts' }) },
  { name: 'Theme dark', run: () => void prefer({ theme: 'dark' }) },
  { name: 'Theme light', run: () => void prefer({ theme: 'light' }) },
  { name: 'Theme as the system', run: () => void prefer({ theme: 'system' }) },
  ...guide(),
];
