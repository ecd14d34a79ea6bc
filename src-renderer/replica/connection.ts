// Keeps a replica equal to the engine: one snapshot, then numbered deltas. A gap or silence makes the view stale at once and asks
// anew by itself; it must never show a picture with a hole in it as current (DESIGN 1, M6).
import type { CallResult, Push } from '../../src-shared/contract/contract.ts';
import { applyDelta } from '../../src-shared/contract/view.ts';
import type { Delta, MarketFrame, Snapshot } from '../../src-shared/contract/view.ts';

export interface ConnectionPorts {
  readonly subscribe: () => Promise<CallResult<Snapshot>>;
  readonly onPush: (listener: (push: Push) => void) => () => void;
  readonly nowMs: () => number;
  /** Runs once after `delayMs`; returns how to call it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

export interface ConnectionSink {
  readonly live: (snapshot: Snapshot) => void;
  readonly stale: (why: string, sinceMs: number) => void;
  readonly market: (frame: MarketFrame) => void;
}

/** Nothing heard for this long: the view asks whether the console is still there. Market frames come up to 20 a second. */
export const SILENCE_MS = 5_000;
const RETRY_MS = [0, 250, 500, 1_000, 2_000];
/** More than this many deltas while a snapshot is awaited means that it will not come: memory stays bounded. */
const MAX_WAITING = 10_000;

/** Starts the replica. Returns how to end it. */
export const connect = (ports: ConnectionPorts, sink: ConnectionSink): (() => void) => {
  let at: Snapshot | undefined;
  let waiting: Delta[] = [];
  let failures = 0;
  let asking = false;
  let heardAtMs = ports.nowMs();
  let closed = false;
  let callOff: () => void = () => undefined;

  const lose = (why: string) => {
    at = undefined;
    sink.stale(why, heardAtMs);
    schedule(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, () => void ask());
  };
  const schedule = (delayMs: number, run: () => void) => {
    callOff();
    if (!closed) callOff = ports.after(delayMs, run);
  };
  const watchSilence = () =>
    schedule(SILENCE_MS, () => {
      if (ports.nowMs() - heardAtMs < SILENCE_MS) watchSilence();
      else void ask();
    });

  /** Applies what fits; false on a gap. One push is shown at once, however many deltas it holds. */
  const take = (deltas: readonly Delta[]): boolean => {
    for (const delta of deltas) {
      const next = at === undefined ? undefined : applyDelta(at, delta);
      if (next === undefined) return false;
      at = next;
    }
    if (at !== undefined) sink.live(at);
    return true;
  };

  const ask = async () => {
    if (asking || closed) return;
    asking = true;
    waiting = [];
    const answer = await ports.subscribe();
    asking = false;
    if (closed) return;
    if (!answer.ok) {
      failures += 1;
      lose(answer.error.text);
      return;
    }
    heardAtMs = ports.nowMs();
    const snapshot = answer.value;
    at = snapshot;
    const later = waiting.filter((delta) => delta.n > snapshot.n);
    waiting = [];
    if (!take(later)) {
      failures += 1;
      lose('Updates were missed while the picture was fetched.');
      return;
    }
    failures = 0;
    watchSilence();
  };

  const hear = (push: Push) => {
    heardAtMs = ports.nowMs();
    if (push.kind === 'market') sink.market(push.frame);
    else if (asking) waiting = [...waiting, ...push.deltas].slice(-MAX_WAITING);
    else if (at !== undefined && !take(push.deltas)) lose('An update was missed.');
  };

  const unlisten = ports.onPush(hear);
  void ask();
  return () => {
    closed = true;
    callOff();
    unlisten();
  };
};
