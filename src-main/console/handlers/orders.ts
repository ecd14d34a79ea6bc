// Orders and protection: the contract's words become the engine's inputs. An order is acknowledged only when its intent is on disk.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { pictureOf } from '../../engine/picture.ts';
import { momentOf } from '../../engine/ports.ts';
import { preview } from '../../safety/gate.ts';
import { durably, failureOf, originOf, refuse, unknownSymbol } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

/** The schema's output carries `undefined` for absent fields; the engine's request leaves them out. */
const requestOf = (input: Readonly<Record<string, unknown>>): OrderRequest =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as unknown as OrderRequest;

type OrderCalls =
  | 'previewOrder'
  | 'previewOco'
  | 'placeOrder'
  | 'placeOco'
  | 'replaceOrder'
  | 'protectPosition'
  | 'sizeByRisk'
  | 'cancelOrder'
  | 'cancelAll';

const notYet = (): Promise<CallResult<never>> => Promise.resolve(refuse('UNAVAILABLE', 'This is not built yet: nothing was done.'));

export const orderHandlers = (desk: ConsoleDesk): Pick<Handlers, OrderCalls> => {
  return {
    previewOco: notYet,
    placeOco: notYet,
    replaceOrder: notYet,
    protectPosition: notYet,
    sizeByRisk: notYet,
    previewOrder: async (input, caller) => {
      const { engine, setup } = desk.core();
      if (engine.state.policy === null) return refuse('UNAVAILABLE', 'No policy is loaded, so no order can be judged.');
      const picture = pictureOf(
        engine.state,
        engine.market,
        engine.state.policy,
        engine.trading(),
        input.symbol as SymbolId,
        momentOf(setup.clock),
      );
      return ok(preview(requestOf(input), originOf(caller), picture));
    },
    placeOrder: async (input, caller) => {
      if (desk.isSwitching()) return refuse('REFUSED', 'The mode is being switched: no order is taken until that is done.');
      const reply = desk.core().engine.dispatch({ kind: 'place', request: requestOf(input), origin: originOf(caller) });
      return reply.kind === 'placed' ? durably(desk, { clientOrderId: reply.clientOrderId }) : failureOf(reply);
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
