// How far a stop is, as safety/emergency-stop.ts writes its receipt from: monotonic times become ms after the latch.
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { qty, toText, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { StopFindings, StoppedOrder, StoppedPosition } from '../safety/emergency-stop.ts';
import type { Market } from './market.ts';
import { isDust } from './picture.ts';
import type { EngineState } from './state.ts';
import type { StopProgress } from './stop-progress.ts';

const since = (progress: StopProgress, atMs: number | null | undefined): number | null =>
  atMs === null || atMs === undefined ? null : Math.round((atMs - progress.latchedAtMs) * 1000) / 1000;

const stoppedOrders = (state: EngineState, progress: StopProgress): readonly StoppedOrder[] =>
  [...progress.targets.keys()].flatMap((id): readonly StoppedOrder[] => {
    const order = state.orders.get(id);
    if (order === undefined) return [];
    return [
      {
        clientOrderId: id,
        symbol: order.symbol,
        venueOrderId: order.venueOrderId,
        status: order.status,
        sent: order.sentAtMs !== null,
        endedMs: since(progress, progress.endedAtMs.get(id)),
      },
    ];
  });

const strangersOf = (progress: StopProgress): readonly StoppedOrder[] =>
  [...progress.strangers].map(([clientOrderId, { symbol, venueOrderId, status, endedAtMs }]) => ({
    clientOrderId,
    symbol,
    venueOrderId,
    status,
    sent: true,
    endedMs: since(progress, endedAtMs),
  }));

const stoppedPositions = (state: EngineState, market: Market, progress: StopProgress): readonly StoppedPosition[] => {
  const symbols = new Set<SymbolId>([...progress.positionsBefore.keys(), ...progress.sold, ...state.positions.keys()]);
  return [...symbols].map((symbol): StoppedPosition => {
    const left = state.positions.get(symbol)?.qty ?? ZERO_QTY;
    const why = progress.unsold.get(symbol);
    const instrument: Instrument | undefined = market.instruments.get(symbol);
    const isLeft = left.isZero() ? 'nothing' : isDust(left, instrument, market.mark(symbol)) ? 'dust' : 'position';
    return {
      symbol,
      qtyBefore: progress.positionsBefore.get(symbol) ?? toText(qty('0')),
      qtyAfter: toText(left),
      left: isLeft,
      ...(why === undefined ? {} : { why }),
    };
  });
};

export const findingsOf = (state: EngineState, market: Market, progress: StopProgress): StopFindings => ({
  tripId: progress.tripId,
  trigger: state.stop.trigger ?? 'button',
  reason: state.stop.reason,
  policy: state.stop.policy,
  trippedAtMs: state.stop.trippedAtMs ?? 0,
  orders: [...stoppedOrders(state, progress), ...strangersOf(progress)],
  survivors: progress.survivors === null ? null : [...progress.survivors].map(([venueOrderId, order]) => ({ venueOrderId, ...order })),
  positions: stoppedPositions(state, market, progress),
  cancelsOnWireMs: since(progress, progress.cancelsOnWireAtMs),
  allAcknowledgedMs: since(progress, progress.acknowledgedAtMs),
  verifiedEmptyMs: since(progress, progress.verifiedEmptyAtMs),
  flatMs: since(progress, progress.flatAtMs),
});
