// A fact as a person reads it in the event log. Sentences, not records: what happened, and for a denial which rule and what to change.
import type { LogLine } from '../../src-shared/contract/view.ts';
import { sentence } from '../../src-shared/errors/sentence.ts';
import type { Fact, SequencedFact } from './facts.ts';
import { intentWords, listWords, ocoWords, orderWords, planWords } from './order-words.ts';

type Line = readonly [severity: LogLine['severity'], text: string];

const stopLine = (
  fact: Extract<Fact, { kind: 'stop.tripped' | 'stop.pressed' | 'stop.receipted' | 'stop.reset' | 'stop.rearmed' }>,
): Line => {
  switch (fact.kind) {
    case 'stop.tripped':
      return ['danger', `EMERGENCY STOP ${fact.tripId} by ${fact.trigger}${fact.reason === '' ? '' : `: ${fact.reason}`} (${fact.policy})`];
    case 'stop.pressed':
      return ['danger', `EMERGENCY STOP ${fact.tripId} pressed again by ${fact.trigger}: every cancel is sent once more`];
    case 'stop.receipted':
      return fact.receipt.complete
        ? [
            'good',
            `Emergency stop ${fact.receipt.tripId} is complete: ${fact.receipt.orders.length} orders accounted for, exchange verified empty`,
          ]
        : [
            'danger',
            `Emergency stop ${fact.receipt.tripId} is not complete yet: ${fact.receipt.orders.filter((order) => order.outcome === 'not-canceled' || order.outcome === 'unknown').length} orders are not proven cancelled`,
          ];
    case 'stop.reset':
      return [
        'warning',
        `Emergency stop reset by ${fact.by}: ${fact.why}. Openings are denied until ${new Date(fact.coolDownUntilMs).toISOString().slice(11, 19)} UTC`,
      ];
    case 'stop.rearmed':
      return ['good', 'Cool-down over: the emergency stop is armed'];
  }
};

const protectionLine = (
  fact: Extract<Fact, { kind: 'protection.set' | 'protection.trailed' | 'protection.missing' | 'protection.restored' }>,
): Line => {
  switch (fact.kind) {
    case 'protection.set':
      return fact.plan === null
        ? fact.origin === 'policy'
          ? ['info', `The plan of protection of ${fact.symbol} has ended with its position: what is left is too small to sell`]
          : ['warning', `${fact.symbol} is to have no protection (${fact.origin})`]
        : ['info', `${fact.symbol} is to be protected by ${planWords(fact.plan)} (${fact.origin})`];
    case 'protection.trailed':
      return ['info', `The stop of ${fact.symbol} has moved to ${fact.stopPrice}`];
    case 'protection.missing':
      return ['danger', `${fact.symbol} stands without working protection: ${fact.why}`];
    case 'protection.restored':
      return ['good', `The protection of ${fact.symbol} works again; there was none for ${(fact.gapMs / 1000).toFixed(1)} s`];
  }
};

const orderLine = (fact: Fact): Line | null => {
  switch (fact.kind) {
    case 'order.intended':
      return ['info', `${orderWords(fact.order)} intended (${intentWords(fact.order)})`];
    case 'list.intended':
      return ['info', listWords(fact.list)];
    case 'order.denied': {
      const asked = 'type' in fact.request ? orderWords(fact.request) : ocoWords(fact.request);
      return ['warning', `Denied: ${asked}. ${fact.denial.text} ${fact.denial.advice}`];
    }
    case 'order.accepted':
      return fact.pending === true
        ? ['info', `Accepted by the exchange as ${fact.venueOrderId}, waiting for its entry to fill (${fact.clientOrderId})`]
        : ['info', `Accepted by the exchange as ${fact.venueOrderId} (${fact.clientOrderId})`];
    case 'order.unknown':
      return ['warning', `In doubt: ${fact.clientOrderId}. ${fact.why}`];
    case 'order.rejected':
      return [
        'warning',
        `${fact.proof === 'never-sent' ? 'Not sent' : 'Rejected'}: ${fact.clientOrderId}. ${fact.retryInMs === undefined ? fact.text : `${sentence(fact.text)} It is tried again in ${fact.retryInMs / 1000} s.`}`,
      ];
    case 'order.filled':
      return [
        'good',
        `${fact.side === 'BUY' ? 'Bought' : 'Sold'} ${fact.qty} ${fact.symbol} at ${fact.price}, fee ${fact.fee} ${fact.feeAsset} (${fact.maker ? 'maker' : 'taker'}${fact.via === 'recovery' ? ', recovered' : ''})`,
      ];
    case 'order.ended':
      return ['info', `${fact.clientOrderId} is ${fact.status}${fact.reason === '' ? '' : `: ${fact.reason}`}`];
    case 'order.adopted':
      return ['warning', `Foreign order adopted: ${fact.side} ${fact.qty} ${fact.symbol}, ${fact.venueType} (${fact.clientOrderId})`];
    case 'cancel.requested':
      return ['info', `Cancel requested: ${fact.clientOrderId}${fact.why === undefined ? '' : `, ${fact.why}`}`];
    case 'cancel.failed':
      return ['danger', `${fact.clientOrderId}: ${fact.text}`];
    default:
      return null;
  }
};

