// A hotkey as text, `Ctrl+Shift+F12`, and as its parts. One meaning for every shell.
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';

export interface Accelerator {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  /** `F1` … `F24`, `A` … `Z` or `0` … `9`. */
  readonly key: string;
}

const MODIFIERS: Readonly<Record<string, keyof Omit<Accelerator, 'key'>>> = { ctrl: 'ctrl', shift: 'shift', alt: 'alt', cmd: 'meta' };
const KEY = /^(?:F(?:[1-9]|1\d|2[0-4])|[A-Z]|\d)$/;

/** REQUIREMENTS E1: Ctrl+Shift+F12, on macOS Cmd+Shift+F12. */
export const defaultAccelerator = (platform: string): string => (platform === 'darwin' ? 'Cmd+Shift+F12' : 'Ctrl+Shift+F12');

/** Modifiers `Ctrl`, `Shift`, `Alt`, `Cmd` (at least one), then one key. The failure says what is wrong. */
export const parseAccelerator = (text: string): Result<Accelerator, string> => {
  const parts = text.split('+');
  const key = (parts.pop() ?? '').toUpperCase();
  if (!KEY.test(key)) return fail(`"${text}" does not end in a key: F1 to F24, a letter or a digit`);
  const held = parts.map((part) => (Object.hasOwn(MODIFIERS, part.toLowerCase()) ? MODIFIERS[part.toLowerCase()] : undefined));
  if (held.length === 0 || held.includes(undefined)) return fail(`"${text}" needs modifiers out of Ctrl, Shift, Alt, Cmd`);
  const has = (name: keyof Accelerator): boolean => held.includes(name as (typeof held)[number]);
  return ok({ ctrl: has('ctrl'), shift: has('shift'), alt: has('alt'), meta: has('meta'), key });
};
