// The listening process may die with the display, be refused, or stay silent: the console says so and lives on.
import { EventEmitter } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../../../src-main/shell/accelerator.ts';
import { desktopHotkeySource, desktopProblem } from '../../../src-main/shell/hotkey-desktop.ts';

const F12: Accelerator = { ctrl: true, shift: true, alt: false, meta: false, key: 'F12' };

class FakeChild extends EventEmitter {
  connected = true;
  killed = false;
  disconnect(): void {
    this.connected = false;
  }
  kill(): boolean {
    this.killed = true;
    return true;
  }
}

const setUp = () => {
  const child = new FakeChild();
  const heard: string[] = [];
  const source = desktopHotkeySource('linux', { DISPLAY: ':0' }, () => child as unknown as ChildProcess);
  const registered = source.register(F12, {
    onPress: (atMs) => heard.push(`press ${atMs}`),
    onRelease: (atMs) => heard.push(`release ${atMs}`),
    onLost: (text) => heard.push(`lost: ${text}`),
  });
  return { child, heard, registered };
};

describe('the listening process', () => {
  it('passes presses and releases on until it is let go', async () => {
    const { child, heard, registered } = setUp();
    child.emit('message', { kind: 'listening' });
    const result = await registered;
    child.emit('message', { kind: 'pressed', atMs: 7 });
    child.emit('message', { kind: 'released', atMs: 8 });
    if (result.ok) result.value();
    child.emit('message', { kind: 'pressed', atMs: 7 });
    child.emit('exit', 0, null);
    expect(heard).toEqual(['press 7', 'release 8']);
    expect(child.connected).toBe(false);
  });

  it('that dies later is lost, with what to do', async () => {
    const { child, heard, registered } = setUp();
    child.emit('message', { kind: 'listening' });
    await registered;
    child.emit('exit', null, 'SIGABRT');
    expect(heard).toEqual([expect.stringMatching(/^lost: .*SIGABRT.*holdfast stop/)]);
  });

  it.each([
    ['refuses', (child: FakeChild) => child.emit('message', { kind: 'refused', text: 'no keyboard' }), /no keyboard/],
    ['dies at once', (child: FakeChild) => child.emit('exit', 134, null), /134/],
    ['cannot be started', (child: FakeChild) => child.emit('error', new Error('ENOENT')), /ENOENT/],
  ])('that %s is a refusal in words', async (_how, happen, words) => {
    const { child, heard, registered } = setUp();
    happen(child);
    expect(await registered).toMatchObject({ ok: false, error: expect.stringMatching(words) as string });
    expect(heard).toEqual([]);
  });
});

describe('a desktop', () => {
  it('with Wayland or without a display is refused before anything starts, with the fix in words (E2)', async () => {
    expect(desktopProblem('linux', { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' })).toMatch(/Wayland.*X11.*holdfast stop/s);
    expect(desktopProblem('linux', {})).toMatch(/no display/);
    expect(desktopProblem('linux', { DISPLAY: ':0' })).toBeUndefined();
    expect(desktopProblem('win32', {})).toBeUndefined();
    const never = desktopHotkeySource('linux', {}, () => {
      throw new Error('must not be started');
    });
    expect((await never.register(F12, { onPress: () => undefined, onRelease: () => undefined, onLost: () => undefined })).ok).toBe(false);
  });

  it('that is named but not there ends the listener, not the console', async () => {
    const displayWas = process.env['DISPLAY'];
    process.env['DISPLAY'] = ':987';
    try {
      const source = desktopHotkeySource('linux', { DISPLAY: ':987' });
      const result = await source.register(F12, {
        onPress: () => undefined,
        onRelease: () => undefined,
        onLost: () => undefined,
      });
      expect(result).toMatchObject({ ok: false, error: expect.stringContaining('does not run') as string });
    } finally {
      if (displayWas === undefined) delete process.env['DISPLAY'];
      else process.env['DISPLAY'] = displayWas;
    }
  });
});
