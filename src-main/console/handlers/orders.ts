// Orders and protection: the contract's words become the engine's inputs. An order is acknowledged only when its intent is on disk.
import type { Caller, CallResult, Handlers, OrderPreview, PlacedOrder } from '../../../src-shared/contract/contract.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { ExitPlan, OcoRequest, OrderChange, OrderRequest } from '../../../src-shared/domain/order.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import type { Input } from '../../engine/inputs.ts';
import { pictureOf } from '../../engine/picture.ts';
import { momentOf } from '../../engine/ports.ts';
import { buyNow } from '../../safety/buy-now.ts';
import { preview } from '../../safety/gate.ts';
import type { GatePicture } from '../../safety/picture.ts';
import { sizeByRisk } from '../../safety/sizing.ts';
import type { RiskWish } from '../../safety/sizing.ts';
import { durably, failureOf, originOf, refuse, unknownSymbol } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

/** The schema's output may carry `undefined` for absent fields; the engine's requests leave them out. */
const given = (input: unknown): unknown =>
  typeof input === 'object' && input !== null
    ? Object.fromEntries(Object.entries(input).flatMap(([key, value]) => (value === undefined ? [] : [[key, given(value)]])))
    : input;

type OrderCalls =
  | 'previewOrder'
  | 'previewOco'
  | 'placeOrder'
  | 'placeOco'
  | 'replaceOrder'
  | 'protectPosition'
  | 'sizeByRisk'
  | 'buyNow'
  | 'cancelOrder'
  | 'cancelAll';

const SWITCHING = refuse('REFUSED', 'The mode is being switched: no order is taken until that is done.');

export const orderHandlers = (desk: ConsoleDesk): Pick<Handlers, OrderCalls> => {
  /** An order is let into the engine and answered once its intent is on disk. */
  const place = async (input: Extract<Input, { kind: 'place' | 'place-oco' | 'replace' }>): Promise<CallResult<PlacedOrder>> => {
    if (desk.isSwitching()) return SWITCHING;
    const reply = desk.core().engine.dispatch(input);
    if (reply.kind !== 'placed') return failureOf(reply);
    const { clientOrderId, orders } = reply;
    return durably(desk, { clientOrderId, ...(orders !== undefined && { orders }) });
  };
  /** The gate's picture of a symbol as it is now, or why there is none. */
  const pictureNow = (symbol: string): CallResult<GatePicture> => {
    const { engine, setup } = desk.core();
    const { state, market } = engine;
    if (state.policy === null) return refuse('UNAVAILABLE', 'No policy is loaded, so no order can be judged.');
    return ok(pictureOf(state, market, state.policy, engine.trading(), symbol as SymbolId, momentOf(setup.clock)));
  };
  const previewed = (wish: OrderRequest | OcoRequest, caller: Caller): CallResult<OrderPreview> => {
    const picture = pictureNow(wish.symbol);
    return picture.ok ? ok(preview(wish, originOf(caller), picture.value)) : picture;
  };
  return {
    previewOrder: async (input, caller) => previewed(given(input) as OrderRequest, caller),
    previewOco: async (input, caller) => previewed(given(input) as OcoRequest, caller),
    sizeByRisk: async ({ symbol, price, stopPrice, confidence }, caller) => {
      const picture = pictureNow(symbol);
      if (!picture.ok) return picture;
      const wish = { symbol, side: 'BUY', price: price ?? null, stopPrice, confidence: confidence ?? null } as RiskWish;
      const sized = sizeByRisk(wish, originOf(caller), picture.value);
      return sized.ok ? sized : failureOf({ kind: 'denied', denial: sized.error });
    },
    buyNow: async ({ symbol }, caller) => {
      const picture = pictureNow(symbol);
      return picture.ok ? ok(buyNow(symbol as SymbolId, originOf(caller), picture.value)) : picture;
    },
    placeOrder: (input, caller) => place({ kind: 'place', request: given(input) as OrderRequest, origin: originOf(caller) }),
    placeOco: (input, caller) => place({ kind: 'place-oco', request: given(input) as OcoRequest, origin: originOf(caller) }),
    replaceOrder: ({ clientOrderId, ...change }, caller) =>
      place({ kind: 'replace', clientOrderId, change: given(change) as OrderChange, origin: originOf(caller) }),
    protectPosition: async ({ symbol, plan }, caller) => {
      if (desk.isSwitching()) return SWITCHING;
      const { engine } = desk.core();
      const reply = engine.dispatch({
        kind: 'protect',
        symbol: symbol as SymbolId,
        plan: given(plan) as ExitPlan | null,
        origin: originOf(caller),
      });
      return reply.kind === 'protected' ? durably(desk, { symbol, seq: engine.state.seq }) : failureOf(reply);
    },
    cancelOrder: async (input, caller) => {
      const reply = desk.core().engine.dispatch({ kind: 'cancel', clientOrderId: input.clientOrderId, origin: originOf(caller) });
      return reply.kind === 'requested' ? ok({ clientOrderId: input.clientOrderId }) : failureOf(reply);
    },
    cancelAll: async (input, caller) => {
      const { engine, setup } = desk.core();
      const symbol = (input.symbol as SymbolId | undefined) ?? null;
      if (symbol !== null && !setup.symbols.includes(symbol) && !engine.state.books.has(symbol)) return unknownSymbol(symbol);
      const reply = engine.dispatch({ kind: 'cancel-all', symbol, origin: originOf(caller) });
      return reply.kind === 'requested' ? ok({ requested: reply.count }) : failureOf(reply);
    },
  };
};
