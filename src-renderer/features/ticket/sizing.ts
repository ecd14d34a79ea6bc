// The two ways to fill in the size: all that is possible, and what a stop may lose. Both ask the gate; a late answer fills nothing in,
// for by then the trader has gone on.
import { callWithin } from '../../bridge/bridge.ts';
import { useInstrument, useMarket, useReplica } from '../../replica/replica.ts';
import { tell } from '../frame/screen.ts';
import { draft, useDraft } from './draft.ts';
import { firstStop } from './exits.ts';
import type { ExitBasis } from './exits.ts';
import { asks, largestSize, wishOf, withinOrderLimit } from './order.ts';
import type { Draft } from './order.ts';
import { typedDecimal } from './typed.ts';

const DEADLINE_MS = 1_000;

export const quoteNow = (symbol: string) => useMarket.getState().quotes[symbol];

/**
 * The ask, and only while something typed is counted from it: the ticket is not drawn anew with every quote.
 */
export const useBasis = (symbol: string): ExitBasis => {
  const fields = useDraft();
  const tick = useInstrument(symbol)?.tick;
  const counts = fields.stopLoss !== '' || fields.takeProfit !== '';
  const ask = useMarket(({ quotes }) => (counts ? quotes[symbol]?.ask : undefined));
  return basisOf(fields, ask, tick);
};

/** What exits typed as percent are counted from. */
export const basisOf = (fields: Draft, ask: string | undefined, tick: string | undefined): ExitBasis => {
  const has = asks(fields.type);
  return { entry: (has.price ? typedDecimal(fields.price) : has.stopPrice ? typedDecimal(fields.stopPrice) : undefined) ?? ask, tick };
};

/** Fills the size with the most that money, holdings and the order limit allow; empties it where nothing can be sold. */
export const fillMax = async (symbol: string): Promise<void> => {
  const { view } = useReplica.getState();
  const instrument = view.instruments[symbol];
  const fields = useDraft.getState();
  if (instrument === undefined) return;
  const ask = quoteNow(symbol)?.ask;
  const size = largestSize(
    fields.side,
    {
      sellable: view.positions[symbol]?.sellableQty,
      freeQuote: view.balances[instrument.quote]?.free,
      price: basisOf(fields, ask, instrument.tick).entry,
    },
    instrument,
  );
  if (size === undefined && fields.side === 'BUY') return;
  draft.set({ size: size ?? '', unit: 'base' });
  const filled = useDraft.getState();
  const wish = wishOf(filled, symbol, basisOf(filled, ask, instrument.tick));
  if (size === undefined || !wish.ok || wish.kind !== 'order' || fields.side === 'SELL') return;
  const answer = await callWithin(DEADLINE_MS, 'previewOrder', wish.request);
  if (answer.ok && useDraft.getState() === filled) draft.set({ size: withinOrderLimit(size, answer.value, instrument) });
};

/** Fills the size with what the policy's risk allows down to the stop loss (B6), and says which limit cut it. */
export const fillByRisk = async (symbol: string): Promise<void> => {
  const instrument = useReplica.getState().view.instruments[symbol];
  const fields = useDraft.getState();
  const basis = basisOf(fields, quoteNow(symbol)?.ask, instrument?.tick);
  const stopPrice = firstStop(fields, basis);
  if (instrument === undefined) return;
  if (stopPrice === undefined || fields.side !== 'BUY') {
    tell('warning', 'Size by risk needs a buy with a stop loss: enter the stop first, as a price or as 2%.');
    return;
  }
  const price = asks(fields.type).price ? typedDecimal(fields.price) : undefined;
  const answer = await callWithin(DEADLINE_MS, 'sizeByRisk', {
    symbol,
    side: 'BUY',
    stopPrice,
    ...(price === undefined ? {} : { price }),
  });
  if (useDraft.getState() !== fields) return;
  if (!answer.ok) {
    tell('warning', answer.error.denial === undefined ? answer.error.text : `${answer.error.denial.text} ${answer.error.denial.advice}`);
    return;
  }
  draft.set({ size: answer.value.qty, unit: 'base' });
  tell('good', answer.value.text);
};
