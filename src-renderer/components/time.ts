// Text of times and durations. Clock times are UTC everywhere, because the console's days are (REQUIREMENTS).
import { useSyncExternalStore } from 'react';

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:03:59` UTC. */
export const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);
/** `2026-11-20 14:03:59` UTC. */
export const dateTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

/** Time left as `14:59` or `1:02:03`; never below zero. */
export const countdown = (leftMs: number): string => {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? clock : `${Math.floor(seconds / 3600)}:${clock}`;
};

/** Age in its largest unit that fits: `12 s`, `4 m`, `3 h`, `2 d`. */
export const age = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
};

/** A measured duration: `84 ms`, `1.20 s`. */
export const measured = (ms: number | null): string =>
  ms === null ? '–' : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer = 0;
/** Calls `listener` once a second, from one timer for the whole window. Returns how to stop. */
export const everySecond = (listener: () => void): (() => void) => {
  listeners.add(listener);
  if (listeners.size === 1) {
    nowMs = Date.now();
    timer = window.setInterval(() => {
      nowMs = Date.now();
      listeners.forEach((each) => each());
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
};

/** The time, once a second. */
export const useNowMs = (): number => useSyncExternalStore(everySecond, () => nowMs);
