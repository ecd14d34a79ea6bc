// The panic hotkey (REQUIREMENTS E1, E2): ARMED only after a real press; in doubt a press stops trading.
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import type { HotkeyView } from '../../../src-shared/contract/view.ts';
import { acceleratorText, parseAccelerator } from '../../../src-main/shell/accelerator.ts';
import { createHotkey, PROOF_WAIT_MS, stepHotkey } from '../../../src-main/shell/hotkey.ts';
import type { HotkeyListener, HotkeySource } from '../../../src-main/shell/hotkey.ts';
import { fakeTimers } from './fake-console.ts';

const setUp = (refusal?: string, accelerator = 'CommandOrControl+Shift+F12') => {
  const timers = fakeTimers();
  const views: HotkeyView[] = [];
  const keyboard: { listener?: HotkeyListener; released: number } = { released: 0 };
  let trips = 0;
  const source: HotkeySource = {
    register(_accelerator, listener) {
      keyboard.listener = listener;
      return Promise.resolve(refusal === undefined ? ok(() => (keyboard.released += 1)) : fail(refusal));
    },
  };
  const hotkey = createHotkey({
    ...timers,
    source,
    accelerator,
    platform: 'linux',
    trip: () => (trips += 1),
    show: (view) => views.push(view),
  });
  /** One finger on the key: down, repeats while held, up. */
  const press = (heldMs = 80): void => {
    keyboard.listener?.onPress(timers.nowMs());
    for (let ms = 660; ms < heldMs; ms += 40) {
      timers.advance(ms === 660 ? 660 : 40);
      keyboard.listener?.onPress(timers.nowMs());
    }
    timers.advance(40);
    keyboard.listener?.onRelease(timers.nowMs());
    timers.advance(100);
  };
  return { hotkey, timers, views, keyboard, press, status: () => views.at(-1)?.status, trips: () => trips };
};

describe('the panic hotkey', () => {
  it('is NOT ARMED after it was registered: that proves nothing', async () => {
    const { hotkey, status, views } = setUp();
    await hotkey.start();
    expect(status()).toBe('NOT_ARMED');
    expect(views.at(-1)?.text).toContain('prove');
  });

  it('is ARMED by the press that was asked for, which does not stop trading; the next one does', async () => {
    const { hotkey, press, status, trips, views } = setUp();
    await hotkey.start();
    expect(hotkey.prove()).toEqual({ ok: true, value: { waitMs: PROOF_WAIT_MS } });
    expect(status()).toBe('PROVING');
    press();
    expect([status(), trips()]).toEqual(['ARMED', 0]);
    expect(views.at(-1)?.provenAtMs).toBeGreaterThan(0);
    press();
    expect([status(), trips()]).toEqual(['ARMED', 1]);
  });

  it('held down is one press: the proof does not stop trading by its own repeats', async () => {
    const { hotkey, press, status, trips } = setUp();
    await hotkey.start();
    hotkey.prove();
    press(3_000);
    expect([status(), trips()]).toEqual(['ARMED', 0]);
    press(3_000);
    expect(trips()).toBe(1);
  });

  it('held down is one press also where releases are not told (Electron) and where X11 repeats as pairs', async () => {
    const { hotkey, timers, keyboard, trips, status } = setUp();
    await hotkey.start();
    hotkey.prove();
    for (let n = 0; n < 40; n += 1) {
      keyboard.listener?.onPress(timers.nowMs());
      timers.advance(40);
    }
    for (let n = 0; n < 40; n += 1) {
      keyboard.listener?.onRelease(timers.nowMs());
      timers.advance(2);
      keyboard.listener?.onPress(timers.nowMs());
      timers.advance(40);
    }
    expect([status(), trips()]).toEqual(['ARMED', 0]);
  });

  it('stops trading when pressed unproven, and is proven by that', async () => {
    const { hotkey, press, status, trips } = setUp();
    await hotkey.start();
    press();
    expect([status(), trips()]).toEqual(['ARMED', 1]);
  });

  it('goes back to what it was when no press comes in time, and stops trading from then on', async () => {
    const { hotkey, timers, press, status, trips } = setUp();
    await hotkey.start();
    hotkey.prove();
    timers.advance(PROOF_WAIT_MS);
    expect(status()).toBe('NOT_ARMED');
    press();
    expect(trips()).toBe(1);
    hotkey.prove();
    timers.advance(PROOF_WAIT_MS);
    expect(status()).toBe('ARMED');
  });

  it('pressed after the wait stops trading, even where a busy console had not noticed that the wait was over', () => {
    const proving = { kind: 'PROVING', untilMs: 100, before: { kind: 'NOT_ARMED', listening: true, text: '' } } as const;
    expect(stepHotkey(proving, { kind: 'pressed' }, 99).trips).toBe(false);
    expect(stepHotkey(proving, { kind: 'pressed' }, 100).trips).toBe(true);
  });

  it('stops trading twice for two presses 200 ms apart: only a held key is one press', async () => {
    const { hotkey, press, trips } = setUp();
    await hotkey.start();
    press();
    press();
    expect(trips()).toBe(2);
  });

  it('is heard by the time it was pressed, not by when a busy console got to it', async () => {
    const { hotkey, keyboard, status, trips } = setUp();
    await hotkey.start();
    hotkey.prove();
    // All of it arrives in one go: the proof, another combination with the same key, then the press that counts.
    keyboard.listener?.onPress(1_000);
    keyboard.listener?.onRelease(1_080);
    keyboard.listener?.onRelease(1_500);
    keyboard.listener?.onPress(1_510);
    expect([status(), trips()]).toEqual(['ARMED', 1]);
  });

  it('that the system refuses says why, and cannot be proven', async () => {
    const { hotkey, status, views } = setUp('another program owns it: free it');
    await hotkey.start();
    expect(status()).toBe('NOT_ARMED');
    expect(views.at(-1)?.text).toBe('another program owns it: free it');
    expect(hotkey.prove()).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE', text: 'another program owns it: free it' } });
  });

  it('that was ARMED and is lost says NOT ARMED at once', async () => {
    const { hotkey, press, keyboard, status, views } = setUp();
    await hotkey.start();
    hotkey.prove();
    press();
    keyboard.listener?.onLost('the display is gone');
    expect([status(), views.at(-1)?.text]).toEqual(['NOT_ARMED', 'the display is gone']);
  });

  it('lets go of the key when closed', async () => {
    const { hotkey, keyboard } = setUp();
    await hotkey.start();
    hotkey.close();
    hotkey.close();
    expect(keyboard.released).toBe(1);
  });
});

