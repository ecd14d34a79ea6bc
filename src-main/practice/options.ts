// What a practice exchange can be started with: one schema for the worker, the command line and the tests.
// Defaults are those of a first start: four symbols, a synthetic market, 10 000 USDT, Binance's limits.
import { z } from 'zod';
import { PRACTICE_ACCOUNTS, type PracticeAccount } from '../../src-shared/domain/mode.ts';
import { REGIMES } from './feeds/feed.ts';
import { BINANCE_LIMITS } from './protocol/limits.ts';
import { BINANCE_SOCKETS } from './protocol/live-socket.ts';

/** REQUIREMENTS A1: the account presets of practice mode. */
export const ACCOUNT_PRESETS: Readonly<Record<PracticeAccount, Readonly<Record<string, string>>>> = {
  conservative: { USDT: '10000' },
  aggressive: { USDT: '10000' },
  'high-volume': { USDT: '50000' },
};

export const DEFAULT_SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'] as const;
/** The trader's account; the default key belongs to it. */
export const MAIN_ACCOUNT = 'main';

const amount = z.string().regex(/^[0-9]{1,20}(\.[0-9]{1,8})?$/, 'a plain decimal with at most 8 places');
const whole = z.number().int().positive();
const rate = z.string().regex(/^0(\.[0-9]{1,8})?$/, 'a rate below 1, as "0.001"');

const symbolName = z.string().regex(/^[A-Z0-9]{2,20}$/);
const decimal = z.string().regex(/^(?=.*[1-9])[0-9]{1,8}(\.[0-9]{1,8})?$/, 'a plain decimal above 0');

const feed = z.string().refine((text) => text === 'synthetic' || /^replay:[^,]+(,[^,]+)*$/.test(text), 'synthetic or replay:FILE[,FILE…]');

export const practiceOptionsSchema = z.strictObject({
  /** 0: any free port. */
  port: z.number().int().min(0).max(65_535).default(0),
  seed: z.number().int().min(0).max(0xffffffff).default(1),
  feed: feed.default('synthetic'),
  /** Replay: times real time; max: as fast as it can be read. */
  speed: z.union([z.number().positive(), z.literal('max')]).default(1),
  loop: z.boolean().default(false),
  /** The market waits for the fault desk's `pauseFeed` off: a test hears a recording from its first message. */
  paused: z.boolean().default(false),
  regime: z.enum(REGIMES).default('ranging'),
  /** Synthetic: after so many minutes the market turns from one mood to the next; 0: never by itself. */
  regimeMinutes: z.number().min(0).max(1440).default(0),
  /** Synthetic: market events a second over all symbols; 0: a market that stands still. Absent: a lively pace. */
  eventsPerSecond: z.number().min(0).max(100_000).optional(),
  /** Synthetic: minutes of candles before the start. */
  historyMinutes: z.number().int().min(0).max(1440).default(60),
  /** Simulated round trip: half of it each way, for answers and events alike. */
  latencyMs: z.number().min(0).max(60_000).default(0),
  /** What a synthetic market lists; a replay lists what was recorded. */
  symbols: z
    .array(symbolName)
    .min(1)
    .default([...DEFAULT_SYMBOLS]),
  /** Synthetic: grid and opening price of symbols that are to look as they do elsewhere. */
  listings: z.record(symbolName, z.strictObject({ tick: decimal, step: decimal, price: decimal })).default({}),
  /** What the account opens with. */
  preset: z.enum(PRACTICE_ACCOUNTS).default('conservative'),
  /** Instead of the preset's. */
  balances: z.record(z.string().regex(/^[A-Z0-9]{1,10}$/), amount).optional(),
  /**
   * File that the accounts outlive the exchange in (state-file.ts), for one exchange at a time; its folder is made. An account in it
   * goes on as it was, whatever the preset. Absent: everything ends with the exchange.
   */
  statePath: z.string().min(1).optional(),
  makerRate: rate.default('0.001'),
  takerRate: rate.default('0.001'),
  bnbDiscount: z.boolean().default(false),
  limits: z
    .strictObject({
      weightPerMinute: whole.default(BINANCE_LIMITS.weightPerMinute),
      rawRequestsPer5Min: whole.default(BINANCE_LIMITS.rawRequestsPer5Min),
      ordersPer10s: whole.default(BINANCE_LIMITS.ordersPer10s),
      ordersPerDay: whole.default(BINANCE_LIMITS.ordersPerDay),
      connectionsPer5Min: whole.default(BINANCE_LIMITS.connectionsPer5Min),
      graceAfter429: whole.default(BINANCE_LIMITS.graceAfter429),
    })
    .default({ ...BINANCE_LIMITS }),
  sockets: z
    .strictObject({
      pingEveryMs: whole.default(BINANCE_SOCKETS.pingEveryMs),
      dropAfterMs: whole.default(BINANCE_SOCKETS.dropAfterMs),
      lifeMs: whole.max(0x7fffffff).default(BINANCE_SOCKETS.lifeMs),
    })
    .default({ ...BINANCE_SOCKETS }),
});

export type PracticeOptions = z.input<typeof practiceOptionsSchema>;
export type ParsedOptions = z.output<typeof practiceOptionsSchema>;
