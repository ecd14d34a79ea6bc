// What the engine makes of the signed endpoint (F): how it stands, who asked what of it, and when a person is told.
import { describe, expect, it } from 'vitest';
import type { KillSwitchAsk } from '../../../src-shared/domain/kill-switch.ts';
import { logLineOf } from '../../../src-main/engine/log-lines.ts';
import { Rig } from '../../support/engine-rig.ts';

const stands = (rig: Rig, status: 'off' | 'listening' | 'failed', text: string): void => {
  rig.engine.dispatch({ kind: 'kill-switch', view: { status, text } });
};
const asked = (rig: Rig, what: KillSwitchAsk, verdict: 'taken' | 'refused', why: string, times = 1): void => {
  rig.engine.dispatch({ kind: 'kill-switch-asked', what, verdict, who: 'the phone', why, times });
};
const count = (rig: Rig, title: string): number => rig.titles().filter((one) => one === title).length;

describe('the kill switch (F)', () => {
  it('that does not listen is told once for each reason, and told again once it does', () => {
    const rig = new Rig().ready();
    stands(rig, 'failed', 'Port 8765 is used by another program.');
    stands(rig, 'failed', 'Port 8765 is used by another program.');
    stands(rig, 'failed', 'There is no secret.');
    expect(count(rig, 'The kill switch does not listen')).toBe(2);
    stands(rig, 'listening', 'Listening on 127.0.0.1:8765.');
    stands(rig, 'listening', 'Listening on 127.0.0.1:8765.');
    expect(count(rig, 'The kill switch')).toBe(1);
    stands(rig, 'off', 'Off, as the policy says.');
    expect(count(rig, 'The kill switch')).toBe(1);
  });

  it('journals who asked and why; a use and a refusal are told, a question is not', () => {
    const rig = new Rig().ready();
    asked(rig, 'status', 'taken', '');
    expect(count(rig, 'The kill switch was used')).toBe(0);
    asked(rig, 'trigger', 'taken', 'fat finger');
    asked(rig, 'reset', 'taken', '');
    expect(count(rig, 'The kill switch was used')).toBe(2);
    asked(rig, 'other', 'refused', 'the signature does not fit', 3);
    expect(count(rig, 'The kill switch refused a request')).toBe(1);
    expect(rig.of('kill-switch.asked')).toMatchObject([
      { what: 'status' },
      { what: 'trigger', who: 'the phone', why: 'fat finger' },
      { what: 'reset' },
      { what: 'other', verdict: 'refused', times: 3 },
    ]);
    const lines = rig.facts.filter(({ fact }) => fact.kind === 'kill-switch.asked').map((one) => logLineOf(one)?.text ?? '');
    expect(lines.join('\n')).toContain('fat finger');
  });
});
