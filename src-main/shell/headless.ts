// No window: the engine, the terminal and, where a display exists all the same, the panic hotkey.
import type { HotkeySource } from './hotkey.ts';
import { createPanicHotkey } from './panic-hotkey.ts';
import type { Shell } from './port.ts';

export const createHeadlessShell = (hotkeySource: HotkeySource): Shell => {
  const hotkey = createPanicHotkey(hotkeySource);
  return {
    name: 'headless',
    lacks: ['a window', 'a tray icon', 'desktop notifications (alerts appear in the terminal)'],
    open: (console) => hotkey.start(console),
    proveHotkey: () => hotkey.prove(),
    notify: () => undefined,
    onQuit: () => undefined,
    confirmQuit: () => Promise.resolve('quit'),
    reopen: () => Promise.resolve(),
    close() {
      hotkey.close();
      return Promise.resolve();
    },
  };
};
