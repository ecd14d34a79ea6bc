// The process that listens to the keyboard for the panic hotkey, and nothing else. It is a process of its own because X11's library
// ends whoever uses it when the display dies or is not there: that must never be the engine. Every key of the desktop passes here;
// nothing but the one accelerator may be looked at, kept or told.
import { uIOhook, UiohookKey } from 'uiohook-napi';
import type { Accelerator } from './accelerator.ts';
import { steadyEpochMs } from './timers.ts';

/** What this process tells its parent. */
export type ListenerMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'pressed' | 'released'; readonly atMs: number }
  | { readonly kind: 'refused'; readonly text: string };

const tell = (message: ListenerMessage): void => {
  process.send?.(message);
};

const listen = ({ ctrl, shift, alt, meta, key }: Accelerator): void => {
  const code = (UiohookKey as Readonly<Record<string, number>>)[key];
  if (code === undefined) return tell({ kind: 'refused', text: `the key ${key} is not known to the keyboard hook` });
  uIOhook.on('keydown', (event) => {
    if (event.keycode !== code) return;
    if (event.ctrlKey === ctrl && event.shiftKey === shift && event.altKey === alt && event.metaKey === meta)
      tell({ kind: 'pressed', atMs: steadyEpochMs() });
  });
  uIOhook.on('keyup', (event) => {
    if (event.keycode === code) tell({ kind: 'released', atMs: steadyEpochMs() });
  });
  uIOhook.start();
  tell({ kind: 'listening' });
};

// Ctrl+C in the terminal reaches this process too; only the console decides when it ends, by letting go of it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
try {
  listen(JSON.parse(process.argv[2] ?? '') as Accelerator);
} catch (error) {
  tell({ kind: 'refused', text: error instanceof Error ? error.message : 'the keyboard hook failed' });
}
