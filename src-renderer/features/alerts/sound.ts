// The sound of an alert: short tones made here, no file. Once for a cause that is new or got worse, never for old news, and only from the
// severity on that the trader chose.
import type { AlertLevel } from '../../../src-shared/domain/alerts.ts';
import { reaches } from '../../../src-shared/domain/alerts.ts';
import type { AlertView, ConsoleView } from '../../../src-shared/contract/view.ts';

/** What is older was heard before this window was opened, or missed. */
const FRESH_MS = 10_000;
const SAME_CAUSE_MS = 60_000;

const isNews = (before: AlertView | undefined, { atMs, severity }: AlertView): boolean =>
  before === undefined || before.severity !== severity || atMs - before.atMs >= SAME_CAUSE_MS;

/** The worst of what has just been raised and should be heard, or null. */
export const soundOf = (
  before: ConsoleView['alerts'],
  now: ConsoleView['alerts'],
  level: AlertLevel,
  nowMs: number,
): 'danger' | 'warning' | null => {
  const fresh = Object.entries(now)
    .filter(([key, alert]) => before[key] !== alert && isNews(before[key], alert) && nowMs - alert.atMs < FRESH_MS)
    .map(([, { severity }]) => severity)
    .filter((severity) => reaches(level, severity));
  return fresh.includes('danger') ? 'danger' : fresh.includes('warning') ? 'warning' : null;
};

/** Hertz of the tones, one after the other. */
const TONES: Readonly<Record<'danger' | 'warning', readonly number[]>> = { danger: [880, 660, 880, 660], warning: [660, 520] };
const TONE_SECONDS = 0.16;
const LOUDNESS = 0.2;

let audio: AudioContext | undefined;

/** Plays it now. Where the system lets nothing sound, nothing sounds, and nobody is held up. */
export const play = (severity: 'danger' | 'warning'): void => {
  audio ??= new AudioContext();
  const context = audio;
  void context.resume().then(() => {
    TONES[severity].forEach((hertz, at) => {
      const [from, to] = [context.currentTime + at * TONE_SECONDS, context.currentTime + (at + 1) * TONE_SECONDS];
      const tone = new OscillatorNode(context, { type: 'square', frequency: hertz });
      const volume = new GainNode(context, { gain: LOUDNESS });
      volume.gain.setValueAtTime(LOUDNESS, to - 0.03);
      volume.gain.linearRampToValueAtTime(0, to);
      tone.connect(volume).connect(context.destination);
      tone.start(from);
      tone.stop(to);
    });
  });
};
