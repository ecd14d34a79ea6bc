// Which symbols a console watches: a symbol that left the allow list may still hold money (C15: what is held must be valued).
import { expect, test } from 'vitest';
import { symbolsToWatch } from '../../../src-main/console/station.ts';
import type { SequencedFact } from '../../../src-main/engine/facts.ts';

test('what is allowed, what this journal ever traded or adopted, and BNB, which prices its fees; each once', () => {
  const facts = [
    { kind: 'order.intended', order: { symbol: 'ETHUSDT' } },
    { kind: 'order.adopted', symbol: 'SOLUSDT' },
    { kind: 'order.intended', order: { symbol: 'BTCUSDT' } },
    { kind: 'order.denied', request: { symbol: 'XRPUSDT' } },
  ].map((fact, index) => ({ seq: index + 1, atMs: 0, fact }) as unknown as SequencedFact);
  expect(symbolsToWatch(['BTCUSDT'], facts)).toEqual(['BTCUSDT', 'BNBUSDT', 'ETHUSDT', 'SOLUSDT']);
});
