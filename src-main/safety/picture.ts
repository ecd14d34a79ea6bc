// What the gate looks at for one decision: a read-only picture that the engine draws from its state and the market. A number that
// is missing is null here, and null denies (REQUIREMENTS C15).
import type { AssetId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { Amount, Money, Price, Qty } from '../../src-shared/domain/money.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { BudgetReading } from '../venue/port.ts';
import type { CapsInForce } from './ladder.ts';
import type { TradingState } from './trading-state.ts';

export interface GateQuote {
  readonly bid: Price;
  readonly ask: Price;
  readonly last: Price | null;
  readonly ageMs: number;
}

/** The open part of every order that the venue holds or may hold, counted in full (C14). */
export interface InFlight {
  /** Orders of this symbol that are not ended; the conditional ones among them; and the lists that they belong to. */
  readonly ordersOfSymbol: number;
  readonly algoOrdersOfSymbol: number;
  readonly listsOfSymbol: number;
  /** Unfilled base quantity of the symbol's open buys and sells. */
  readonly buyQtyOfSymbol: Qty;
  readonly sellQtyOfSymbol: Qty;
  /** The part of those sells that is the engine's own protection of the position: it gives way to a person's sale (C14). */
  readonly protectionQtyOfSymbol: Qty;
  /** Buys in flight, by symbol that holds no position yet: they will become positions. */
  readonly openingSymbols: ReadonlySet<SymbolId>;
  /** Orders of all symbols that are not ended and have no fill today: each may become a trade (C5). */
  readonly unfilledOrders: number;
  /** Quote of orders that left the machine and that the venue has not locked yet as far as we know. */
  readonly unlockedQuoteUsdt: Money;
  /** The same for the symbol's base asset. */
  readonly unlockedBaseQty: Qty;
  /** The part of that which is the engine's own protection. */
  readonly unlockedProtectionQty: Qty;
}

/** What is held at its mark and what buys in flight or in doubt may cost, in USDT (C7, C14); null: the worth of some of it is not known. */
export interface Exposure {
  readonly symbolUsdt: Money | null;
  readonly totalUsdt: Money | null;
  /** The symbol in which the most stands, worked out when it is asked for; null: nothing stands anywhere, or it is not known. */
  readonly largest: { readonly symbol: SymbolId; readonly usdt: Money } | null;
}

export interface GatePicture {
  /** Wall clock, ms. */
  readonly nowMs: number;
  /** Monotonic clock, ms: what paces and silences are measured on, so that a wall clock that steps changes none. */
  readonly monoMs: number;
  readonly mode: Mode;
  readonly policy: Policy;
  readonly trading: TradingState;
  /** What the rollout ladder caps above any policy (H); null: nothing. */
  readonly ladderCaps: CapsInForce | null;
  readonly instrument: Instrument | null;
  readonly quote: GateQuote | null;
  readonly position: { readonly qty: Qty } | null;
  readonly positionSymbols: ReadonlySet<SymbolId>;
  free(asset: AssetId): Amount | null;
  readonly inFlight: InFlight;
  readonly exposure: Exposure;
  readonly equityUsdt: Money | null;
  readonly dayOpeningEquityUsdt: Money | null;
  /** Loss of this UTC day as a positive number, deposits and withdrawals taken out; 0 on a winning day. */
  readonly dayLossUsdt: Money | null;
  readonly tradesToday: number;
  /** Losing closes in a row, and when the newest of them ended (wall clock, ms). */
  readonly lossesInRow: number;
  readonly lastLossAtMs: number | null;
  /** Orders that left the machine within the last second. */
  readonly ordersLastSecond: number;
  /** When this symbol's last order left (monotonic), or null. */
  readonly lastOrderOfSymbolAtMs: number | null;
  /** When the streams were last heard (monotonic), or null. */
  readonly marketAliveAtMs: number | null;
  readonly userAliveAtMs: number | null;
  readonly budget: BudgetReading | null;
}
