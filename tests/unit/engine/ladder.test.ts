// The rollout ladder in the engine (REQUIREMENTS H): evidence counted from facts, promotion as a person's act, demotion at once by an
// incident, a certificate that dies with what it names.
import { describe, expect, test } from 'vitest';
import type { Difference } from '../../../src-shared/domain/difference.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { parsePolicy } from '../../../src-shared/policy/schema.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import type { Fact } from '../../../src-main/engine/facts.ts';
import { gapsOf } from '../../../src-main/engine/ladder-book.ts';
import { certificateProblem, evidenceNow, ladderProblem, ladderView } from '../../../src-main/engine/ladder-view.ts';
import { decodeState, encodeState } from '../../../src-main/engine/state-codec.ts';
import { DAY_MS, FactBook, practised, signOffFor, testnetted } from '../../support/ladder.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const verdicts = (book: FactBook): Readonly<Record<string, string>> =>
  Object.fromEntries(evidenceNow(book.state).map(({ id, verdict }) => [id, verdict]));
const lacking = (book: FactBook): readonly string[] =>
  evidenceNow(book.state).flatMap(({ id, verdict }) => (verdict === 'met' ? [] : [id]));

const UNEXPLAINED: Difference = { what: 'balance', key: 'USDT', local: '100', venue: '90', action: 'booked as a withdrawal' };
const EXPLAINED: Difference = { what: 'order', key: 'x', local: 'not known here', venue: 'BUY', action: 'adopted as foreign' };
const breach = { rule: 'daily-drawdown', value: '6', limit: '5', text: 'down 6 %' } as unknown as Extract<
  Fact,
  { kind: 'breaker.opened' }
>['breach'];
const tripped = (trigger: Extract<Fact, { kind: 'stop.tripped' }>['trigger']): Fact => ({
  kind: 'stop.tripped',
  tripId: 1,
  trigger,
  reason: 'why',
  policy: 'keep-positions',
});

/** Practice signed off. */
const signed = (): FactBook => {
  const book = practised(START_MS);
  expect(book.promote('testnet')).toMatchObject({ kind: 'promoted', promotion: { stage: 'testnet', certificate: null } });
  return book;
};

/** Real money at a stage, its certificate in force. */
const real = (stage: LadderStage = 'micro', policy?: Policy): FactBook => {
  const book = new FactBook('mainnet', START_MS, policy === undefined ? {} : { policy });
  book.ask({ kind: 'ladder-elsewhere', signOff: signOffFor(book, stage), demotions: [] });
  expect(book.state.ladder.stage).toBe(stage);
  return book;
};

