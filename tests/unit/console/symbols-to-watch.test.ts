// Which symbols a console watches: a symbol that left the allow list may still hold money (C15: what is held must be valued).
import { expect, test } from 'vitest';
import { symbolsToWatch, weightCeilingOf } from '../../../src-main/console/station.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import type { EngineState } from '../../../src-main/engine/state.ts';
import { session } from '../journal/session.ts';

test('what is allowed, what this journal ever traded or adopted, and BNB, which prices its fees; each once', () => {
  const traded = new Map([
    ['ETHUSDT', {}],
    ['SOLUSDT', {}],
    ['BTCUSDT', {}],
  ]) as unknown as EngineState['traded'];
  expect(symbolsToWatch(['BTCUSDT'], { traded })).toEqual(['BTCUSDT', 'BNBUSDT', 'ETHUSDT', 'SOLUSDT']);
});

test('an order of a symbol makes it a traded one, whatever became of it', () => {
  const { engine } = session(1);
  expect([...engine.state.traded.keys()]).toEqual(['BNBUSDT', 'BTCUSDT']);
  expect(symbolsToWatch([], engine.state)).toEqual(['BNBUSDT', 'BTCUSDT']);
});

test('what the policy file asks for takes nothing from the stop’s reserve before it is in force (G, C9)', () => {
  const with_ = (maxRequestWeight: number): Policy => ({ ...NORMAL, limits: { ...NORMAL.limits, maxRequestWeight } });
  expect(weightCeilingOf({ policy: with_(5900), inForce: with_(5000) }, { policy: null })).toBe(5000);
  expect(weightCeilingOf({ policy: with_(5900), inForce: with_(5900) }, { policy: with_(4000) })).toBe(4000);
  expect(weightCeilingOf({ policy: with_(3000), inForce: with_(5000) }, { policy: with_(5000) })).toBe(3000);
  expect(weightCeilingOf({ policy: with_(5500) }, { policy: null })).toBe(5500);
  expect(weightCeilingOf(null, { policy: null })).toBe(5000);
});
