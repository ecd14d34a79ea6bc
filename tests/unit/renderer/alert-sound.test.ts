// L4: what of the alerts is heard in the window: the worst of what is new, from the chosen severity on, and nothing twice.
import { expect, it } from 'vitest';
import { soundOf } from '../../../src-renderer/features/alerts/sound.ts';
import type { AlertView } from '../../../src-shared/contract/view.ts';

const NOW = 1_000_000;
const alert = (severity: AlertView['severity'], atMs = NOW): AlertView => ({ severity, atMs, title: 'T', text: '', times: 1 });

it.each([
  ['a danger', {}, { a: alert('danger') }, 'danger'],
  ['the worst of several', {}, { a: alert('warning'), b: alert('danger'), c: alert('good') }, 'danger'],
  ['a warning', {}, { a: alert('warning') }, 'warning'],
  ['a cause that got worse', { a: alert('warning', NOW - 1000) }, { a: alert('danger') }, 'danger'],
  ['a cause that was quiet for a minute', { a: alert('danger', NOW - 60_000) }, { a: alert('danger') }, 'danger'],
] as const)('%s is heard', (_what, before, now, heard) => {
  expect(soundOf(before, now, 'warning', NOW)).toBe(heard);
});

const SAME = alert('danger');
it.each([
  ['an all-clear', {}, { a: alert('good') }],
  ['what is only told', {}, { a: alert('info') }],
  ['the same cause again', { a: alert('danger', NOW - 1000) }, { a: alert('danger') }],
  ['what was there before', { a: SAME }, { a: SAME }],
  ['old news of a window that was just opened', {}, { a: alert('danger', NOW - 10_000) }],
] as const)('%s is not', (_what, before, now) => {
  expect(soundOf(before, now, 'warning', NOW)).toBeNull();
});

it('the trader’s choice holds', () => {
  const now = { a: alert('warning'), b: alert('danger') };
  expect(soundOf({}, now, 'off', NOW)).toBeNull();
  expect(soundOf({}, { a: alert('warning') }, 'danger', NOW)).toBeNull();
  expect(soundOf({}, now, 'danger', NOW)).toBe('danger');
});
