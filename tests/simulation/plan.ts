// What a seed means: a setup and a list of plain steps, drawn up front from a random source of its own, so that a step can be left out
// without changing the others (shrink.ts). A step says what is wished; what becomes of it depends on the world (world.ts).
import { Random } from '../../src-main/practice/feeds/random.ts';
import { REGIMES } from '../../src-main/practice/feeds/feed.ts';
import type { Regime } from '../../src-main/practice/feeds/feed.ts';
import type { LadderStage } from '../../src-shared/domain/ladder.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import type { PolicyChanges } from '../support/sim.ts';
import type { Cut } from '../support/memory-journal.ts';

export const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'] as const;
type Symbol = (typeof SYMBOLS)[number];

export interface Setup {
  readonly seed: number;
  readonly regime: Regime;
  readonly bnbDiscount: boolean;
  readonly balances: Readonly<Record<string, string>>;
  readonly weightPerMinute: number;
  readonly restDeadlineMs: number;
  readonly startMs: number;
  readonly policy: PolicyChanges;
  /** Real money at this stage of the ladder; absent: practice. */
  readonly ladder?: LadderStage;
  /** The journal's own file code instead of texts in memory. */
  readonly realJournal: boolean;
}

export interface Weather {
  readonly latencyMs: readonly [number, number];
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly executedButError: number;
  readonly storm: number;
  readonly lateArrival: number;
  readonly streamDuplicate: number;
  readonly streamReorder: number;
  readonly streamMissing: number;
  readonly streamSilent: boolean;
  readonly silentMarkets: readonly string[];
  readonly queryLagMs: number;
  readonly deadSymbols: readonly string[];
  readonly partition: boolean;
}

/** In percent from the price of the moment, the trailing distance in basis points; 0: without. */
export interface Exits {
  readonly stopPct: number;
  readonly profitPct: number;
  readonly trailBps: number;
}

export type Deed =
  | { readonly do: 'wait' }
  | {
      readonly do: 'place';
      readonly symbol: Symbol;
      readonly side: 'BUY' | 'SELL';
      readonly type: 'MARKET' | 'QUOTE' | 'GTC' | 'IOC' | 'FOK' | 'POST_ONLY';
      /** Of the bid; positive is above it. */
      readonly awayPct: number;
      readonly usdt: number;
      /** Sells: this part of the position, where there is one; 0: by value. */
      readonly share: number;
      /** Buys: how the position is to be left again. */
      readonly exits: Exits | null;
    }
  /** A sale that waits for a price, of a part of the position; trailing where it has no distance. */
  | {
      readonly do: 'conditional';
      readonly symbol: Symbol;
      readonly type: 'STOP_LOSS' | 'STOP_LOSS_LIMIT' | 'TAKE_PROFIT' | 'TAKE_PROFIT_LIMIT';
      readonly awayPct: number;
      readonly trailBps: number;
      readonly share: number;
    }
  | { readonly do: 'oco'; readonly symbol: Symbol; readonly stopPct: number; readonly profitPct: number; readonly share: number }
  /** The open order at this share of their number gets another price or size. */
  | { readonly do: 'replace'; readonly nth: number; readonly pricePct: number; readonly qtyShare: number }
  /** Null: the position goes without from now on. */
  | { readonly do: 'protect'; readonly symbol: Symbol; readonly exits: Exits | null }
  /** Of the open orders the one at this share of their number. */
  | { readonly do: 'cancel'; readonly nth: number }
  | { readonly do: 'cancel-all'; readonly symbol: Symbol | null }
  /** Somebody trades against our resting orders. */
  | { readonly do: 'hit'; readonly nth: number; readonly share: number }
  /** By phone, on the same account: an order that rests (or the end of it), a part of a position sold, more bought. */
  | { readonly do: 'phone-rest'; readonly symbol: Symbol; readonly sameName: boolean }
  | { readonly do: 'phone-trade'; readonly symbol: Symbol; readonly side: 'BUY' | 'SELL'; readonly share: number }
  | { readonly do: 'money'; readonly asset: 'USDT' | 'BTC' | 'BNB'; readonly usdt: number }
  | { readonly do: 'weather'; readonly weather: Weather | null }
  | { readonly do: 'regime'; readonly regime: Regime }
  | { readonly do: 'stream'; readonly how: 'drop' | 'block' | 'unblock' | 'terminate' }
  /** The exchange says 429 or 418 to everything for so long. */
  | { readonly do: 'throttle'; readonly status: 429 | 418; readonly forMs: number }
  | { readonly do: 'disk'; readonly commitMs: number; readonly stalled: boolean }
  /** The disk is full; the process ends on its own feet only after a crash. */
  | { readonly do: 'disk-full' }
  | { readonly do: 'clock'; readonly offsetMs: number; readonly driftPpm: number }
  /** By hand in the file, or by command. */
  | { readonly do: 'policy'; readonly name: keyof typeof POLICIES; readonly by?: 'command' }
  /** What waits of the policy is taken back. */
  | { readonly do: 'policy-withdraw' }
  | { readonly do: 'reconcile' }
  | { readonly do: 'stop'; readonly positions: 'flatten' | 'keep-positions' | null }
  | { readonly do: 'reset' }
  /** The process dies, and another starts after a while in which the world goes on. A watchdog may have stood in by then (E8). */
  | { readonly do: 'crash'; readonly cut: Cut; readonly downMs: number; readonly meanwhile: readonly Deed[]; readonly watchdog?: boolean }
  /** Faults stop, what was in doubt has its time, and the books must be the same. */
  | { readonly do: 'rest' };

