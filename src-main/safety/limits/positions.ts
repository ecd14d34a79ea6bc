// C6: so many positions. An opening in flight counts as the position that it will become. On spot a symbol nets into one position:
// adding to it opens no second one.
import { countAtMost } from '../limit.ts';
import type { Limit } from '../limit.ts';
import type { GatePicture } from '../picture.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';

const isHeld = ({ positionSymbols, inFlight }: GatePicture, symbol: SymbolId): boolean =>
  positionSymbols.has(symbol) || inFlight.openingSymbols.has(symbol);

const countOf = ({ positionSymbols, inFlight }: GatePicture): number => {
  let count = positionSymbols.size;
  for (const symbol of inFlight.openingSymbols) if (!positionSymbols.has(symbol)) count += 1;
  return count;
};

export const positionsPerSymbol: Limit = {
  id: 'C6.positionsPerSymbol',
  title: 'Positions in the symbol',
  unit: 'count',
  sense: 'at-most',
  scope: 'openings',
  formula: 'positions in the symbol after the order ≤ limits.maxPositionsPerSymbol (spot: a symbol nets into one)',
  advice: () => 'Close the position in this symbol first.',
  measure: ({ picture, policy, request }) => countAtMost(isHeld(picture, request.symbol) ? 1 : 0, 1, policy.maxPositionsPerSymbol),
};

export const positionsTotal: Limit = {
  id: 'C6.positionsTotal',
  title: 'Positions',
  unit: 'count',
  sense: 'at-most',
  scope: 'openings',
  formula: 'symbols with a position or an opening in flight, after the order ≤ limits.maxPositions',
  advice: () => 'Close a position or cancel an opening order first.',
  measure: ({ picture, policy, request }) => {
    const count = countOf(picture);
    return countAtMost(count, isHeld(picture, request.symbol) ? count : count + 1, policy.maxPositions);
  },
  gauge: (picture, policy) => {
    const count = countOf(picture);
    return countAtMost(count, count + 1, policy.maxPositions);
  },
};