describe('evidence of practice', () => {
  test('all of it is met by the work that it asks for, and nothing of it by a new journal', () => {
    expect(lacking(practised(START_MS))).toEqual([]);
    const fresh = new FactBook('practice', START_MS);
    expect(Object.values(verdicts(fresh)).filter((verdict) => verdict === 'met')).toHaveLength(2);
    expect(verdicts(fresh)).toMatchObject({ 'practice-profit': 'met', 'practice-limits': 'met', 'practice-success': 'unknown' });
  });

  test.each([
    ['practice-trades', (fact: Fact) => fact.kind === 'order.filled' && Number(fact.tradeId.slice(2)) % 9 === 0],
    ['practice-regimes', (fact: Fact) => fact.kind === 'market.regime' && fact.regime === 'volatile'],
    ['practice-drill', (fact: Fact) => fact.kind === 'drill.finished'],
    ['practice-orders', (fact: Fact) => fact.kind === 'list.intended' || fact.kind === 'order.accepted'],
  ])('%s is not met without what it counts', (id, isLeftOut) => {
    const whole = practised(START_MS);
    const book = new FactBook('practice', START_MS);
    const gone = new Set<string>();
    for (const { atMs, fact } of whole.facts.slice(2)) {
      const ofGone = 'clientOrderId' in fact && gone.has(fact.clientOrderId);
      if (fact.kind === 'list.intended' && isLeftOut(fact)) for (const leg of fact.list.orders) gone.add(leg.clientOrderId);
      if (isLeftOut(fact) || ofGone) continue;
      book.atMs = atMs;
      book.add(fact);
    }
    expect(lacking(book)).toContain(id);
  });

  test('a refused order and one in doubt are errors; what a restart left in doubt is none', () => {
    const book = practised(START_MS);
    const { sent } = book.state.ladder.tally;
    const most = Math.ceil(sent * 0.05);
    for (let at = 0; at < most; at += 1) {
      const clientOrderId = book.send();
      if (at % 2 === 0) book.add({ kind: 'order.rejected', clientOrderId, code: -2010, text: 'no', proof: 'answer' });
      else book.add({ kind: 'order.unknown', clientOrderId, why: 'late', provableAtMs: book.atMs });
    }
    expect(book.state.ladder.tally).toMatchObject({ rejected: Math.ceil(most / 2), doubted: Math.floor(most / 2) });
    book.add({ kind: 'order.unknown', clientOrderId: book.send(), why: 'late', provableAtMs: book.atMs });
    book.add({ kind: 'order.unknown', clientOrderId: book.send(), why: 'late', provableAtMs: book.atMs });
    expect(lacking(book)).toEqual(expect.arrayContaining(['practice-errors']));

    const other = practised(START_MS);
    const clientOrderId = other.send();
    other.atMs += 1000;
    other.add({ kind: 'session.started', mode: 'practice', account: 'main', version: 'test' });
    other.add({ kind: 'order.unknown', clientOrderId, why: 'The console stopped before the answer.', provableAtMs: other.atMs });
    expect(other.state.ladder.tally.doubted).toBe(0);
  });

  test('an order that never left the machine is no order of the evidence, and a foreign one neither', () => {
    const book = new FactBook('practice', START_MS);
    const clientOrderId = book.send();
    book.add({ kind: 'order.rejected', clientOrderId, code: null, text: 'stopped', proof: 'never-sent' });
    expect(book.state.ladder.tally).toMatchObject({ sent: 1, rejected: 0, accepted: 0 });
    book.add({
      kind: 'order.adopted',
      clientOrderId: 'phone' as never,
      venueOrderId: '7' as never,
      symbol: 'BTCUSDT' as never,
      side: 'BUY',
      type: 'LIMIT',
      qty: '0.01' as never,
      price: '50000' as never,
      venueType: 'LIMIT',
      venueTimeMs: book.atMs,
    });
    book.fill('phone' as never);
    expect(book.state.ladder.tally).toMatchObject({ sent: 1, trades: 0, accepted: 0 });
  });

  test('profit and fees are added up from the fills alone, and a book that lost a cent is seen', () => {
    const book = practised(START_MS);
    book.trade({ fee: '0.00001', feeAsset: 'BTC', feeUsdt: '0.5' });
    book.trade({ side: 'SELL', qty: '0.004', price: '51234.56', fee: '0.001', feeAsset: 'BNB', feeUsdt: '0.61' });
    book.trade({ side: 'SELL', qty: '5', price: '51234.56' });
    expect(gapsOf(book.state).profitGapUsdt.abs().lt(1e-12)).toBe(true);
    expect(lacking(book)).toEqual([]);
    const wrong = { ...book.state, realisedUsdt: book.state.realisedUsdt.plus('0.01') as typeof book.state.realisedUsdt };
    expect(evidenceNow(wrong).find(({ id }) => id === 'practice-profit')).toMatchObject({
      verdict: 'not-met',
      text: expect.stringContaining('0.01'),
    });
  });

  test('a fee of unknown worth is no proof of profit', () => {
    const book = practised(START_MS);
    book.trade({ feeAsset: 'BNB', feeUsdt: null });
    expect(lacking(book)).toEqual(['practice-profit']);
  });

  test('positions that are cut or forgotten by the exchange leave the recomputed profit equal', () => {
    const book = practised(START_MS);
    book.trade();
    book.add({ kind: 'position.corrected', symbol: 'BTCUSDT' as never, qty: '0.004' as never, why: 'the exchange holds less' });
    book.trade();
    book.add({ kind: 'venue.reset', why: 'monthly', entries: [], openingEquityUsdt: null });
    book.trade();
    expect(gapsOf(book.state).profitGapUsdt.abs().lt(1e-12)).toBe(true);
  });

  test('it survives the 24 h after which orders leave memory, a snapshot and a restart', () => {
    const book = practised(START_MS);
    book.atMs += 3 * DAY_MS;
    book.add({ kind: 'balances.updated', entries: [], full: true, venueTimeMs: book.atMs });
    book.add({ kind: 'reconciled', why: 'x', differences: [], tookMs: 1, trades: ['BTCUSDT' as never] });
    book.add({ kind: 'day.opened', dayUtc: '2026-01-09', equityUsdt: '10000' as never });
    expect(book.state.orders.size).toBeLessThan(2);
    expect(lacking(book)).toEqual([]);
    expect(ladderView(decodeState(encodeState(book.state)))).toEqual(ladderView(book.state));
  });
});

