// Time for the shells, in the shape their ports ask for.

/** Runs later, once; gives back the way to prevent it. A pending run does not keep the process alive. */
export const schedule = (run: () => void, delayMs: number): (() => void) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
};

/** Milliseconds since 1970 as they were at start, counted on evenly: a clock that is set back must not make a press look old. */
export const steadyEpochMs = (): number => performance.timeOrigin + performance.now();
