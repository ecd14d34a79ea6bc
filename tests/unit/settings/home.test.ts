// Where things are kept: the same home for console and command line, journals apart (A2), preferences that survive.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { controlAddress, homeOf, journalPath, prepareHome } from '../../../src-main/settings/home.ts';
import { openPreferences } from '../../../src-main/settings/preferences.ts';
import { freshHome } from '../control/fake-console.ts';

test('the option wins over HOLDFAST_HOME, and that over the place of the operating system', () => {
  expect(homeOf('a', { HOLDFAST_HOME: '/b' })).toBe(path.resolve('a'));
  expect(homeOf(undefined, { HOLDFAST_HOME: '/b' })).toBe(path.resolve('/b'));
  expect(homeOf(undefined, { XDG_DATA_HOME: '/data' }, 'linux')).toBe(path.resolve('/data/holdfast'));
  expect(homeOf('', {}, 'linux')).toMatch(/\.local[\\/]share[\\/]holdfast$/);
  expect(homeOf(undefined, {}, 'darwin')).toMatch(/Application Support[\\/]Holdfast$/);
  expect(homeOf(undefined, { LOCALAPPDATA: '/local' }, 'win32')).toBe(path.resolve('/local/Holdfast'));
});

test('journals are apart per mode and account, and no account name escapes the folder', () => {
  const names = ['main', 'Main', '../../etc', 'a/b', 'a-b', '.', '', 'x'.repeat(200), 'A\u0000'];
  const paths = new Set(names.flatMap((name) => (['practice', 'testnet'] as const).map((mode) => journalPath('/home', mode, name))));
  expect(paths.size).toBe(names.length * 2);
  for (const file of paths) expect(path.dirname(file)).toBe(path.join('/home', 'journals'));
});

test('the socket stays within what the system allows, one a home', () => {
  const long = controlAddress(`/${'x'.repeat(200)}`, 'linux');
  expect(Buffer.byteLength(long)).toBeLessThan(104);
  expect(controlAddress(`/${'x'.repeat(201)}`, 'linux')).not.toBe(long);
  expect(controlAddress('C:/Users/x', 'win32')).toMatch(/^\\\\\.\\pipe\\holdfast-[0-9a-f]{16}$/);
});

test.skipIf(process.platform === 'win32')("a home that others could read is made this user's alone", () => {
  const home = freshHome();
  fs.chmodSync(home, 0o755);
  prepareHome(home);
  expect(fs.statSync(home).mode & 0o777).toBe(0o700);
});

test('preferences survive a restart, and a broken file is replaced by the defaults', () => {
  const home = freshHome();
  const preferences = openPreferences(home);
  expect(preferences.get()).toEqual({ theme: 'dark', palette: 'standard' });
  expect(preferences.set({ theme: 'light', palette: 'colour-blind' })).toEqual({ theme: 'light', palette: 'colour-blind' });
  expect(openPreferences(home).get()).toEqual({ theme: 'light', palette: 'colour-blind' });
  fs.writeFileSync(path.join(home, 'preferences.json'), '{"theme": "neon"}');
  expect(openPreferences(home).get()).toEqual({ theme: 'dark', palette: 'standard' });
  fs.writeFileSync(path.join(home, 'preferences.json'), 'no json');
  expect(openPreferences(home).get()).toEqual({ theme: 'dark', palette: 'standard' });
});