describe('promotion is a person’s act (H)', () => {
  test('nobody is promoted without evidence, to another stage than the next, or while something is broken; each says why', () => {
    const fresh = new FactBook('practice', START_MS);
    expect(fresh.promote('testnet')).toMatchObject({ kind: 'refused', text: expect.stringContaining('Trades: 0 of 100') });
    const book = practised(START_MS);
    expect(book.promote('micro')).toMatchObject({ kind: 'refused', text: expect.stringContaining('leads to testnet, not to micro') });
    book.add(tripped('button'));
    expect(book.promote('testnet')).toMatchObject({ kind: 'refused', text: expect.stringContaining('tripped') });
    book.add({ kind: 'stop.reset', by: 'trader', why: 'ok', coolDownUntilMs: book.atMs + 1 });
    expect(book.promote('testnet')).toMatchObject({ kind: 'refused', text: expect.stringContaining('cooling down') });
    book.add({ kind: 'stop.rearmed' });
    const open = { ...book.state, breaker: { ...book.state.breaker, phase: 'OPEN' as const } };
    expect(ladderView(open)).toMatchObject({ canPromote: false, text: expect.stringContaining('breaker is open') });
    expect(ladderView({ ...book.state, policy: null })).toMatchObject({
      canPromote: false,
      evidence: [],
      text: expect.stringContaining('No policy'),
    });
    expect(ladderView(book.state)).toMatchObject({ canPromote: true, text: expect.stringContaining('you may promote') });
    expect(book.state.ladder.stage).toBe('practice');
    expect(book.promote('testnet').kind).toBe('promoted');
    expect(book.facts.at(-1)?.fact).toMatchObject({ kind: 'ladder.promoted', by: 'trader', why: 'everything is met', stage: 'testnet' });
    expect(book.promote('testnet')).toMatchObject({ kind: 'refused', text: expect.stringContaining('testnet mode') });
  });

  test('testnet begins with the sign-off of practice, and its certificate names evidence, policy, version and date', () => {
    const practice = signed();
    const unsigned = new FactBook('testnet', practice.atMs);
    expect(unsigned.promote('micro')).toMatchObject({ kind: 'refused', text: expect.stringContaining('Practice is not signed off') });
    const book = testnetted(practice);
    expect(lacking(book)).toEqual([]);
    const reply = book.promote('micro');
    expect(reply).toMatchObject({
      kind: 'promoted',
      promotion: { stage: 'micro', certificate: { version: 'test', by: 'trader', issuedAtMs: book.atMs } },
    });
    expect(book.state.ladder.certificate?.evidenceHash).toBe(book.state.ladder.evidenceHash);
    expect(ladderView(book.state)).toMatchObject({ next: null, certificate: { valid: true } });
  });

  test.each([
    ['testnet-days', (book: FactBook) => book.add({ kind: 'ladder.demoted', stage: 'testnet', why: 'so that it begins anew' })],
    [
      'testnet-submitted',
      (book: FactBook) => book.add({ kind: 'order.rejected', clientOrderId: book.send(), code: 1, text: '', proof: 'answer' }),
    ],
    ['testnet-latency', (book: FactBook) => book.accept(book.send(), 20_000)],
    ['testnet-fees', (book: FactBook) => book.trade({ feeUsdt: null })],
  ])('%s keeps testnet from its certificate', (id, spoil) => {
    const book = testnetted(signed());
    spoil(book);
    expect(lacking(book)).toContain(id);
    expect(book.promote('micro').kind).toBe('refused');
  });

  test('a custom venue that stood in once keeps this journal from ever proving testnet (A4)', () => {
    const book = testnetted(signed());
    book.add({ kind: 'session.started', mode: 'testnet', account: 'main', version: 'test', standIn: true });
    book.add({ kind: 'session.started', mode: 'testnet', account: 'main', version: 'test' });
    expect(lacking(book)).toEqual(['testnet-venue']);
    book.add({ kind: 'ladder.demoted', stage: 'testnet', why: 'so that it begins anew' });
    expect(lacking(book)).toContain('testnet-venue');
  });

  test('seven days are seven days of comparisons: a clock that jumps ahead once proves none', () => {
    const practice = signed();
    const whole = testnetted(practice);
    const book = new FactBook('testnet', practice.atMs);
    book.ask({ kind: 'ladder-elsewhere', signOff: signOffFor(practice, 'testnet', { certificate: null }), demotions: [] });
    for (let at = 0; at < 24; at += 1) book.trade({ side: at % 2 === 0 ? 'BUY' : 'SELL' });
    book.compare();
    book.atMs += 30 * DAY_MS;
    book.compare();
    expect(lacking(book)).toEqual(['testnet-days']);
    expect(lacking(whole)).toEqual([]);
  });

  test('the way up on real money: trades, errors and weeks of each stage, counted from its own beginning', () => {
    const book = real('micro');
    for (let at = 0; at < 6; at += 1) book.trade({ side: at % 2 === 0 ? 'BUY' : 'SELL', qty: '0.0001', reservedUsdt: '9' });
    expect(book.promote('small').kind).toBe('promoted');
    expect(verdicts(book)).toMatchObject({ 'later-trades': 'not-met', 'later-errors': 'unknown' });
    for (const [stage, next] of [
      ['small', 'week-1'],
      ['week-1', 'week-2'],
      ['week-2', 'week-3'],
      ['week-3', 'week-4'],
      ['week-4', 'full'],
    ] as const) {
      expect(book.state.ladder.stage).toBe(stage);
      expect(book.promote(next).kind).toBe('refused');
      for (let day = 0; day < 8; day += 1) {
        book.trade({ side: day % 2 === 0 ? 'BUY' : 'SELL', qty: '0.0001', reservedUsdt: '9' });
        book.compare();
        book.atMs += DAY_MS;
      }
      book.compare();
      expect(book.promote(next)).toMatchObject({ kind: 'promoted', promotion: { stage: next, certificate: { stage: next } } });
    }
    expect(book.promote('full')).toMatchObject({ kind: 'refused', text: expect.stringContaining('highest stage') });
  });

  test('micro tolerates no difference, not even an explained one; another stage does', () => {
    const book = real('micro');
    for (let at = 0; at < 6; at += 1) book.trade({ side: at % 2 === 0 ? 'BUY' : 'SELL', qty: '0.0001', reservedUsdt: '9' });
    book.compare([EXPLAINED]);
    expect(lacking(book)).toEqual(['micro-differences']);
    expect(book.state.ladder.incident).toBeNull();
  });
});

