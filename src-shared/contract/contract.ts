// Every call that the window or the command line can make, declared once: zod gives the types of both sides, and a missing handler
// does not compile (DESIGN 7). Inputs are parsed strictly; failures cross as values; secrets cross inward only.
import { z } from 'zod';
import type { Denial } from '../errors/denial.ts';
import type { Result } from '../errors/result.ts';
import { BREAKER_RULES } from '../domain/breaker.ts';
import type { BreakerRule } from '../domain/breaker.ts';
import type { DrillResult } from '../domain/drill.ts';
import { LADDER_STAGES } from '../domain/ladder.ts';
import type { LadderPromotion } from '../domain/ladder.ts';
import type { StopReceipt } from '../domain/stop.ts';
import type { SelfTestItem } from '../domain/self-test.ts';
import type { Difference } from '../domain/difference.ts';
import type { MetricsView } from './metrics.ts';
import type { JournalPage, JournalRow, ReplayedView } from './journal.ts';
import { policyWishSchema } from './policy.ts';
import type { PolicyDiff, PolicySheet } from './policy.ts';
import type { AlertTestResult } from './alerts.ts';
import type { PolicyOutcome } from '../domain/policy-change.ts';
import { clientOrderId, ocoRequestSchema, orderRequestSchema, protectSchema, replaceSchema, sizeByRiskSchema, symbol } from './orders.ts';
import type { OrderPreview, PlacedOrder, RiskSize } from './orders.ts';
import type { BuyNow } from './buy-now.ts';
import type { CandleView, Snapshot } from './view.ts';

export { orderRequestSchema };
export type { OrderPreview, PlacedOrder, RiskSize };
export type { ExitPlanInput, OcoRequestInput, OrderRequestInput } from './orders.ts';

const reason = z.string().trim().min(1).max(200);

/** What is kept of the words that came with a stop: the first 200 characters. */
export const stopReason = (text: string): string => Array.from(text.trim()).slice(0, 200).join('').trim();

/** A failure that a person can act on: what happened, what was not done, what to do next. */
export interface CallError {
  readonly code: 'BAD_INPUT' | 'DENIED' | 'NOT_FOUND' | 'REFUSED' | 'UNAVAILABLE' | 'INTERNAL';
  readonly text: string;
  readonly denial?: Denial;
}
export type CallResult<T> = Result<T, CallError>;

export interface KeyStatus {
  readonly mode: 'testnet' | 'mainnet';
  readonly stored: 'keychain' | 'session' | 'none';
  readonly kind: 'hmac' | 'ed25519' | 'rsa' | null;
  /** First and last four characters of the API key (public part). */
  readonly hint: string | null;
  readonly keychain: { readonly available: boolean; readonly text: string };
}

const preferencesSchema = z.strictObject({
  theme: z.enum(['dark', 'light', 'system']),
  palette: z.enum(['standard', 'red-up', 'colour-blind']),
});
export type Preferences = z.output<typeof preferencesSchema>;

const output = <T>() => z.custom<CallResult<T>>();
const nothing = z.strictObject({});
/** From where an entry may be called. Keys are for the window alone. */
const everywhere = ['window', 'socket'] as const;
const windowOnly = ['window'] as const;

const entry = <I extends z.ZodType, O extends z.ZodType>(input: I, out: O, from: readonly ('window' | 'socket')[] = everywhere) => ({
  input,
  output: out,
  from,
});

