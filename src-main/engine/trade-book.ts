// Every trade with what it cost and what it earned, as the engine itself reckons (average cost, REQUIREMENTS B3): the facts go through
// the same evolve, so that the sums here are the engine's to the last digit. For an export; it decides nothing.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { money, price, qty, ZERO_MONEY } from '../../src-shared/domain/money.ts';
import type { Side } from '../../src-shared/domain/order.ts';
import { emptyState, evolve } from './evolve.ts';
import type { FillFact, SequencedFact } from './facts.ts';
import { applyFill } from './positions.ts';
import type { EngineState, Position } from './state.ts';
import { baseOf } from './symbols.ts';

export interface Trade {
  /** The fact that holds it. */
  readonly seq: number;
  /** The venue's time. */
  readonly atMs: number;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly valueUsdt: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  /** Worth of the fee at the time; null where no quote of its asset was at hand. */
  readonly feeUsdt: Decimal | null;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly tradeId: string;
  readonly maker: boolean;
  /** Of a sale: what the sold coins had cost, entry fees included; null for a buy. */
  readonly costBasisUsdt: Decimal | null;
  /** Of a sale: proceeds less fee and cost basis; null for a buy. Coins that no buy here explains carry no cost and make no profit. */
  readonly realisedUsdt: Decimal | null;
  /** A fee paid out of a position in another coin (BNB) is a small sale of it: its profit. Zero for most trades. */
  readonly feeRealisedUsdt: Decimal;
}

export class TradeBook {
  /** As of the newest fact taken. */
  readonly state: EngineState = emptyState();

  /** Takes the next fact, from 1 on and without holes, and gives the trade that it is. Throws when the facts do not add up. */
  take(one: SequencedFact): Trade | null {
    if (one.fact.kind !== 'order.filled') {
      evolve(this.state, one);
      return null;
    }
    const { fact } = one;
    const before = this.state.positions.get(fact.symbol);
    const realisedBefore = this.state.realisedUsdt;
    const venueOrderId = this.state.orders.get(fact.clientOrderId)?.venueOrderId ?? null;
    evolve(this.state, one);
    const realised = this.state.realisedUsdt.minus(realisedBefore);
    return tradeOf(one.seq, fact, venueOrderId, before, realised);
  }
}

const tradeOf = (seq: number, fact: FillFact, venueOrderId: string | null, before: Position | undefined, realised: Decimal): Trade => {
  const feeUsdt = fact.feeUsdt === null ? null : money(fact.feeUsdt);
  const fill = {
    symbol: fact.symbol,
    base: baseOf(fact.symbol),
    side: fact.side,
    price: price(fact.price),
    qty: qty(fact.qty),
    fee: new Decimal(fact.fee),
    feeAsset: fact.feeAsset,
    feeUsdt: feeUsdt ?? ZERO_MONEY,
    atMs: fact.venueTimeMs,
  };
  const own = applyFill(before, fill);
  const isSale = fact.side === 'SELL';
  return {
    seq,
    atMs: fact.venueTimeMs,
    symbol: fact.symbol,
    side: fact.side,
    qty: fill.qty,
    price: fill.price,
    valueUsdt: fill.price.times(fill.qty),
    fee: fill.fee,
    feeAsset: fact.feeAsset,
    feeUsdt,
    clientOrderId: fact.clientOrderId,
    venueOrderId,
    tradeId: fact.tradeId,
    maker: fact.maker,
    costBasisUsdt: isSale ? (before?.costUsdt ?? ZERO_MONEY).minus(own.position?.costUsdt ?? 0) : null,
    realisedUsdt: isSale ? own.realisedUsdt : null,
    feeRealisedUsdt: realised.minus(own.realisedUsdt),
  };
};