export interface Step {
  /** The world's chance from here on. */
  readonly luck: number;
  readonly deed: Deed;
  /** Then so much time passes. */
  readonly passMs: number;
}

export interface Plan {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** What a trader changes: tighter, looser, and back. */
export const POLICIES = {
  base: {},
  tight: { limits: { maxOrderNotionalUsdt: '300' }, exposure: { maxPositionPct: '4' } },
  loose: { limits: { maxOrderNotionalUsdt: '2000', maxDailyLossUsdt: '2000' }, exposure: { maxPositionPct: '30' } },
  'two positions': { limits: { maxPositions: 2 } },
  'BTC only': { limits: { allowedSymbols: ['BTCUSDT'] } },
  'protect all': { protection: { automatic: true, stopLossPct: '1', takeProfitPct: '1.5' } },
  'close unprotected': { protection: { closeUnprotected: true, graceSeconds: 5 } },
  'flatten on trip': { emergencyStop: { onTrip: 'flatten', coolDownMinutes: 1 } },
  // So near that any falling market opens the breaker or trips the stop: a part of them at once, a part after a reset.
  'nervous breaker': {
    circuitBreaker: { maxDailyDrawdownPct: '0.1', maxWeeklyDrawdownPct: '0.2', maxTotalDrawdownPct: '0.3', consecutiveLosses: 3 },
  },
  'nervous stop': { emergencyStop: { autoDailyDrawdownPct: '0.2', autoOpenLossPct: '0.1', coolDownMinutes: 1 } },
  'probing breaker': { circuitBreaker: { probeAfterCoolDown: true, probeCoolDownMinutes: 1 } },
} as const satisfies Record<string, PolicyChanges>;

/** A simulation's weather keeps a breaker of the usual thresholds open: most setups are calmer (wide.ts), so that there is trading. */
const BASE_POLICY: PolicyChanges = { emergencyStop: { coolDownMinutes: 1 }, limits: { maxDailyTrades: 100_000, maxDailyLossUsdt: '5000' } };
/** The usual counts, and drawdowns so near that a falling market is enough. */
const NERVOUS_POLICY: PolicyChanges = {
  emergencyStop: { coolDownMinutes: 1, autoExecutionErrors: 5, autoDailyDrawdownPct: '0.1', autoOpenLossPct: '0.1' },
  circuitBreaker: {
    consecutiveLosses: 10,
    apiErrors: 3,
    consecutiveOrderFailures: 5,
    failedTrades: 5,
    maxDailyDrawdownPct: '0.1',
    maxWeeklyDrawdownPct: '0.4',
    maxTotalDrawdownPct: '0.8',
  },
};
const REST_EVERY = 60;
const COOLED_DOWN_MS = 61_000;
const LOOSENED_MS = 901_000;
const PLACES: ReadonlySet<Deed['do']> = new Set(['place', 'oco', 'conditional', 'replace', 'protect']);
const IN_FLIGHT_MS = 40;
/** 2026-11-03, nine in the morning and ten minutes to midnight (UTC). */
const MORNING_MS = Date.UTC(2026, 10, 3, 9, 0, 0);
const LATE_MS = Date.UTC(2026, 10, 3, 23, 50, 0);

class Drawer {
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed * 2 + 1);
  }

  next(): number {
    return this.random.next();
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)] as T;
  }

  /** Short numbers: a trace is read by people. */
  round(value: number, digits = 2): number {
    return Number(value.toFixed(digits));
  }

  some(most: number): number {
    return this.chance(0.5) ? this.round(most * this.next()) : 0;
  }

  setup(seed: number): Setup {
    const drawn: Omit<Setup, 'policy'> = {
      seed,
      regime: this.pick(REGIMES),
      bnbDiscount: this.chance(0.4),
      balances: this.pick([{ USDT: '10000' }, { USDT: '3000', BTC: '0.01', BNB: '1' }, { USDT: '50000', BNB: '0.05' }]),
      weightPerMinute: this.pick([6000, 6000, 6000, 1800]),
      restDeadlineMs: this.pick([6000, 6000, 3000]),
      startMs: this.pick([MORNING_MS, MORNING_MS, LATE_MS]),
      realJournal: seed % REAL_JOURNAL_EVERY === 0,
      ...(seed % 7 === 3 && { ladder: seed % 14 === 3 ? 'week-2' : 'week-4' }),
    };
    // Else there is room for much to stand in the market at once.
    const exposure = seed % 3 === 0 ? { exposure: NORMAL.exposure } : {};
    // Some trade under a cool-down that a few losses begin, and that ends within a seed's time (C13).
    const losses = seed % 8 === 3 ? { coolDownAfterLosses: 2, coolDownMinutes: 1 } : {};
    const limits = { limits: { ...BASE_POLICY['limits'], ...losses } };
    // In others two refusals in a row are enough for the breaker (D).
    const failures = seed % 8 === 6 ? { circuitBreaker: { consecutiveOrderFailures: 2 } } : {};
    if (this.chance(0.7)) return { ...drawn, policy: { ...BASE_POLICY, ...exposure, ...limits, ...failures } };
    // Coins enough for a market that falls to open the breaker and to trip the stop.
    const balances = this.pick([drawn.balances, { USDT: '5000', BTC: '0.1' }]);
    return { ...drawn, balances, regime: this.pick([drawn.regime, 'crash', 'crash']), policy: { ...NERVOUS_POLICY, ...exposure } };
  }

  place(): Deed {
    const side = this.chance(0.6) ? 'BUY' : 'SELL';
    return {
      do: 'place',
      symbol: this.pick(SYMBOLS),
      side,
      type: this.pick(['MARKET', 'MARKET', 'QUOTE', 'GTC', 'GTC', 'GTC', 'IOC', 'FOK', 'POST_ONLY']),
      awayPct: this.round((side === 'BUY' ? -1 : 1) * (this.next() * 1.5 - 0.2)),
      usdt: Math.round(105 + 700 * this.next()),
      share: this.chance(0.7) ? this.pick([0.3, 0.5, 1, 1]) : 0,
      exits: side === 'BUY' && this.chance(0.35) ? this.exits() : null,
    };
  }

  exits(): Exits {
    const trails = this.chance(0.3);
    return {
      stopPct: trails || this.chance(0.2) ? 0 : this.round(0.2 + 2 * this.next()),
      profitPct: this.chance(0.6) ? this.round(0.2 + 2 * this.next()) : 0,
      trailBps: trails ? this.pick([5, 30, 100, 250]) : 0,
    };
  }

  conditional(): Deed {
    const type = this.pick(['STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'] as const);
    return {
      do: 'conditional',
      symbol: this.pick(SYMBOLS),
      type,
      awayPct: this.round((type.startsWith('STOP') ? -1 : 1) * (1.8 * this.next() - 0.1)),
      trailBps: this.chance(0.2) ? this.pick([20, 100, 250]) : 0,
      share: this.pick([0.3, 0.5, 1]),
    };
  }

  weather(): Deed {
    if (this.chance(0.3)) return { do: 'weather', weather: null };
    return {
      do: 'weather',
      weather: {
        latencyMs: this.pick([
          [1, 3],
          [5, 60],
          [100, 900],
        ] as const),
        lostBefore: this.some(0.3),
        lostAfter: this.some(0.3),
        executedButError: this.some(0.2),
        storm: this.chance(0.1) ? 0.9 : this.some(0.1),
        lateArrival: this.some(0.3),
        streamDuplicate: this.some(0.5),
        streamReorder: this.some(0.3),
        streamMissing: this.some(0.3),
        streamSilent: this.chance(0.08),
        silentMarkets: this.chance(0.06) ? SYMBOLS : this.chance(0.1) ? [this.pick(SYMBOLS)] : [],
        queryLagMs: this.pick([0, 0, 500, 3000]),
        deadSymbols: this.chance(0.2) ? [this.pick(SYMBOLS)] : [],
        partition: this.chance(0.08),
      },
    };
  }

  phone(): Deed {
    return this.chance(0.6)
      ? { do: 'phone-rest', symbol: this.pick(SYMBOLS), sameName: this.chance(0.5) }
      : { do: 'phone-trade', symbol: this.pick(SYMBOLS), side: this.pick(['SELL', 'SELL', 'BUY']), share: this.pick([0.4, 1]) };
  }

  money(): Deed {
    const asset = this.pick(['USDT', 'USDT', 'USDT', 'BTC', 'BNB'] as const);
    return { do: 'money', asset, usdt: this.pick([50, 120, -50, -120]) };
  }

  crash(): Deed {
    const cut: Cut = this.chance(0.4)
      ? { kind: 'torn', at: this.round(this.next()) }
      : { kind: 'share', share: this.pick([0, 0, 1, this.round(this.next())]) };
    const meanwhile: Deed[] = [];
    if (this.chance(0.3)) meanwhile.push(this.phone());
    if (this.chance(0.2)) meanwhile.push(this.money());
    if (this.chance(0.3)) meanwhile.push({ do: 'hit', nth: this.round(this.next()), share: this.pick([0.5, 1]) });
    return { do: 'crash', cut, downMs: this.pick([0, 10, 2000, 20_000]), meanwhile, watchdog: this.chance(0.15) };
  }

  stop(): Deed {
    return { do: 'stop', positions: this.pick([null, 'flatten', 'keep-positions'] as const) };
  }

  clock(): Deed {
    const offsetMs = this.pick([0, 0, 300, -300, 2500, -2500, 20_000, -20_000, 3_600_000, -3_600_000]);
    return { do: 'clock', offsetMs, driftPpm: this.pick([0, 0, 200, -200]) };
  }

  deed(): Deed {
    const dice = this.next() * 1000;
    // From the top, how many of a thousand.
    const table: readonly (readonly [number, () => Deed])[] = [
      [400, () => this.place()],
      [30, () => this.conditional()],
      [
        20,
        () => ({
          do: 'oco',
          symbol: this.pick(SYMBOLS),
          stopPct: this.round(1.8 * this.next()),
          profitPct: this.round(1.8 * this.next()),
          share: this.pick([0.5, 1]),
        }),
      ],
      [
        40,
        () => ({
          do: 'replace',
          nth: this.round(this.next()),
          pricePct: this.round(this.next() - 0.5),
          qtyShare: this.pick([1, 1, 0.5, 1.5]),
        }),
      ],
      [45, () => ({ do: 'protect', symbol: this.pick(SYMBOLS), exits: this.chance(0.75) ? this.exits() : null })],
      [80, () => ({ do: 'cancel', nth: this.round(this.next()) })],
      [25, () => ({ do: 'cancel-all', symbol: this.pick([null, ...SYMBOLS]) })],
      [80, () => ({ do: 'hit', nth: this.round(this.next()), share: this.pick([0.1, 0.5, 1]) })],
      [40, () => this.phone()],
      [20, () => this.money()],
      [80, () => this.weather()],
      [6, () => ({ do: 'regime', regime: this.pick(REGIMES) })],
      [20, () => ({ do: 'stream', how: this.pick(['drop', 'drop', 'block', 'unblock', 'unblock', 'terminate']) })],
      [6, () => ({ do: 'throttle', status: this.chance(0.8) ? 429 : 418, forMs: this.pick([2000, 8000, 20_000]) })],
      [20, () => ({ do: 'disk', commitMs: this.pick([1, 2, 5, 50, 400]), stalled: this.chance(0.05) })],
      [2, () => ({ do: 'disk-full' })],
      [5, () => this.clock()],
      [12, () => ({ do: 'policy', name: this.pick(Object.keys(POLICIES) as (keyof typeof POLICIES)[]) })],
      [10, () => ({ do: 'reconcile' })],
      [16, () => this.stop()],
      [90, () => ({ do: 'reset' })],
      [24, () => this.crash()],
    ];
    let sum = 0;
    for (const [weight, draw] of table) if (dice < (sum += weight)) return draw();
    return { do: 'wait' };
  }

  /** What meets an order between its decision and its answer. */
  worstMoment(): Deed {
    const dice = this.next();
    if (dice < 0.45) return { do: 'cancel', nth: 1 };
    if (dice < 0.75) return this.crash();
    if (dice < 0.85) return this.stop();
    return dice < 0.93 ? { do: 'stream', how: 'drop' } : { do: 'cancel-all', symbol: null };
  }

  /** How a change of the policy comes, and now and then its taking back: by the step's own luck, which draws from no source. */
  policyBy(deed: Deed, luck: number): Deed {
    if (deed.do !== 'policy') return deed;
    if (luck % 8 === 0) return { do: 'policy-withdraw' };
    return luck % 2 === 0 ? { ...deed, by: 'command' } : deed;
  }

  /** Mostly a moment; now and then none at all, so that things meet; rarely long enough for what is done once in minutes. */
  passMs(deed: Deed): number {
    const dice = this.next();
    // A cool-down lasts a minute at least: mostly it is waited for, or nothing would ever be opened again.
    if (deed.do === 'reset' && dice < 0.4) return COOLED_DOWN_MS;
    if (dice < 0.22) return this.pick([0, 0, 1, 5, 15, 40]);
    if (dice > 0.996) return this.pick([30_000, 90_000, 330_000]);
    return Math.round(20 + 600 * this.next() * this.next());
  }
}

/** Real files are ten times slower at a restart: every so many seeds live on them. */
const REAL_JOURNAL_EVERY = 3;

/** The plan of a seed; its first steps are the same whatever their number. */
export const drawPlan = (seed: number, count: number): Plan => {
  const drawer = new Drawer(seed);
  const setup = drawer.setup(seed);
  const steps: Step[] = [];
  for (let index = 1; index <= count; index += 1) {
    const luck = Math.floor(drawer.next() * 2 ** 32);
    if (index % REST_EVERY === 0 || index === count) steps.push({ luck, deed: { do: 'rest' }, passMs: 0 });
    else {
      const before = steps.at(-1);
      const inFlight = before !== undefined && PLACES.has(before.deed.do) && before.passMs <= IN_FLIGHT_MS;
      const deed = inFlight && drawer.chance(0.4) ? drawer.worstMoment() : drawer.deed();
      const passMs = drawer.passMs(deed);
      // What loosens waits for a quarter of an hour: now and then it is waited for.
      steps.push({ luck, deed: drawer.policyBy(deed, luck), passMs: deed.do === 'policy' && luck % 3 === 0 ? LOOSENED_MS : passMs });
    }
  }
  return { setup, steps };
};