export const contract = {
  subscribe: entry(nothing, output<Snapshot>()),
  previewOrder: entry(orderRequestSchema, output<OrderPreview>()),
  previewOco: entry(ocoRequestSchema, output<OrderPreview>()),
  placeOrder: entry(orderRequestSchema, output<PlacedOrder>()),
  placeOco: entry(ocoRequestSchema, output<PlacedOrder>()),
  /** Cancels an open order and places it anew, changed, in one request; what comes back is the new order. */
  replaceOrder: entry(replaceSchema, output<PlacedOrder>()),
  /** `seq`: a picture from this fact on knows the plan. */
  protectPosition: entry(protectSchema, output<{ readonly symbol: string; readonly seq: number }>()),
  sizeByRisk: entry(sizeByRiskSchema, output<RiskSize>()),
  /** What a market buy would meet now; asks and changes nothing. */
  buyNow: entry(z.strictObject({ symbol }), output<BuyNow>()),
  cancelOrder: entry(z.strictObject({ clientOrderId }), output<{ readonly clientOrderId: string }>()),
  cancelAll: entry(z.strictObject({ symbol: symbol.optional() }), output<{ readonly requested: number }>()),
  /** Words never keep a stop from being obeyed: a reason that is too long is cut. */
  tripStop: entry(
    z.strictObject({ reason: z.string().default('').transform(stopReason), positions: z.enum(['keep-positions', 'flatten']).optional() }),
    output<{ readonly tripId: number }>(),
  ),
  /** Waits until the stop has its receipt, or the time is over. */
  awaitReceipt: entry(z.strictObject({ tripId: z.int().min(1), timeoutMs: z.int().min(0).max(60_000) }), output<StopReceipt>()),
  /** The emergency stop on an exchange of its own, with a copy of the open orders (E7); answered when it is through, within 45 s. */
  drill: entry(nothing, output<DrillResult>()),
  /** A person's act: who comes from the operating system's user, why from the person, and the trip's number read back. */
  resetStop: entry(z.strictObject({ why: reason, readBackTripId: z.int().min(1) }), output<{ readonly coolDownUntilMs: number }>()),
  /** A person's act as well: what broke is read back. */
  resetBreaker: entry(z.strictObject({ why: reason, readBackRule: z.enum(BREAKER_RULES) }), output<{ readonly rule: BreakerRule }>()),
  /** A person's act (H): the stage that it leads to is read back; the same stage once more renews its certificate. */
  promoteLadder: entry(z.strictObject({ why: reason, readBackStage: z.enum(LADDER_STAGES) }), output<LadderPromotion>()),
  proveHotkey: entry(nothing, output<{ readonly waitMs: number }>(), windowOnly),
  /** The policy field by field, what waits, and the versions that were in force. */
  policyShow: entry(nothing, output<PolicySheet>()),
  /** What a wish would change, from what was asked for last. */
  policyDiff: entry(policyWishSchema, output<PolicyDiff>()),
  /** A person's act: tightening takes effect at once, loosening waits, and is refused while the tilt guard says so (G). */
  policyPropose: entry(policyWishSchema.extend({ why: reason }), output<PolicyOutcome>()),
  policyWithdraw: entry(z.strictObject({ why: reason }), output<PolicyOutcome>()),
  reconcile: entry(nothing, output<{ readonly differences: readonly Difference[] }>()),
  selfTest: entry(nothing, output<{ readonly items: readonly SelfTestItem[] }>()),
  showChart: entry(
    z.strictObject({ symbol, interval: z.enum(['1m', '5m', '15m', '1h', '4h', '1d']) }),
    output<{ readonly candles: readonly CandleView[] }>(),
  ),
  verifyJournal: entry(nothing, output<{ readonly facts: number; readonly headHash: string; readonly text: string }>()),
  /** Facts from `fromSeq` on, or up to `toSeq`, or (neither) the newest; at most `count`, oldest first. */
  journalPage: entry(
    z
      .strictObject({ fromSeq: z.int().min(1).optional(), toSeq: z.int().min(0).optional(), count: z.int().min(1).max(500).default(100) })
      .refine(({ fromSeq, toSeq }) => fromSeq === undefined || toSeq === undefined, 'give fromSeq or toSeq, not both'),
    output<JournalPage>(),
  ),
  /** Rows as they are on disk, for an export: row 0 says whose journal it is. */
  journalRows: entry(
    z.strictObject({ fromSeq: z.int().min(0), count: z.int().min(1).max(1000) }),
    output<{ readonly rows: readonly JournalRow[]; readonly headSeq: number }>(),
  ),
  /** The console as it stood after fact `seq` (0: before the first), or at a time. */
  replayAt: entry(
    z
      .strictObject({ seq: z.int().min(0).optional(), untilMs: z.int().min(0).optional() })
      .refine(({ seq, untilMs }) => (seq === undefined) !== (untilMs === undefined), 'give seq or untilMs, one of them'),
    output<ReplayedView>(),
  ),
  /** The same numbers twice: to show, and as Prometheus' text for whoever collects them. */
  metrics: entry(nothing, output<{ readonly figures: MetricsView; readonly prometheus: string }>()),
  switchMode: entry(
    z.strictObject({ mode: z.enum(['practice', 'testnet', 'mainnet']), confirmation: z.string().max(100).default('') }),
    output<{ readonly text: string }>(),
  ),
  keyStatus: entry(nothing, output<readonly KeyStatus[]>(), windowOnly),
  setKey: entry(
    z.strictObject({
      mode: z.enum(['testnet', 'mainnet']),
      apiKey: z.string().trim().min(1).max(256),
      secret: z.string().min(1).max(8192),
    }),
    output<KeyStatus>(),
    windowOnly,
  ),
  deleteKey: entry(z.strictObject({ mode: z.enum(['testnet', 'mainnet']) }), output<KeyStatus>(), windowOnly),
  testKey: entry(z.strictObject({ mode: z.enum(['testnet', 'mainnet']) }), output<{ readonly text: string }>(), windowOnly),
  /** Signs the kill switch's requests (F). It goes inward only: whoever made it up, the window included, is the one who knows it. */
  setKillSwitchSecret: entry(
    z.strictObject({ secret: z.string().trim().min(1).max(256) }),
    output<{ readonly text: string }>(),
    windowOnly,
  ),
  deleteKillSwitchSecret: entry(nothing, output<{ readonly text: string }>(), windowOnly),
  /** One message on each way on which alerts leave (L4); `results` says what came of it. */
  testAlerts: entry(nothing, output<{ readonly results: readonly AlertTestResult[] }>()),
  /** The webhook's address, or the mail server's password: inward only. */
  setAlertSecret: entry(
    z.strictObject({ name: z.enum(['webhook', 'mail']), secret: z.string().min(1).max(2000) }),
    output<{ readonly text: string }>(),
    windowOnly,
  ),
  deleteAlertSecret: entry(z.strictObject({ name: z.enum(['webhook', 'mail']) }), output<{ readonly text: string }>(), windowOnly),
  getPreferences: entry(nothing, output<Preferences>(), windowOnly),
  setPreferences: entry(preferencesSchema, output<Preferences>(), windowOnly),
} as const;

export type Contract = typeof contract;
export type CallName = keyof Contract;
export type CallInput<K extends CallName> = z.input<Contract[K]['input']>;
export type CallOutput<K extends CallName> = z.output<Contract[K]['output']>;

/** Where a call came from, as the transport knows it: never what the payload claims. */
export interface Caller {
  readonly from: 'window' | 'socket';
  /** The operating system's user name. */
  readonly user: string;
}

/** The main side: one function an entry, all of them. */
export type Handlers = {
  readonly [K in CallName]: (input: z.output<Contract[K]['input']>, caller: Caller) => Promise<CallOutput<K>>;
};

/** What main pushes to a replica. Deltas in order and never dropped; frames merged. */
export type Push =
  | { readonly kind: 'deltas'; readonly deltas: readonly import('./view.ts').Delta[] }
  | { readonly kind: 'market'; readonly frame: import('./view.ts').MarketFrame };

/** What the preload exposes as `window.holdfast`: one named function an entry, and one way to listen; no generic channel. */
export type ExposedApi = { readonly [K in CallName]: (input: CallInput<K>) => Promise<CallOutput<K>> } & {
  readonly onPush: (listener: (push: Push) => void) => () => void;
};
