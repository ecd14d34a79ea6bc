// Ties the panic hotkey to a console: what a press does, and where its state shows. The same in every shell.
import { fail } from '../../src-shared/errors/result.ts';
import type { CallResult } from '../../src-shared/contract/contract.ts';
import { defaultAccelerator } from './accelerator.ts';
import { createHotkey } from './hotkey.ts';
import type { Hotkey, HotkeySource } from './hotkey.ts';
import type { ConsoleApi } from './port.ts';
import { schedule, steadyEpochMs } from './timers.ts';

export interface PanicHotkey {
  start(console: ConsoleApi): Promise<void>;
  prove(): CallResult<{ readonly waitMs: number }>;
  close(): void;
}

export const createPanicHotkey = (source: HotkeySource): PanicHotkey => {
  let hotkey: Hotkey | null = null;
  return {
    async start(console) {
      hotkey = createHotkey({
        source,
        accelerator: defaultAccelerator(process.platform),
        nowMs: steadyEpochMs,
        schedule,
        trip: () => console.trip('hotkey', 'the panic hotkey was pressed'),
        show: (view) => console.setHotkey(view),
      });
      await hotkey.start();
    },
    prove: () => hotkey?.prove() ?? fail({ code: 'UNAVAILABLE', text: 'The console is still starting; try again in a moment.' }),
    close: () => hotkey?.close(),
  };
};
