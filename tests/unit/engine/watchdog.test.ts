// What the watchdog did, in the engine (E8): one fact, one trip that only a person ends, rebuilt by replay (Q6).
import { describe, expect, test } from 'vitest';
import { Rig } from '../../support/engine-rig.ts';

const deed = { atMs: 1_700_000_000_000, why: 'the console hung', text: 'It cancelled 2 orders.', complete: true };
const acted = (rig: Rig): void => void rig.engine.dispatch({ kind: 'watchdog-acted', ...deed });

describe('the watchdog stood in', () => {
  test('E8: trips with its words, cancels every symbol again, and nothing opens until a person resets', () => {
    const rig = new Rig().ready();
    rig.rest();
    acted(rig);
    expect(rig.of('watchdog.acted')).toEqual([{ kind: 'watchdog.acted', ...deed }]);
    expect(rig.engine.state.stop).toMatchObject({
      phase: 'TRIPPED',
      trigger: 'watchdog',
      reason: 'The watchdog stood in: the console hung. It cancelled 2 orders.',
    });
    expect(rig.effectsOf('cancel-all').map(({ symbol }) => symbol)).toHaveLength(3);
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  });

  test('a trip that stands is that trip: the fact is kept, nothing is pressed twice', () => {
    const rig = new Rig().ready();
    rig.engine.dispatch({ kind: 'trip', trigger: 'watchdog', reason: 'The watchdog stands in: the console hung', positions: null });
    rig.stopCanceled();
    rig.openOrdersSeen([]);
    acted(rig);
    expect(rig.of('watchdog.acted')).toHaveLength(1);
    expect(rig.of('stop.tripped')).toHaveLength(1);
    expect(rig.of('stop.pressed')).toEqual([]);
  });

  test('E6, Q6: after a restart it is still tripped', () => {
    const rig = new Rig().ready();
    acted(rig);
    expect(rig.restarted().engine.state.stop).toMatchObject({ phase: 'TRIPPED', trigger: 'watchdog' });
  });

  test('how it stands is shown, and no fact', () => {
    const rig = new Rig().ready();
    const seq = rig.engine.state.seq;
    rig.engine.dispatch({ kind: 'watchdog', watchdog: { status: 'gone', text: 'It ended by itself.', heartbeatAtMs: null } });
    expect(rig.engine.market.watchdog).toMatchObject({ status: 'gone' });
    expect(rig.engine.state.seq).toBe(seq);
  });
});