describe('demotion at once by an incident (H)', () => {
  test.each([
    ['the circuit breaker', [{ kind: 'breaker.opened', breach }]],
    ['a stop that trips by itself', [tripped('automatic')]],
    ['the watchdog', [tripped('watchdog')]],
    ['a difference that nothing explains', [{ kind: 'reconciled', why: 'x', differences: [EXPLAINED, UNEXPLAINED], tookMs: 1 }]],
  ] as const)('%s: openings end with that very fact, the stage below follows, and the certificate is dead', (_what, facts) => {
    const book = real('small');
    expect(ladderProblem(book.state)).toBe('');
    for (const fact of facts) book.add(fact);
    expect(ladderProblem(book.state)).toContain('demotes');
    expect(book.promote('small')).toMatchObject({ kind: 'refused' });
    book.ask({ kind: 'tick' });
    expect(book.facts.map(({ fact }) => fact.kind)).toContain('ladder.demoted');
    expect(book.state.ladder).toMatchObject({ stage: 'micro', certificate: null, incident: null, tally: { trades: 0 } });
    expect(ladderProblem(book.state)).toContain('no certificate for micro');
  });

  test.each(['button', 'hotkey', 'tray', 'cli', 'endpoint', 'drill'] as const)('a person’s own stop by %s is no incident', (trigger) => {
    const book = real('small');
    book.add(tripped(trigger));
    book.ask({ kind: 'tick' });
    expect(book.state.ladder.stage).toBe('small');
  });

  test('a breaker that opens once more after a probe is the same incident; refused orders and explained differences are none', () => {
    const book = real('week-2');
    book.add({ kind: 'breaker.opened', breach });
    book.ask({ kind: 'tick' });
    book.add({ kind: 'breaker.probing' });
    book.add({ kind: 'breaker.opened', breach });
    book.add({ kind: 'order.rejected', clientOrderId: book.send(), code: 1, text: '', proof: 'answer' });
    book.compare([EXPLAINED]);
    book.ask({ kind: 'tick' });
    expect(book.state.ladder.stage).toBe('week-1');
  });

  test('a buy that came to more than the gate let it and than the cap demotes; one that is only dearer than thought does not', () => {
    const within = real('micro');
    within.trade({ qty: '0.0001', price: '99000', reservedUsdt: '9' });
    expect(within.state.ladder.incident).toBeNull();
    const beyond = real('micro');
    beyond.trade({ qty: '0.0001', price: '101000', reservedUsdt: '9' });
    expect(beyond.state.ladder).toMatchObject({
      incident: expect.stringContaining('more than the limit on an order'),
      tally: { exceeded: 1 },
    });
    const tooMuch = real('micro');
    const id = tooMuch.accept(tooMuch.send({ qty: '0.0001', reservedUsdt: '9' }));
    tooMuch.fill(id, { qty: '0.00011', price: '50000' });
    expect(tooMuch.state.ladder.incident).not.toBeNull();
  });

  test('practice has no stage below: its evidence begins anew, and once signed off it is taken back', () => {
    const book = practised(START_MS);
    book.add({ kind: 'breaker.opened', breach });
    expect(book.state.ladder).toMatchObject({ stage: 'practice', incident: null, tally: { trades: 0, drillPassed: false } });
    const done = signed();
    done.add({ kind: 'breaker.opened', breach });
    done.ask({ kind: 'tick' });
    expect(done.state.ladder).toMatchObject({ stage: 'practice', evidenceHash: '', tally: { trades: 0 } });
  });

  test('micro falls below mainnet: nothing is opened there, and no further incident sinks it deeper', () => {
    const book = real('micro');
    book.compare([UNEXPLAINED]);
    book.ask({ kind: 'tick' });
    expect(book.state.ladder.stage).toBe('testnet');
    expect(ladderProblem(book.state)).toContain('below mainnet');
    book.add(tripped('automatic'));
    book.ask({ kind: 'tick' });
    expect(book.state.ladder.stage).toBe('testnet');
    expect(book.promote('micro').kind).toBe('refused');
  });

  test('on a demotion to a lower stage of real money a person renews the certificate, which rests on the same evidence', () => {
    const book = real('small');
    book.compare([UNEXPLAINED]);
    book.ask({ kind: 'tick' });
    book.atMs += 1000;
    expect(ladderView(book.state)).toMatchObject({ stage: 'micro', next: 'micro', canPromote: true, evidence: [] });
    expect(book.promote('micro')).toMatchObject({
      kind: 'promoted',
      promotion: { certificate: { stage: 'micro', evidenceHash: 'evidence' } },
    });
    expect(ladderProblem(book.state)).toBe('');
  });
});

