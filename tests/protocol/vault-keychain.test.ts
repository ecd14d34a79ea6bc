// Keys in a real secret service (N1): gnome-keyring on a D-Bus session of its own, with a home of its own. Nothing of this user's is touched.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshHome } from '../unit/control/fake-console.ts';

const SESSION = fileURLToPath(new URL('./keychain-session.ts', import.meta.url));
const SECRET = 'planted'.repeat(9);

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('A secret service of its own can be started on Linux alone: the keychain tests did not run');

/** `npm test` installs both on Debian. Without them the keychain would go untested, which must not look like success. */
const requirePrograms = (): void => {
  const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
    (program) => spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} not found. Install them (Debian: apt-get install dbus gnome-keyring).`);
};

const environment = (home: string): NodeJS.ProcessEnv => {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
  return {
    ...rest,
    HOME: home,
    XDG_DATA_HOME: `${home}/data`,
    XDG_RUNTIME_DIR: home,
    XDG_CACHE_HOME: `${home}/cache`,
    XDG_CONFIG_HOME: `${home}/config`,
    TEST_SECRET: SECRET,
  };
};

test.runIf(isLinux)('a mainnet key is stored in the keychain, survives a restart, signs, and goes when it is deleted', () => {
  requirePrograms();
  const home = freshHome();
  // The daemon ends with its bus, and that with the command.
  const script = 'printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$1" "$2"';
  const out = execFileSync('dbus-run-session', ['--', '/bin/sh', '-c', script, process.execPath, SESSION, home], {
    env: environment(home),
    encoding: 'utf8',
    timeout: 60_000,
  });
  const said = JSON.parse(out);
  expect(said.empty).toMatchObject([{ stored: 'none', keychain: { available: true } }, { stored: 'none' }]);
  expect(said.proved).toEqual({ ok: true });
  expect(said.set).toMatchObject({ ok: true, value: { stored: 'keychain', kind: 'hmac', hint: 'publ…blic' } });
  expect(said.tested).toMatchObject({ ok: true, value: expect.stringContaining('read back from the keychain') });
  expect(said.status[1]).toMatchObject({ stored: 'keychain' });
  expect(said.same).toBe(true);
  expect(said.deleted).toMatchObject({ ok: true, value: { stored: 'none' } });
  expect(out).not.toContain(SECRET);
  expect(filesHolding(home, SECRET)).toEqual([]);
});

test.runIf(isLinux)('with no secret service a mainnet key is refused, nothing is written anywhere, and the way out is named', () => {
  const home = freshHome();
  const out = execFileSync(process.execPath, [SESSION, home], { env: environment(home), encoding: 'utf8', timeout: 60_000 });
  const said = JSON.parse(out);
  expect(said.set).toMatchObject({ ok: false, error: expect.stringMatching(/secret service.*Nothing was stored/) });
  expect(said.same).toBe(false);
  expect(out).not.toContain(SECRET);
  expect(filesHolding(home, SECRET)).toEqual([]);
});

const filesHolding = (folder: string, text: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.readFileSync(file).includes(text));
