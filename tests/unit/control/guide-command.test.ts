// The guide on the command line (O, P): there with no console, no home and no network.
import { expect, test } from 'vitest';
import { GUIDE_PAGES } from '../../../src-shared/domain/guide.ts';
import { freshHome, run } from './fake-console.ts';

const guide = (...words: readonly string[]) => run(freshHome(), ['guide', ...words]);

test('lists its pages, the emergency first', async () => {
  const { exit, out } = await guide();
  expect(exit).toBe(0);
  expect(out).toMatch(/PAGE[\s\S]*emergency +Emergency procedure[\s\S]*backup +Backup and restore/);
  const json = JSON.parse((await guide('--json')).out) as readonly { readonly page: string }[];
  expect(json.map(({ page }) => page)).toEqual(GUIDE_PAGES);
});

test('shows a page whole', async () => {
  const { exit, out } = await guide('EMERGENCY');
  expect(exit).toBe(0);
  expect(out).toMatch(/^# Emergency procedure\n[\s\S]*## The last resort: the exchange itself\n[\s\S]*## The hotkey\n/);
});

test('finds the sections that have every word, in a page or in all', async () => {
  const { out } = await guide('runbook', '--find', 'clock OPERATING system');
  expect(out).toMatch(/^## The clock is off\n/);
  expect(out).not.toContain('# Incident runbook');
  const all = JSON.parse((await guide('--find', 'nonce', '--json')).out) as readonly { readonly address: string }[];
  expect(all.map(({ address }) => address)).toContain('kill-switch#the-requests');
  expect(all.map(({ address }) => address)).toContain('backup#what-is-where');
});

test('says which pages there are where one is asked for that is none, and what was not found', async () => {
  const missing = await guide('weather');
  expect(missing).toMatchObject({ exit: 2, out: '' });
  expect(missing.err).toContain('runbook');
  expect(await guide('--find', 'zebra')).toMatchObject({ exit: 2, out: '' });
  expect(await guide('runbook', 'breaker')).toMatchObject({ exit: 2, out: '' });
});