const line = (fact: Fact): Line | null => {
  switch (fact.kind) {
    case 'session.started':
      return ['info', `Session started: ${fact.mode}, account ${fact.account}, version ${fact.version}`];
    case 'policy.adopted':
      return ['info', `Policy ${fact.policy.name}, version ${fact.version}, by ${fact.by}: ${fact.why}`];
    case 'balance.moved':
      return ['info', `Balance moved from outside: ${fact.delta} ${fact.asset}`];
    case 'position.corrected':
      return ['warning', `Position ${fact.symbol} corrected to ${fact.qty}: ${fact.why}`];
    case 'venue.reset':
      return ['warning', `The exchange was reset: ${fact.why}`];
    case 'day.opened':
      return ['info', `Day ${fact.dayUtc} opened with an equity of ${fact.equityUsdt} USDT`];
    case 'reconciled':
      return fact.differences.length === 0
        ? ['info', `Books compared (${fact.why}): no difference`]
        : [
            'warning',
            `Books compared (${fact.why}): ${fact.differences.length === 1 ? 'one difference' : `${fact.differences.length} differences`} dealt with`,
          ];
    case 'reconcile.failed':
      return ['danger', `Books could not be compared (${fact.why}): ${fact.text}`];
    case 'selftest.finished': {
      const red = fact.items.filter((item) => item.verdict === 'fail');
      return red.length === 0 ? ['good', 'Self-test passed'] : ['danger', `Self-test failed: ${red.map((item) => item.title).join(', ')}`];
    }
    case 'stop.tripped':
    case 'stop.pressed':
    case 'stop.receipted':
    case 'stop.reset':
    case 'stop.rearmed':
      return stopLine(fact);
    case 'protection.set':
    case 'protection.trailed':
    case 'protection.missing':
    case 'protection.restored':
      return protectionLine(fact);
    case 'policy.pending':
      return [
        'warning',
        `Policy ${fact.policy.name} is to be loosened by ${fact.by} (${fact.why}): ${fact.changes.length} changes, in force from ${clock(fact.effectiveAtMs)}`,
      ];
    case 'policy.withdrawn':
      return ['info', `The waiting change of the policy is withdrawn by ${fact.by}: ${fact.why}`];
    case 'breaker.opened':
      return ['danger', `CIRCUIT BREAKER open: ${fact.breach.text}`];
    case 'breaker.probing':
      return ['warning', 'The circuit breaker lets one opening try'];
    case 'breaker.closed':
      return ['good', `The circuit breaker is closed by ${fact.by}: ${fact.why}`];
    case 'open-loss.recovered':
      return ['info', 'The open loss is back within its limit: beyond it the emergency stop trips again'];
    case 'drill.finished':
      return [fact.drill.passed ? 'good' : 'danger', `Drill of the emergency stop: ${fact.drill.text}`];
    case 'ladder.promoted':
      return ['good', `Promoted to ${fact.stage} by ${fact.by}: ${fact.why}`];
    case 'ladder.demoted':
      return ['danger', `Demoted to ${fact.stage}: ${fact.why}`];
    case 'market.regime':
      return ['info', `The practice market is ${fact.regime} now`];
    case 'kill-switch.asked':
      return [
        fact.verdict === 'refused' ? 'warning' : fact.what === 'status' ? 'info' : 'danger',
        `Kill switch: ${fact.what} by ${fact.who} ${fact.verdict}${fact.times === undefined ? '' : ` (${fact.times} times)`}${fact.why === '' ? '' : `: ${fact.why}`}`,
      ];
    case 'watchdog.acted':
      return ['danger', `The watchdog stood in at ${clock(fact.atMs)} (${fact.why}): ${fact.text}`];
    case 'order.sent':
    case 'balances.updated':
    case 'equity.marked':
      return null;
    default:
      return orderLine(fact);
  }
};

const clock = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`;

/** The log line of a fact, or null for one that would only be noise. */
export const logLineOf = ({ seq, atMs, fact }: SequencedFact): LogLine | null => {
  const found = line(fact);
  return found === null ? null : { seq, atMs, severity: found[0], text: found[1] };
};
