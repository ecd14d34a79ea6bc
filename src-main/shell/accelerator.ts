// A hotkey as the policy writes it, `CommandOrControl+Shift+F12`, as its parts, and as a person reads it. One meaning for every shell.
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';

export interface Accelerator {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Command on macOS, else the key with the system's sign. */
  readonly meta: boolean;
  /** `F1` … `F24`, `A` … `Z` or `0` … `9`. */
  readonly key: string;
}

type Modifier = keyof Omit<Accelerator, 'key'>;

const MODIFIERS: ReadonlyMap<string, Modifier> = new Map([
  ['ctrl', 'ctrl'],
  ['control', 'ctrl'],
  ['shift', 'shift'],
  ['alt', 'alt'],
  ['cmd', 'meta'],
  ['command', 'meta'],
  ['super', 'meta'],
]);
const KEY = /^(?:F(?:[1-9]|1\d|2[0-4])|[A-Z]|\d)$/;

const modifierOf = (name: string, platform: string): Modifier | undefined =>
  name === 'commandorcontrol' ? (platform === 'darwin' ? 'meta' : 'ctrl') : MODIFIERS.get(name);

/**
 * Modifiers, then one key, whatever their case. The failure is a sentence on what is wrong with it: among others a key that plain
 * typing would press.
 */
export const parseAccelerator = (text: string, platform: string): Result<Accelerator, string> => {
  const parts = text.split('+');
  const key = (parts.pop() ?? '').toUpperCase();
  if (!KEY.test(key)) return fail(`"${text}" does not end in a key: F1 to F24, a letter or a digit.`);
  const held = parts.map((part) => modifierOf(part.toLowerCase(), platform));
  if (held.length === 0 || held.includes(undefined))
    return fail(`"${text}" needs modifiers out of CommandOrControl, Command, Control, Alt, Shift, Super.`);
  const has = (name: Modifier): boolean => held.includes(name);
  if (key.length === 1 && held.every((name) => name === 'shift')) return fail(`"${text}" is pressed in plain typing.`);
  return ok({ ctrl: has('ctrl'), shift: has('shift'), alt: has('alt'), meta: has('meta'), key });
};

const META: Readonly<Record<string, string>> = { darwin: 'Cmd', win32: 'Win' };

/** As on the keyboard: `Ctrl+Shift+F12`, on macOS `Cmd+Shift+F12`. */
export const acceleratorText = ({ ctrl, shift, alt, meta, key }: Accelerator, platform: string): string =>
  [...(ctrl ? ['Ctrl'] : []), ...(meta ? [META[platform] ?? 'Super'] : []), ...(alt ? ['Alt'] : []), ...(shift ? ['Shift'] : []), key].join(
    '+',
  );
