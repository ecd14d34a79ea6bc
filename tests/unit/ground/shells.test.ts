// Which shells the end-to-end flows run in, and what is said of one that they do not: never a silence that looks like success.
import { expect, test } from 'vitest';
import { chooseShells, electronHere } from '../../e2e/shells.ts';
import type { ElectronHere } from '../../e2e/shells.ts';

const namesOf = async (here: ElectronHere): Promise<readonly string[]> => (await chooseShells(here)).shells.map(({ name }) => name);
const here = (binary: string | undefined, inspectable = true): ElectronHere => ({
  binary,
  isInspectable: () => Promise.resolve(inspectable),
});

test('the flows run in both shells where the runtime is present, and nothing is left out', async () => {
  expect(await chooseShells(here('electron'))).toMatchObject({ shells: [{ name: 'chromium' }, { name: 'electron' }], notes: [] });
});

test('without the runtime they run in Chromium, and one line says what did not run', async () => {
  expect(await namesOf(here(undefined))).toEqual(['chromium']);
  expect((await chooseShells(here(undefined))).notes).toEqual([
    "Electron's runtime is not on this machine: its end-to-end tests did not run",
  ]);
});

test('a runtime whose inspect fuse is off is left alone: playwright would wait for it for ever', async () => {
  expect(await namesOf(here('electron', false))).toEqual(['chromium']);
  expect((await chooseShells(here('electron', false))).notes).toEqual([expect.stringMatching(/inspect fuse.*did not run$/)]);
});

test('looking for the runtime downloads nothing and answers at once', () => {
  const { binary } = electronHere;
  expect(binary === undefined || binary.includes('electron')).toBe(true);
});