describe('the certificate (H)', () => {
  const tighter = (() => {
    const parsed = parsePolicy({ ...NORMAL, limits: { ...NORMAL.limits, maxOrderNotionalUsdt: '900' } });
    if (!parsed.ok) throw new Error('no policy');
    return parsed.value;
  })();
  const adopted = (policy: Policy): Fact => ({ kind: 'policy.adopted', version: 2, by: 'test', why: 'other', policy });

  test('dies with the policy, even a tighter one, and says so; a policy put back in force revives it', () => {
    const book = real('small');
    book.add(adopted(tighter));
    expect(ladderProblem(book.state)).toContain('the policy in force is another');
    expect(ladderView(book.state)).toMatchObject({ next: 'small', canPromote: true, certificate: { valid: false } });
    book.add(adopted(structuredClone(NORMAL)));
    expect(certificateProblem(book.state)).toBe('');
  });

  test('dies with the version, and is renewed by a person for what is in force', () => {
    const book = real('small');
    book.add({ kind: 'session.started', mode: 'mainnet', account: 'main', version: 'newer' });
    expect(ladderProblem(book.state)).toContain('this is version newer and it names test');
    expect(book.promote('week-1')).toMatchObject({ kind: 'refused' });
    expect(book.promote('small')).toMatchObject({ kind: 'promoted', promotion: { certificate: { version: 'newer' } } });
    expect(ladderProblem(book.state)).toBe('');
    expect(book.state.ladder.stage).toBe('small');
  });

  test('a certificate from elsewhere counts only where it names what is in force here, and never over a later demotion', () => {
    const fits = (book: FactBook) => signOffFor(book, 'micro');
    const other = new FactBook('mainnet', START_MS, { policy: tighter });
    other.ask({ kind: 'ladder-elsewhere', signOff: signOffFor(new FactBook('mainnet', START_MS), 'micro'), demotions: [] });
    expect(ladderProblem(other.state)).toContain('no certificate');
    const demoted = real('micro');
    demoted.compare([UNEXPLAINED]);
    demoted.ask({ kind: 'tick' });
    demoted.ask({ kind: 'ladder-elsewhere', signOff: fits(demoted), demotions: [] });
    expect(demoted.state.ladder.stage).toBe('testnet');
    const later = { ...fits(demoted), provenAtMs: demoted.atMs + 1 };
    demoted.ask({ kind: 'ladder-elsewhere', signOff: later, demotions: [] });
    expect(demoted.state.ladder.stage).toBe('micro');
  });

  test('real money that fell within mainnet is not lifted by an older certificate, and keeps its stage under a newer one', () => {
    const book = real('week-1');
    book.compare([UNEXPLAINED]);
    book.ask({ kind: 'tick' });
    book.ask({ kind: 'ladder-elsewhere', signOff: signOffFor(book, 'micro'), demotions: [] });
    expect(book.state.ladder).toMatchObject({ stage: 'small', certificate: null });
    const fresh = signOffFor(book, 'micro');
    const certificate = fresh.certificate === null ? null : { ...fresh.certificate, issuedAtMs: book.atMs + 1 };
    book.ask({ kind: 'ladder-elsewhere', signOff: { ...fresh, certificate }, demotions: [] });
    expect(book.state.ladder).toMatchObject({ stage: 'small', certificate: { stage: 'micro' } });
  });

  test('a demotion on mainnet is one for testnet too, which gathers its evidence anew; an older one is not', () => {
    const book = testnetted(signed());
    book.promote('micro');
    const demotion = { mode: 'mainnet', stage: 'testnet', why: 'the breaker', atMs: book.atMs - 1 } as const;
    book.ask({ kind: 'ladder-elsewhere', signOff: null, demotions: [demotion] });
    expect(book.state.ladder.stage).toBe('micro');
    book.ask({ kind: 'ladder-elsewhere', signOff: null, demotions: [demotion, { ...demotion, atMs: book.atMs + 1 }] });
    expect(book.state.ladder).toMatchObject({ stage: 'testnet', certificate: null, tally: { trades: 0 } });
    expect(book.state.ladder.why).toContain('Demoted in mainnet. the breaker');
  });
});
