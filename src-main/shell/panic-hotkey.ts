// Ties the panic hotkey to a console: which key it is, what a press does, and where its state shows. The same in every shell.
import { fail } from '../../src-shared/errors/result.ts';
import type { CallResult } from '../../src-shared/contract/contract.ts';
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
  let unfollow: () => void = () => undefined;
  // Another accelerator is another key: the old one is let go, and the new one must be proven anew.
  const use = (console: ConsoleApi, accelerator: string): Promise<void> => {
    hotkey?.close();
    hotkey = createHotkey({
      source,
      accelerator,
      platform: process.platform,
      nowMs: steadyEpochMs,
      schedule,
      trip: () => console.trip('hotkey', 'the panic hotkey was pressed'),
      show: (view) => console.setHotkey(view),
    });
    return hotkey.start();
  };
  return {
    async start(console) {
      unfollow = console.onHotkeyAccelerator((accelerator) => void use(console, accelerator));
      await use(console, console.hotkeyAccelerator());
    },
    prove: () => hotkey?.prove() ?? fail({ code: 'UNAVAILABLE', text: 'The console is still starting; try again in a moment.' }),
    close() {
      unfollow();
      hotkey?.close();
    },
  };
};
