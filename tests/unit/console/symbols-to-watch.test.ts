// Which symbols a console watches: a symbol that left the allow list may still hold money (C15: what is held must be valued).
import { expect, test } from 'vitest';
import { symbolsToWatch } from '../../../src-main/console/station.ts';
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
