// What the engine knows and never journals: the newest quotes, the health of the connections, and what was asked of the venue and is
// not answered yet. Empty after a start; losing it costs a question, never money.
import type { AssetId, ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { price } from '../../src-shared/domain/money.ts';
import type { DecimalText, Price, Qty } from '../../src-shared/domain/money.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { OcoRequest, OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { HotkeyView, KillSwitchView, WatchdogView } from '../../src-shared/contract/view.ts';
import type { GoodReading } from '../safety/readings.ts';
import type { RoundNotes } from '../reconcile/rounds.ts';
import type { BudgetReading, VenueEvent } from '../venue/port.ts';
import { emptyAlarmNotes } from './alarm-notes.ts';
import { emptyBreakerNotes } from './breaker-notes.ts';
import type { Moment } from './ports.ts';
import type { ProtectionNotes } from './protection-notes.ts';
import type { DateName } from './steady.ts';
import type { StopProgress } from './stop-progress.ts';

export interface Quote {
  readonly bid: Price;
  readonly ask: Price;
  readonly last: Price | null;
  /** Monotonic ms of receipt. */
  readonly seenAtMs: number;
}

/** A quote as it came; it becomes decimals only when a decision looks at it (10 000 market events a second must stay cheap). */
interface RawQuote {
  bid: DecimalText;
  ask: DecimalText;
  last: DecimalText | null;
  /** Wall clock, for the window. */
  atMs: number;
  /** Monotonic ms, for every age. */
  seenAtMs: number;
  parsed: Quote | null;
}

export interface StreamHealth {
  status: 'live' | 'down';
  /** Monotonic ms. */
  aliveAtMs: number | null;
  text: string;
}

/** An order of which the venue knows more than we do, or may: it is asked for until it is clear. */
export interface Doubt {
  /** Wall clock, for people. */
  readonly sinceMs: number;
  /** Monotonic ms of the newest question. */
  askedAtMs: number;
  asks: number;
  /** A person was told that it lasts. */
  told: boolean;
  /** How much of it the venue said is filled, where the fills here add up to less. */
  statedQty: Qty | null;
  /** What another order of its list makes of it, which the venue should tell by itself: its end, or that it works now. */
  awaits: 'end' | 'work' | null;
}

/** What is due of an intent once more (B7), and until when it may wait for the pace of orders (monotonic ms). */
export interface Due {
  readonly wish: OrderRequest | OcoRequest;
  readonly origin: OrderOrigin;
  readonly generation: number;
  readonly dueAtMs: number;
  readonly waitsUntilMs: number;
}

/** One intent that needed more than one order: how often it was refused in passing, how often its rest was sent, what is due. */
export interface Intent {
  failures: number;
  resends: number;
  attempt: number;
  latest: ClientOrderId;
  due: Due | null;
}

export class Market {
  private readonly quotes = new Map<SymbolId, RawQuote>();
  instruments: ReadonlyMap<SymbolId, Instrument> = new Map();
  instrumentsAtMs: number | null = null;
  readonly streams: Record<'market' | 'user', StreamHealth> = {
    market: { status: 'down', aliveAtMs: null, text: 'not connected yet' },
    user: { status: 'down', aliveAtMs: null, text: 'not connected yet' },
  };
  /** Streams of which a person was told that they are down. */
  readonly toldDown = new Set<'market' | 'user'>();
  /** Monotonic ms of the newest quote of any symbol. */
  quotedAtMs: number | null = null;
  budget: BudgetReading | null = null;
  clock: { readonly offsetMs: number; readonly roundTripMs: number } | null = null;
  /** The exchange's clock less our monotonic one (ms), as measured last: it goes on whatever the wall clock is set to. */
  exchangeAheadMs: number | null = null;
  /** The wall clock less the monotonic one (ms) as the session began: see steady.ts. */
  wallAheadMs: number | null = null;
  readonly dates: Record<DateName, { readonly dateMs: number; readonly steadyMs: number | null } | null> = {
    loss: null,
    coolDown: null,
    breaker: null,
  };
  /** False until the first fact of the session: what dates there are then is from before it. */
  hasDates = false;
  hotkey: HotkeyView | null = null;
  killSwitch: KillSwitchView | null = null;
  watchdog: WatchdogView | null = null;
  policyProblem = '';
  /** An older version stands in for the broken file: what is open may be closed, and nothing opened. */
  policyStandsIn = false;
  /** The newest version number that was in force anywhere. */
  policyVersionSeen = 0;
  /**
   * False until the policy file, or a person in its stead, has said in this session what is wanted: what waits from before it may have
   * been withdrawn in another mode.
   */
  isWishKnown = false;
  /** Monotonic ms before which a waiting loosening does not take effect, whatever the wall clock says. */
  policyDueAtMs: number | null = null;
  journalProblem = '';
  modeProblem = '';
  /** An invariant broke: what is here may not be trusted to trade on until a restart has rebuilt it from the journal. */
  engineProblem = '';
  garbledFrames = 0;
  /** The user stream was away: what happened meanwhile is not known until a reconciliation says so. */
  missedEvents = false;
  /** How often the user stream went away: a comparison that began before the newest time settles nothing of it. */
  userOutages = 0;
  /** Monotonic ms. */
  reconciling: { readonly sinceMs: number; readonly why: string; readonly userOutages: number } | null = null;
  /** A comparison that is due before its time: on the monotonic clock, and on the wall for people. */
  reconcileAgain: { readonly atMs: number; readonly why: string; readonly wallMs: number } | null = null;
  /** What the newest comparison found of each asset beyond what the facts explain, until a second one agrees or it is explained. */
  readonly unexplained = new Map<AssetId, Decimal>();
  unexplainedReadings = 0;
  /** Symbols without an order here whose trades were looked through because something is unexplained. */
  readonly searched = new Set<SymbolId>();
  /** When the trades of a symbol, and an order that the venue did not list, were asked for last (monotonic ms). */
  readonly tradesAskedAtMs = new Map<SymbolId, number>();
  ordersAskedAtMs: ReadonlyMap<ClientOrderId, number> = new Map();
  /** Monotonic ms of the user stream's newest return: what was traded before it must be asked for once. */
  sweepSinceMs = Number.NEGATIVE_INFINITY;
  /** Symbols whose trades are asked for from this time on (ms, venue clock): a round could not ask for all the strangers in them. */
  tradesAgain: ReadonlyMap<SymbolId, number> = new Map();
  /** Monotonic ms at which the newest comparison began. */
  comparedAtMs = Number.NEGATIVE_INFINITY;
  /** The venue seems to have forgotten everything, since when (monotonic ms), in words; nothing trades until that is clear. */
  resetSuspect: { readonly sinceMs: number; readonly text: string } | null = null;
  /** Monotonic ms of the newest question for the balances that fills left. */
  balancesAskedAtMs: number | null = null;
  readonly doubts = new Map<ClientOrderId, Doubt>();
  /** Orders that must not live, known here or not, with the monotonic ms of their newest cancel: sent again until they are gone. */
  readonly condemned = new Map<ClientOrderId, { readonly symbol: SymbolId; readonly atMs: number }>();
  /** `receivedAtMs`: steady (steady.ts). */
  readonly balanceTimes = new Map<AssetId, { readonly venueTimeMs: number; readonly receivedAtMs: number }>();
  /** The newest deposit or withdrawal of each asset, to know a repeated report of it. */
  readonly balanceMoves = new Map<AssetId, string>();
  /** Monotonic ms of the newest orders, for C10. */
  readonly recentOrdersMs: number[] = [];
  readonly lastOrderAtMs = new Map<SymbolId, number>();
  /** Intents that are tried again, by their first order's id or their first list's. */
  readonly intents = new Map<ClientOrderId, Intent>();
  /** Sales that wait for the end of the protection that locks their coins, with the monotonic ms of their decision. */
  readonly freeing = new Map<ClientOrderId, number>();
  /** Monotonic ms of the newest look for stale entries. */
  staleSoughtAtMs: number | null = null;
  /** Of positions, and of symbols whose protection outlives one. */
  readonly protection = new Map<SymbolId, ProtectionNotes>();
  stop: StopProgress | null = null;
  readonly breaker = emptyBreakerNotes();
  readonly alarms = emptyAlarmNotes();
  /** The look at a settled account that waits for a second one to agree with it (decide/account-day.ts). */
  equitySeen: GoodReading | null = null;

  quote(symbol: SymbolId): Quote | null {
    const raw = this.quotes.get(symbol);
    if (raw === undefined) return null;
    raw.parsed ??= { bid: price(raw.bid), ask: price(raw.ask), last: raw.last === null ? null : price(raw.last), seenAtMs: raw.seenAtMs };
    return raw.parsed;
  }

  /** Spot's mark: the middle of the best quotes. */
  mark(symbol: SymbolId): Price | null {
    const quote = this.quote(symbol);
    return quote === null ? null : (quote.bid.plus(quote.ask).div(2) as Price);
  }

  /** Newest texts for the window: no decimals are made for them. */
  rawQuotes(): ReadonlyMap<
    SymbolId,
    {
      readonly bid: DecimalText;
      readonly ask: DecimalText;
      readonly last: DecimalText | null;
      readonly atMs: number;
      readonly seenAtMs: number;
    }
  > {
    return this.quotes;
  }

  /** Something of the account was not heard. A comparison that is under way may have asked before it: only the next one makes it good. */
  missEvents(): void {
    this.missedEvents = true;
    this.userOutages += 1;
  }

  /** Takes in what changes only this picture. Returns true when the whole event is thereby dealt with. */
  observe(event: VenueEvent, { nowMs, monoMs }: Moment): boolean {
    switch (event.kind) {
      case 'quote': {
        const before = this.quotes.get(event.symbol);
        this.quotes.set(event.symbol, {
          bid: event.bid,
          ask: event.ask,
          last: before?.last ?? null,
          atMs: nowMs,
          seenAtMs: monoMs,
          parsed: null,
        });
        this.quotedAtMs = monoMs;
        return true;
      }
      case 'trade': {
        const before = this.quotes.get(event.symbol);
        if (before !== undefined) this.quotes.set(event.symbol, { ...before, last: event.price, parsed: null });
        return true;
      }
      case 'alive':
        this.streams[event.stream].aliveAtMs = monoMs;
        return true;
      case 'stream':
        this.streams[event.stream] = { status: event.status, aliveAtMs: event.status === 'live' ? monoMs : null, text: event.text };
        if (event.stream === 'user' && event.status === 'down') {
          this.missEvents();
        }
        if (event.stream === 'user' && event.status === 'live') this.sweepSinceMs = monoMs;
        return false;
      case 'budget':
        this.budget = event.budget;
        return true;
      case 'clock':
        this.clock = { offsetMs: event.offsetMs, roundTripMs: event.roundTripMs };
        this.exchangeAheadMs = nowMs + event.offsetMs - monoMs;
        return true;
      case 'garbled':
        this.garbledFrames += 1;
        // What could not be read may have told a fill: it is a gap like any other, until the books are compared.
        if (event.stream === 'user') {
          this.missEvents();
          this.sweepSinceMs = monoMs;
        }
        return false;
      case 'candle':
      case 'depth':
        return true;
      case 'execution':
      case 'balances':
      case 'balance-moved':
        this.streams.user.aliveAtMs = monoMs;
        return false;
    }
  }

  noteOrder(symbol: SymbolId, monoMs: number): void {
    while (this.recentOrdersMs.length > 0 && monoMs - (this.recentOrdersMs[0] ?? 0) >= 1000) this.recentOrdersMs.shift();
    this.recentOrdersMs.push(monoMs);
    this.lastOrderAtMs.set(symbol, monoMs);
  }

  ordersLastSecond(monoMs: number): number {
    return this.recentOrdersMs.reduce((count, at) => (monoMs - at < 1000 ? count + 1 : count), 0);
  }
}

/** One of an asset in USDT, or null when nothing is known of it. USDT itself is 1. */
export const worthOf = (market: Market, asset: string): Decimal | null =>
  asset === 'USDT' ? new Decimal(1) : market.mark(`${asset}USDT` as SymbolId);

/** What the rounds of a comparison need of it (reconcile/rounds.ts). */
export const roundNotesOf = (market: Market): RoundNotes => ({
  tracked: new Set(market.instruments.keys()),
  gaps: market.unexplained,
  searched: market.searched,
  tradesAskedAtMs: market.tradesAskedAtMs,
  sweepSinceMs: market.sweepSinceMs,
  again: market.tradesAgain,
});
