// When the watchdog acts and when it must not (E8), with a clock that the test turns.
import { describe, expect, it } from 'vitest';
import { SLEPT_MS, Vigil } from '../../../src-main/watchdog/vigil.ts';
import type { Moment, Verdict } from '../../../src-main/watchdog/vigil.ts';

const PATIENCE_MS = 10_000;
const LOOK_MS = 100;

class Bench {
  now: Moment = { monoMs: 1000, wallMs: 1_700_000_000_000 };
  readonly vigil = new Vigil(PATIENCE_MS, this.now);

  jump(monoMs: number, wallMs = monoMs): void {
    this.now = { monoMs: this.now.monoMs + monoMs, wallMs: this.now.wallMs + wallMs };
  }

  /** Looks every 100 ms; the first verdict that is not quiet, with the time it took. */
  silence(ms: number): { readonly afterMs: number; readonly verdict: Verdict } | null {
    for (let afterMs = LOOK_MS; afterMs <= ms; afterMs += LOOK_MS) {
      this.jump(LOOK_MS);
      const verdict = this.vigil.look(this.now);
      if (verdict.kind === 'act') return { afterMs, verdict };
    }
    return null;
  }
}

describe('the vigil', () => {
  it('acts once the patience is over, and not a look before', () => {
    const bench = new Bench();
    expect(bench.silence(PATIENCE_MS - LOOK_MS)).toBeNull();
    expect(bench.silence(LOOK_MS)).toMatchObject({ verdict: { kind: 'act', why: 'the console hung, no heartbeat for 10.0 s' } });
  });

  it('a heartbeat gives the whole patience anew', () => {
    const bench = new Bench();
    expect(bench.silence(PATIENCE_MS - LOOK_MS)).toBeNull();
    bench.vigil.heard(bench.now, false);
    expect(bench.silence(PATIENCE_MS * 2)?.afterMs).toBe(PATIENCE_MS);
  });

  it('a process that is gone gets the same patience: the next start may take over', () => {
    const bench = new Bench();
    bench.vigil.lost();
    expect(bench.silence(PATIENCE_MS * 2)).toMatchObject({
      afterMs: PATIENCE_MS,
      verdict: { why: expect.stringContaining('ended without a goodbye') },
    });
  });

  it.each([
    ['where the monotonic clock runs on', 60_000, 60_000],
    ['where only the wall clock does', LOOK_MS, 60_000],
  ])('after a sleep of the machine the silence before it counts for nothing, %s', (_where, monoMs, wallMs) => {
    const bench = new Bench();
    expect(bench.silence(PATIENCE_MS - LOOK_MS)).toBeNull();
    bench.jump(monoMs, wallMs);
    expect(bench.vigil.look(bench.now)).toEqual({ kind: 'quiet' });
    expect(bench.silence(PATIENCE_MS * 2)?.afterMs).toBe(PATIENCE_MS);
  });

  it('a machine too busy to look is an excuse three times, not for ever', () => {
    const bench = new Bench();
    const verdicts = Array.from({ length: 12 }, () => {
      bench.jump(SLEPT_MS + 1);
      return bench.vigil.look(bench.now).kind;
    });
    expect(verdicts.indexOf('act')).toBe(3 + Math.ceil(PATIENCE_MS / (SLEPT_MS + 1)) - 1);
  });

  it('a clock that was set back, or reads as nothing, excuses no silence for ever', () => {
    const bench = new Bench();
    bench.jump(LOOK_MS, -3_600_000);
    expect(bench.vigil.look(bench.now)).toEqual({ kind: 'quiet' });
    expect(bench.silence(PATIENCE_MS)).toMatchObject({ verdict: { kind: 'act' } });
    const odd = new Bench();
    odd.now = { ...odd.now, wallMs: Number.NaN };
    expect(odd.silence(PATIENCE_MS * 2)).toMatchObject({ verdict: { kind: 'act' } });
  });

  it('a debugger excuses silence, but not the end', () => {
    const bench = new Bench();
    bench.vigil.heard(bench.now, true);
    expect(bench.silence(PATIENCE_MS * 3)).toBeNull();
    bench.vigil.lost();
    expect(bench.silence(LOOK_MS)).toMatchObject({ verdict: { kind: 'act' } });
  });

  it('a shorter patience holds from the next look on', () => {
    const bench = new Bench();
    expect(bench.silence(5000)).toBeNull();
    bench.vigil.patienceMs = 3000;
    expect(bench.silence(LOOK_MS)).not.toBeNull();
  });
});
