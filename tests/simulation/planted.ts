// Faults that are planted on purpose, to see that the simulation finds them: each is one replacement in one source file, and the
// number of seeds within which it must be caught. Nothing on disk changes: a thread loads the file with the replacement in it.

export interface Planted {
  readonly name: string;
  /** Under the project's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The simulation must fail within so many seeds of `STEPS` steps. */
  readonly withinSeeds: number;
  /** Takes so many seeds that only `npm run simulate -- --planted` hunts for it. */
  readonly slow?: true;
}

export const PLANTED: readonly Planted[] = [
  {
    name: 'a trade that is known is counted again',
    file: 'src-main/engine/decide/venue-truth.ts',
    find: '!isKnown(order, fill.tradeId) && among',
    replace: 'among',
    withinSeeds: 3,
  },
  {
    name: 'an end is believed although fills of it are missing',
    file: 'src-main/engine/decide/venue-truth.ts',
    find: 'if (filled.lt(venue.filledQty)) return',
    replace: 'if (false) return',
    withinSeeds: 10,
  },
  {
    name: 'an answer that never came counts as a refusal',
    file: 'src-main/engine/decide/answers.ts',
    find: "[{ kind: 'order.unknown', clientOrderId: id, why: outcome.text, provableAtMs: outcome.provableAtMs }],",
    replace: "[{ kind: 'order.rejected', clientOrderId: id, code: null, text: outcome.text, proof: 'answer' }],",
    withinSeeds: 30,
  },
  {
    name: 'nobody looks at the trading state once more before the wire',
    file: 'src-main/safety/gate.ts',
    find: "const denial = stateDenial(order.side === 'BUY', flatten, trading);",
    replace: 'const denial = null;',
    withinSeeds: 80,
    slow: true,
  },
  {
    name: 'absence proves too early that an order will never exist',
    file: 'src-main/reconcile/diff.ts',
    find: 'askedAtMs >= (provableAtMs(order) ?? changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS)',
    replace: 'askedAtMs >= 0',
    withinSeeds: 15,
  },
  {
    name: 'a restart forgets the latch',
    file: 'src-main/engine/evolve.ts',
    find: "if (draft.stop.phase === 'ARMED') draft.stop",
    replace: 'draft.stop',
    withinSeeds: 5,
  },
  {
    name: 'an order leaves before its intent is on disk',
    file: 'src-main/engine/effects.ts',
    find: "effect.kind === 'submit'",
    replace: "effect.kind === ('never' as string)",
    withinSeeds: 2,
  },
  {
    name: 'an old quote is good enough',
    file: 'src-main/safety/limits/freshness.ts',
    find: 'countAtMost(quote.ageMs, quote.ageMs, policy.maxQuoteAgeMs)',
    replace: 'countAtMost(0, 0, policy.maxQuoteAgeMs)',
    withinSeeds: 80,
    slow: true,
  },
  {
    name: 'the fee in the bought coin is not taken off the position',
    file: 'src-main/engine/positions.ts',
    find: 'const qty = feeInBase ? fill.qty.minus(fill.fee) : fill.qty;',
    replace: 'const { qty } = fill;',
    withinSeeds: 2,
  },
  {
    name: 'a sale does not take its cost along',
    file: 'src-main/engine/positions.ts',
    find: 'const cost = closes.eq(before.qty) ? before.costUsdt : before.costUsdt.times(closes).div(before.qty);',
    replace: 'const cost = closes.eq(before.qty) ? before.costUsdt : before.costUsdt.times(0);',
    withinSeeds: 3,
  },
  {
    name: 'coins that came untold are never booked',
    file: 'src-main/engine/decide/account.ts',
    find: 'quiet && isSearched && before?.eq(gap) === true',
    replace: 'false',
    withinSeeds: 3,
  },
  {
    name: 'a deposit that the stream tells twice counts twice',
    file: 'src-main/engine/decide/decide.ts',
    find: 'if (context.market.balanceMoves.get(event.asset) === move) return NOTHING;',
    replace: '',
    withinSeeds: 120,
    slow: true,
  },
  {
    name: 'what a lost stream kept to itself is not asked for',
    file: 'src-main/engine/market.ts',
    find: 'this.missedEvents = true;',
    replace: '',
    withinSeeds: 120,
    slow: true,
  },
  {
    name: 'openings go on while the account stream is away',
    file: 'src-main/engine/trading.ts',
    find: "if (market.streams.user.status === 'down') add(",
    replace: 'if (false) add(',
    withinSeeds: 120,
    slow: true,
  },
  {
    name: 'a refused cancel (-2011) counts as a cancelled order',
    file: 'src-main/engine/decide/cancels.ts',
    find: '        [],\n        open.flatMap((one) => doubt(context, one, null)),',
    replace:
      "        open.map((one): Fact => ({ kind: 'order.ended', clientOrderId: one.clientOrderId, status: 'CANCELED', proof: 'answer', reason: '', venueTimeMs: 0 })),",
    withinSeeds: 12,
  },
  {
    name: 'the stop takes the first look for the proof that nothing is open',
    file: 'src-main/engine/decide/stop.ts',
    find: 'if (result.value.length === 0) {',
    replace: 'if (result.value.length >= 0) {',
    withinSeeds: 100,
    slow: true,
  },
  {
    name: 'the pace of orders is forgotten by a restart',
    file: 'src-main/engine/decide/decide.ts',
    find: 'notePace(context);',
    replace: '',
    withinSeeds: 80,
    slow: true,
  },
  {
    name: 'a wait that the exchange imposes is not kept',
    file: 'src-main/venue/rest.ts',
    find: 'if (status === 429 || status === 418) budget.hold(',
    replace: 'if (false) budget.hold(',
    withinSeeds: 5,
  },
  {
    name: 'the weight of a minute is not looked at',
    file: 'src-main/venue/budget.ts',
    find: 'if (full !== undefined) return',
    replace: 'if (false) return',
    withinSeeds: 45,
  },
  {
    name: 'orders in doubt are asked for once',
    file: 'src-main/engine/decide/doubts.ts',
    find: 'if (context.monoMs - known.askedAtMs < (known.asks < ASKED_OFTEN ? ASK_EVERY_MS : ASK_SELDOM_EVERY_MS)) continue;',
    replace: 'continue;',
    withinSeeds: 10,
  },
  {
    name: 'a cancel that did not get through is not repeated',
    file: 'src-main/engine/decide/doubts.ts',
    find: 'if (before !== undefined && context.monoMs - before.atMs < CANCEL_AGAIN_MS) return [];',
    replace: 'if (before !== undefined) return [];',
    withinSeeds: 15,
  },
  {
    name: 'an ended order stays among the open ones',
    file: 'src-main/engine/evolve.ts',
    find: 'if (draft.openOrders.delete(id)) rebook(draft, order, null);',
    replace: 'rebook(draft, order, null);',
    withinSeeds: 2,
  },
  {
    name: 'an order of the phone is not taken over',
    file: 'src-main/reconcile/diff.ts',
    find: 'draft.adoptions.push({ venue, fills: [] })',
    replace: 'void 0',
    withinSeeds: 15,
  },
  {
    name: 'the journal forgets its head after a commit',
    file: 'src-main/journal/store.ts',
    find: 'head = next;',
    replace: '',
    withinSeeds: 6,
  },
  {
    name: 'a torn journal tail is cut in silence',
    file: 'src-main/journal/store.ts',
    find: 'if (!walIsTorn(walPath(path))) {',
    replace: 'if (true) {',
    withinSeeds: 150,
    slow: true,
  },
  {
    name: 'an order that changed is left out of the deltas',
    file: 'src-main/engine/replica.ts',
    find: 'this.dirtyOrders.add(clientOrderId);',
    replace: '',
    withinSeeds: 5,
  },
  {
    name: 'nobody asks the ladder for its caps',
    file: 'src-main/engine/picture.ts',
    find: 'ladderCaps: capsInForce(state.mode, state.ladder.stage),',
    replace: 'ladderCaps: null,',
    withinSeeds: 10,
  },
  {
    name: 'an incident demotes nobody',
    file: 'src-main/engine/decide/ladder.ts',
    find: 'if (ladder.incident === null) return NOTHING;',
    replace: 'return NOTHING;',
    withinSeeds: 10,
  },
  {
    name: 'an open circuit breaker forbids nothing',
    file: 'src-main/engine/trading.ts',
    find: "if (broken !== '') add('BREAKER'",
    replace: "if (broken === 'never') add('BREAKER'",
    withinSeeds: 40,
  },
  {
    name: 'what loosens the policy takes effect at once',
    file: 'src-main/engine/decide/policy.ts',
    find: 'const delayMs = tightened.tiltGuard.loosenDelayMinutes * MINUTE_MS;',
    replace: 'const delayMs = 0;',
    withinSeeds: 25,
  },
  {
    name: 'the share of the account in one position has no limit',
    file: 'src-main/safety/limits/exposure.ts',
    find: 'return fits ? surelyAtMost(before, after, () => equity.times(share)) : atMost(before, after, equity.times(share));',
    replace: 'return surelyAtMost(before, after, () => equity.times(share));',
    withinSeeds: 25,
  },
  {
    name: 'losses in a row begin no cool-down',
    file: 'src-main/safety/limits/losses.ts',
    find: 'if (lossesInRow < policy.coolDownAfterLosses) return null;',
    replace: 'if (lossesInRow >= 0) return null;',
    withinSeeds: 40,
  },
];