describe('the key that the policy names', () => {
  it('is shown as the keyboard has it', async () => {
    const { hotkey, views } = setUp(undefined, 'CommandOrControl+Alt+9');
    await hotkey.start();
    expect(views.at(-1)?.accelerator).toBe('Ctrl+Alt+9');
  });

  it('is NOT ARMED with the fix when it is none, and nothing is registered', async () => {
    const { hotkey, views, keyboard } = setUp(undefined, 'Shift+A');
    await hotkey.start();
    expect(views.at(-1)).toMatchObject({ status: 'NOT_ARMED', accelerator: 'Shift+A' });
    expect(views.at(-1)?.text).toMatch(/"Shift\+A" is pressed in plain typing.*emergencyStop\.hotkey/);
    expect(keyboard.listener).toBeUndefined();
    expect(hotkey.prove().ok).toBe(false);
  });

  it('that is let go while it is still being registered stays let go, and its presses count no more', async () => {
    const { hotkey, keyboard, press, trips } = setUp();
    const started = hotkey.start();
    hotkey.close();
    await started;
    expect(keyboard.released).toBe(1);
    press();
    expect(trips()).toBe(0);
  });
});

describe('an accelerator', () => {
  it('is its modifiers and one key, whatever their order and case', () => {
    const parsed = { ok: true, value: { ctrl: true, shift: true, alt: false, meta: false, key: 'F12' } };
    expect(parseAccelerator('Control+Shift+F12', 'linux')).toEqual(parsed);
    expect(parseAccelerator('shift+ctrl+f12', 'darwin')).toEqual(parsed);
    expect(parseAccelerator('CommandOrControl+Shift+F12', 'win32')).toEqual(parsed);
    expect(parseAccelerator('CommandOrControl+Shift+F12', 'darwin')).toMatchObject({ value: { meta: true, ctrl: false } });
  });

  it.each(['', 'F12', 'Ctrl+', 'Ctrl+F25', 'Hyper+F12', 'Ctrl++F12', 'toString+A', 'Ctrl+Shift', 'Shift+A'])('%j is none', (text) => {
    expect(parseAccelerator(text, 'linux').ok).toBe(false);
  });

  it.each([
    ['linux', 'Super+Alt+1', 'Super+Alt+1'],
    ['linux', 'CommandOrControl+Shift+F12', 'Ctrl+Shift+F12'],
    ['win32', 'Super+F1', 'Win+F1'],
    ['darwin', 'CommandOrControl+Shift+F12', 'Cmd+Shift+F12'],
  ])('is read on %s as its keyboard has it: %s', (platform, text, shown) => {
    const parsed = parseAccelerator(text, platform);
    expect(parsed.ok && acceleratorText(parsed.value, platform)).toBe(shown);
  });
});
