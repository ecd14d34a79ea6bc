// The panic hotkey through Electron's global shortcuts. A registration that "succeeded" proves nothing (E2): the proof is a press.
import type { GlobalShortcut } from 'electron';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import type { Accelerator } from '../accelerator.ts';
import type { HotkeySource } from '../hotkey.ts';
import { steadyEpochMs } from '../timers.ts';

const electronName = ({ ctrl, shift, alt, meta, key }: Accelerator): string =>
  [...(ctrl ? ['Control'] : []), ...(shift ? ['Shift'] : []), ...(alt ? ['Alt'] : []), ...(meta ? ['Super'] : []), key].join('+');

const REFUSED =
  'The system refused the key: another program may own it, or (Wayland, GNOME) the shortcut must be allowed in the system settings. ' +
  'Free it there and start again. Meanwhile bind a shortcut of your desktop to the command "holdfast stop".';

export const electronHotkeySource = (globalShortcut: Pick<GlobalShortcut, 'register' | 'unregister'>): HotkeySource => ({
  register(accelerator, listener) {
    const name = electronName(accelerator);
    if (!globalShortcut.register(name, () => listener.onPress(steadyEpochMs()))) return Promise.resolve(fail(REFUSED));
    return Promise.resolve(ok(() => globalShortcut.unregister(name)));
  },
});
