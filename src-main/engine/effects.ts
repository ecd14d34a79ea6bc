// What must be done outside, and when. A submit waits until its intent is on disk; a cancel waits for nothing (DESIGN 2).
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Severity } from '../alerts/port.ts';
import type { Priority } from '../venue/port.ts';
import { sentence } from '../../src-shared/errors/sentence.ts';
import type { Fact, IntendedList, IntendedOrder } from './facts.ts';
import type { Order } from './state.ts';

export type Effect =
  | { readonly kind: 'submit'; readonly order: IntendedOrder }
  | { readonly kind: 'submit-list'; readonly list: IntendedList }
  /** One request that cancels `canceled` and, only when that succeeded, places `order`. */
  | { readonly kind: 'replace'; readonly order: IntendedOrder; readonly canceled: ClientOrderId }
  | { readonly kind: 'cancel'; readonly symbol: SymbolId; readonly clientOrderId: ClientOrderId; readonly priority: Priority }
  | { readonly kind: 'cancel-all'; readonly symbol: SymbolId; readonly tripId: number | null; readonly priority: Priority }
  | { readonly kind: 'query'; readonly symbol: SymbolId; readonly clientOrderId: ClientOrderId }
  | { readonly kind: 'see-open-orders'; readonly tripId: number }
  /** For the stop of that number, or (null) because the stream did not say what fills left of the balances. */
  | { readonly kind: 'see-account'; readonly tripId: number | null }
  | { readonly kind: 'see-books'; readonly why: string }
  | { readonly kind: 'alert'; readonly severity: Severity; readonly key: string; readonly title: string; readonly text: string };

const isFurtherLeg = (id: ClientOrderId): boolean => /^hf-.{19}-[23]$/.test(id);

/** What never left needs no alarm, and what is tried again by itself is told when that comes to nothing. */
const rejected = ({ clientOrderId, proof, text, retryInMs }: Extract<Fact, { kind: 'order.rejected' }>): readonly Effect[] =>
  proof === 'never-sent' || retryInMs !== undefined || isFurtherLeg(clientOrderId)
    ? []
    : [{ kind: 'alert', severity: 'warning', key: `rejected:${clientOrderId}`, title: 'Order rejected', text }];

/** What a fact alone demands of the outside, once it is true. */
export const effectsOf = (fact: Fact): readonly Effect[] => {
  switch (fact.kind) {
    case 'order.intended':
      return fact.order.replaces === undefined
        ? [{ kind: 'submit', order: fact.order }]
        : [{ kind: 'replace', order: fact.order, canceled: fact.order.replaces }];
    case 'list.intended':
      return [{ kind: 'submit-list', list: fact.list }];
    case 'stop.tripped':
      return [
        {
          kind: 'alert',
          severity: 'danger',
          key: 'stop',
          title: `Emergency stop ${fact.tripId}`,
          text: `Tripped by ${fact.trigger}${fact.reason === '' ? '' : `: ${fact.reason}`}. All orders are being cancelled.`,
        },
      ];
    case 'breaker.opened':
      return [
        {
          kind: 'alert',
          severity: 'danger',
          key: 'breaker',
          title: 'The circuit breaker is open',
          text: `${fact.breach.text} Nothing is opened any more; the breaker itself stops no sale and no cancel.`,
        },
      ];
    case 'breaker.probing':
      return [
        {
          kind: 'alert',
          severity: 'warning',
          key: 'breaker',
          title: 'The circuit breaker probes',
          text: 'One order may open; its outcome decides.',
        },
      ];
    case 'breaker.closed':
      return [
        { kind: 'alert', severity: 'good', key: 'breaker', title: 'The circuit breaker is closed', text: `By ${fact.by}: ${fact.why}` },
      ];
    case 'order.rejected':
      return rejected(fact);
    case 'order.unknown':
      // The first order of a list speaks for it: they were all in one request.
      if (isFurtherLeg(fact.clientOrderId)) return [];
      return [
        {
          kind: 'alert',
          severity: 'warning',
          key: `unknown:${fact.clientOrderId}`,
          title: 'Order in doubt',
          text: `${sentence(fact.why)} The exchange is being asked what became of ${fact.clientOrderId}.`,
        },
      ];
    default:
      return [];
  }
};

/** The alert that ends the one before it: the order was in doubt, and this fact has settled what became of it. */
export const settledDoubt = (before: Order | undefined, after: Order | undefined): readonly Effect[] =>
  before?.status !== 'UNKNOWN' || after === undefined || after.status === 'UNKNOWN'
    ? []
    : [
        {
          kind: 'alert',
          severity: 'good',
          key: `unknown:${after.clientOrderId}`,
          title: 'Doubt settled',
          text: `${after.side} ${after.symbol} ${after.clientOrderId} is ${after.status.toLowerCase().replaceAll('_', ' ')}: the exchange has told.`,
        },
      ];

/** True for what must not leave before its fact is durable. */
export const waitsForDisk = (effect: Effect): boolean =>
  effect.kind === 'submit' || effect.kind === 'submit-list' || effect.kind === 'replace';
