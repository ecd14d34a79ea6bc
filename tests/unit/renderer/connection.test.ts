import { describe, expect, it } from 'vitest';
import { connect, SILENCE_MS } from '../../../src-renderer/replica/connection.ts';
import type { CallResult, Push } from '../../../src-shared/contract/contract.ts';
import { EMPTY_VIEW } from '../../../src-shared/contract/view.ts';
import type { Delta, LogLine, Snapshot } from '../../../src-shared/contract/view.ts';

const line = (seq: number): LogLine => ({ seq, atMs: 0, severity: 'info', text: `fact ${seq}` });
const delta = (n: number): Delta => ({ n, seq: n, changes: [['log', String(n), line(n)]] });
const snapshot = (n: number): CallResult<Snapshot> => ({ ok: true, value: { n, seq: n, view: EMPTY_VIEW } });
const dead: CallResult<Snapshot> = { ok: false, error: { code: 'UNAVAILABLE', text: 'The console did not answer.' } };

/** A window's end of the wire with a clock that only the test moves. */
const wire = () => {
  let hear: (push: Push) => void = () => undefined;
  let nowMs = 0;
  let timer: { readonly atMs: number; readonly run: () => void } | undefined;
  const asked: ((answer: CallResult<Snapshot>) => void)[] = [];
  const shown: string[] = [];
  const end = connect(
    {
      subscribe: () => new Promise((resolve) => asked.push(resolve)),
      onPush: (listener) => {
        hear = listener;
        return () => {
          hear = () => undefined;
        };
      },
      nowMs: () => nowMs,
      after: (delayMs, run) => {
        const mine = { atMs: nowMs + delayMs, run };
        timer = mine;
        return () => {
          if (timer === mine) timer = undefined;
        };
      },
    },
    {
      live: ({ n, view }) => shown.push(`live ${n}: ${Object.keys(view.log).join(',')}`),
      stale: (why, sinceMs) => shown.push(`stale since ${sinceMs}: ${why}`),
      market: () => shown.push('market'),
    },
  );
  return {
    shown,
    asked,
    end,
    push: (...numbers: readonly number[]) => hear({ kind: 'deltas', deltas: numbers.map(delta) }),
    frame: () => hear({ kind: 'market', frame: { quotes: {}, candle: null, depth: null } }),
    answer: async (answer: CallResult<Snapshot>) => {
      asked.shift()?.(answer);
      await new Promise((resolve) => setImmediate(resolve));
    },
    /** Moves the clock and runs what fell due. */
    wait: async (ms: number) => {
      const untilMs = nowMs + ms;
      while (timer !== undefined && timer.atMs <= untilMs) {
        const due = timer;
        timer = undefined;
        nowMs = due.atMs;
        due.run();
      }
      nowMs = untilMs;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

describe('the window’s replica (Q7, M6)', () => {
  it('shows the snapshot, then each delta in order, a push at once', async () => {
    const { shown, push, answer } = wire();
    await answer(snapshot(7));
    push(8, 9);
    push(10);
    expect(shown).toEqual(['live 7: ', 'live 9: 8,9', 'live 10: 8,9,10']);
  });

  it('applies what arrived while the snapshot was fetched, and nothing that the snapshot holds already', async () => {
    const { shown, push, answer } = wire();
    push(6, 7);
    push(8);
    await answer(snapshot(7));
    expect(shown).toEqual(['live 8: 8']);
  });

  it('is stale at once on a gap, keeps later deltas out, and mends by itself', async () => {
    const { shown, asked, push, answer, wait } = wire();
    await answer(snapshot(7));
    push(9);
    push(10);
    expect(shown.slice(1)).toEqual(['stale since 0: An update was missed.']);
    await wait(0);
    expect(asked).toHaveLength(1);
    await answer(snapshot(10));
    push(11);
    expect(shown.slice(2)).toEqual(['live 10: ', 'live 11: 11']);
  });

  it('takes a numbering that started anew (main restarted) as a gap', async () => {
    const { shown, push, answer } = wire();
    await answer(snapshot(7));
    push(1);
    expect(shown.at(-1)).toMatch(/^stale/);
  });

  it('shows none of a push that holds a gap', async () => {
    const { shown, push, answer } = wire();
    await answer(snapshot(7));
    push(8, 10);
    expect(shown).toEqual(['live 7: ', 'stale since 0: An update was missed.']);
  });

  it('asks whether the console is there when nothing was heard, and is stale when it is not', async () => {
    const { shown, asked, answer, wait, frame } = wire();
    await answer(snapshot(7));
    await wait(SILENCE_MS - 1);
    frame();
    await wait(SILENCE_MS - 1);
    expect(asked).toHaveLength(0);
    await wait(SILENCE_MS);
    expect(asked).toHaveLength(1);
    await answer(dead);
    expect(shown.at(-1)).toBe(`stale since ${SILENCE_MS - 1}: The console did not answer.`);
  });

  it('asks again and again after failures, ever more slowly, until it is live', async () => {
    const { shown, asked, answer, wait } = wire();
    await answer(dead);
    for (const pauseMs of [250, 500, 1_000, 2_000, 2_000]) {
      await wait(pauseMs - 1);
      expect(asked).toHaveLength(0);
      await wait(1);
      expect(asked).toHaveLength(1);
      await answer(dead);
    }
    await wait(2_000);
    await answer(snapshot(3));
    expect(shown.at(-1)).toBe('live 3: ');
  });

  it('does nothing more once it is ended', async () => {
    const { shown, asked, end, push, answer, wait } = wire();
    end();
    await answer(snapshot(7));
    push(8);
    await wait(60_000);
    expect(shown).toEqual([]);
    expect(asked).toHaveLength(0);
  });
});
