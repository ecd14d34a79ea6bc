// Everything that can happen to the engine. An input is judged once, in the order of arrival; what an effect brought back is an input
// too (DESIGN 1).
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { HotkeyView, KillSwitchView, WatchdogView } from '../../src-shared/contract/view.ts';
import type { KillSwitchAsk } from '../../src-shared/domain/kill-switch.ts';
import type { BreakerRule } from '../../src-shared/domain/breaker.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { LadderDemotion, LadderPromotion, LadderSignOff, LadderStage } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { PolicyOutcome } from '../../src-shared/domain/policy-change.ts';
import type { ExitPlan, OcoRequest, OrderChange, OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { VenueBooks } from '../reconcile/diff.ts';
import type {
  AccountSnapshot,
  CancelOutcome,
  ListOutcome,
  QueryOutcome,
  ReplaceOutcome,
  SubmitOutcome,
  VenueEvent,
  VenueFailure,
  VenueFill,
  VenueOrder,
} from '../venue/port.ts';

export type Input =
  | { readonly kind: 'tick' }
  | { readonly kind: 'session'; readonly mode: Mode; readonly account: string; readonly version: string; readonly standIn?: true }
  /** What policy.json says (G). Tightening takes effect at once; what would loosen waits. */
  | {
      readonly kind: 'policy';
      readonly policy: Policy;
      /** Of the newest version that was in force, in whatever mode. */
      readonly version: number;
      readonly by: string;
      readonly why: string;
      /** What is wrong with the policy file while this policy stands in for it; absent or empty: nothing. */
      readonly problem?: string;
      /** That newest version; absent: what the file says is the first. */
      readonly inForce?: Policy;
      /** Since when the file says this (wall clock ms); absent: not known, which counts as only now. */
      readonly sinceMs?: number;
    }
  /** A person wants this policy. */
  | { readonly kind: 'policy-asked'; readonly policy: Policy; readonly by: string; readonly why: string }
  | { readonly kind: 'policy-withdraw'; readonly by: string; readonly why: string }
  | { readonly kind: 'policy-broken'; readonly text: string }
  | { readonly kind: 'mode-refused'; readonly text: string }
  | { readonly kind: 'journal-broken'; readonly text: string }
  | { readonly kind: 'instruments'; readonly instruments: readonly Instrument[] }
  | { readonly kind: 'hotkey'; readonly hotkey: HotkeyView }
  | { readonly kind: 'kill-switch'; readonly view: KillSwitchView }
  /** Something came in at the signed endpoint and was judged there (F); `times`: how many alike. What it asks for is an input of its own. */
  | {
      readonly kind: 'kill-switch-asked';
      readonly what: KillSwitchAsk;
      readonly verdict: 'taken' | 'refused';
      readonly who: string;
      readonly why: string;
      readonly times: number;
    }
  | { readonly kind: 'watchdog'; readonly watchdog: WatchdogView }
  /** The watchdog stood in (E8): what it did, as its report says. */
  | { readonly kind: 'watchdog-acted'; readonly atMs: number; readonly why: string; readonly text: string; readonly complete: boolean }
  | { readonly kind: 'place'; readonly request: OrderRequest; readonly origin: OrderOrigin }
  | { readonly kind: 'place-oco'; readonly request: OcoRequest; readonly origin: OrderOrigin }
  /** Cancels one open order that is in no list and places another in its stead, in one request. */
  | { readonly kind: 'replace'; readonly clientOrderId: string; readonly change: OrderChange; readonly origin: OrderOrigin }
  /** How a position is to be protected from now on; null: not at all. */
  | { readonly kind: 'protect'; readonly symbol: SymbolId; readonly plan: ExitPlan | null; readonly origin: OrderOrigin }
  | { readonly kind: 'cancel'; readonly clientOrderId: string; readonly origin: OrderOrigin }
  | { readonly kind: 'cancel-all'; readonly symbol: SymbolId | null; readonly origin: OrderOrigin }
  | { readonly kind: 'trip'; readonly trigger: StopTrigger; readonly reason: string; readonly positions: TripPolicy | null }
  | { readonly kind: 'reset'; readonly by: string; readonly why: string; readonly readBackTripId: number }
  /** A drill of the stop is through (E7). */
  | { readonly kind: 'drill-finished'; readonly drill: DrillResult }
  | { readonly kind: 'breaker-reset'; readonly by: string; readonly why: string; readonly readBackRule: BreakerRule }
  /** A person promotes (H): the stage is read back. */
  | { readonly kind: 'ladder-promote'; readonly by: string; readonly why: string; readonly readBackStage: LadderStage }
  /** What the journals of the modes below and above hold of the ladder. */
  | {
      readonly kind: 'ladder-elsewhere';
      readonly signOff: LadderSignOff | null;
      readonly demotions: readonly LadderDemotion[];
    }
  /** The practice market's mood. */
  | { readonly kind: 'market-regime'; readonly regime: string }
  | { readonly kind: 'reconcile'; readonly why: string }
  | { readonly kind: 'snapshot-kept'; readonly atSeq: number; readonly digest: string }
  | { readonly kind: 'self-test'; readonly items: readonly SelfTestItem[] }
  | { readonly kind: 'venue'; readonly event: VenueEvent }
  | { readonly kind: 'sent'; readonly clientOrderId: ClientOrderId }
  | { readonly kind: 'held-at-wire'; readonly clientOrderId: ClientOrderId; readonly denial: Denial }
  | { readonly kind: 'submitted'; readonly clientOrderId: ClientOrderId; readonly outcome: SubmitOutcome }
  | { readonly kind: 'submitted-list'; readonly listId: ClientOrderId; readonly outcome: ListOutcome }
  /** `clientOrderId` is the new order, `canceled` the one that it replaces. */
  | {
      readonly kind: 'replaced';
      readonly clientOrderId: ClientOrderId;
      readonly canceled: ClientOrderId;
      readonly outcome: ReplaceOutcome;
    }
  | { readonly kind: 'canceled'; readonly clientOrderId: ClientOrderId; readonly outcome: CancelOutcome }
  | { readonly kind: 'canceled-all'; readonly symbol: SymbolId; readonly tripId: number | null; readonly outcome: CancelOutcome }
  | {
      readonly kind: 'queried';
      readonly clientOrderId: ClientOrderId;
      /** Steady (steady.ts), as in every answer below. */
      readonly askedAtMs: number;
      readonly outcome: QueryOutcome;
      readonly fills: readonly VenueFill[];
    }
  | { readonly kind: 'open-orders-seen'; readonly tripId: number; readonly result: Result<readonly VenueOrder[], VenueFailure> }
  | {
      readonly kind: 'account-seen';
      readonly tripId: number | null;
      readonly askedAtMs: number;
      readonly result: Result<AccountSnapshot, VenueFailure>;
    }
  | { readonly kind: 'books-seen'; readonly why: string; readonly startedAtMs: number; readonly result: Result<VenueBooks, VenueFailure> };

/** What the one who asked gets back at once; the facts are on their way to the disk. */
export type Reply =
  | { readonly kind: 'none' }
  /** `orders`: all of a list, in their places; `clientOrderId` is then its entry, or the stop leg of an OCO. */
  | { readonly kind: 'placed'; readonly clientOrderId: ClientOrderId; readonly orders?: readonly ClientOrderId[] }
  | { readonly kind: 'protected' }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'requested'; readonly count: number }
  | { readonly kind: 'tripped'; readonly tripId: number }
  | { readonly kind: 'reset'; readonly coolDownUntilMs: number }
  | { readonly kind: 'breaker-closed'; readonly rule: BreakerRule }
  | { readonly kind: 'promoted'; readonly promotion: LadderPromotion }
  | { readonly kind: 'policy'; readonly outcome: PolicyOutcome }
  | { readonly kind: 'refused'; readonly text: string };

export const NO_REPLY: Reply = { kind: 'none' };
