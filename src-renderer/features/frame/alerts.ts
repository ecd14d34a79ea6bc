// Brings the console's alerts before the person, as a sound and as notices: each once while it is news. Where it is not (a window opened
// hours later), the alerts page has them.
import type { AlertView, ConsoleView } from '../../../src-shared/contract/view.ts';
import { useReplica } from '../../replica/replica.ts';
import { play, soundOf } from '../alerts/sound.ts';
import { tell } from './screen.ts';

const NEWS_MS = 600_000;

/** The emergency stop tells of itself on every page: a notice of it would only cover something. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(['stop']);

/** What is in `now` and was not in `before`, asks for a person, and is young enough to be news. Oldest first. */
export const newsOf = (before: ConsoleView['alerts'], now: ConsoleView['alerts'], nowMs: number): readonly AlertView[] =>
  Object.entries(now)
    .filter(([key, alert]) => before[key]?.atMs !== alert.atMs && !SHOWN_ELSEWHERE.has(key) && nowMs - alert.atMs < NEWS_MS)
    .map(([, alert]) => alert)
    .filter(({ severity }) => severity === 'warning' || severity === 'danger')
    .toSorted((a, b) => a.atMs - b.atMs);

/** Follows the replica; returns how to stop. */
export const startAlerts = (): (() => void) =>
  useReplica.subscribe(({ view }, before) => {
    if (view.alerts === before.view.alerts) return;
    const level = view.safety.alerting?.outlets.find(({ outlet }) => outlet === 'sound')?.level ?? 'off';
    const sound = soundOf(before.view.alerts, view.alerts, level, Date.now());
    if (sound !== null) play(sound);
    for (const { severity, title, text, atMs } of newsOf(before.view.alerts, view.alerts, Date.now()))
      tell(severity === 'warning' ? 'warning' : 'danger', `${title}: ${text}`, atMs);
  });
