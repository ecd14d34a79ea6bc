// The ladder's gate to mainnet (REQUIREMENTS H, A1): one home that opens it, and every way to be let through without having earned it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyText } from '../../../src-shared/policy/fields.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { parsePolicy } from '../../../src-shared/policy/schema.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import type { JournalRow } from '../../../src-shared/contract/journal.ts';
import type { Core } from '../../../src-main/console/core.ts';
import { LadderKeeper } from '../../../src-main/console/ladder-keeper.ts';
import { openClosedJournal } from '../../../src-main/journal/verify.ts';
import { ladderLeave, neighboursOf } from '../../../src-main/console/ladder-gate.ts';
import type { LadderWish } from '../../../src-main/console/ladder-gate.ts';
import { journalPath, signOffPath } from '../../../src-main/settings/home.ts';
import { certifiedHome, DAY_MS, FactBook, practised, signOffFor, testnetted, writeJournal, writeSigned } from '../../support/ladder.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
let whole = '';
let books: Awaited<ReturnType<typeof certifiedHome>>;
const homes: string[] = [];

const freshHome = (): string => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-ladder-'));
  homes.push(home);
  return home;
};

beforeAll(async () => {
  whole = freshHome();
  books = await certifiedHome(whole, START_MS);
});
afterAll(() => homes.forEach((home) => fs.rmSync(home, { recursive: true, force: true })));

const copied = (): string => {
  const home = freshHome();
  fs.cpSync(whole, home, { recursive: true });
  return home;
};

async function* noPages(): AsyncGenerator<never> {
  // The running console's own journal is of no concern here.
}

const changed = (limits: Partial<Policy['limits']>): Policy => {
  const parsed = parsePolicy({ ...NORMAL, limits: { ...NORMAL.limits, ...limits } });
  if (!parsed.ok) throw new Error('no policy');
  return parsed.value;
};
const TIGHTER = changed({ maxDailyTrades: 50 });

const wish = (home: string, changes: Partial<LadderWish> = {}): LadderWish => ({
  home,
  policy: NORMAL,
  version: 'test',
  running: { mode: 'practice', account: 'high-volume', pages: noPages },
  ...changes,
});
const refusal = async (home: string, changes: Partial<LadderWish> = {}): Promise<string> => {
  const leave = await ladderLeave(wish(home, changes));
  return leave.ok ? '' : leave.error;
};

type Json = Record<string, unknown>;
const edit = (home: string, signed: 'practice' | 'testnet', change: (file: Json) => Json): void => {
  const file = signOffPath(home, signed);
  fs.writeFileSync(file, JSON.stringify(change(JSON.parse(fs.readFileSync(file, 'utf8')) as Json)));
};
const certificateOf = (file: Json): Json => file['certificate'] as Json;

test('a home that earned it is given leave, with what mainnet is to carry', async () => {
  const leave = await ladderLeave(wish(copied()));
  expect(leave).toMatchObject({ ok: true, value: { stage: 'micro', by: 'trader', certificate: { version: 'test', stage: 'micro' } } });
});

describe('what was never earned', () => {
  test('an empty home', async () => {
    expect(await refusal(freshHome())).toContain('practice is not signed off');
  });

  test('testnet without practice, practice without testnet', async () => {
    const [one, other] = [copied(), copied()];
    fs.rmSync(signOffPath(one, 'practice'));
    expect(await refusal(one)).toContain('practice is not signed off');
    fs.rmSync(signOffPath(other, 'testnet'));
    expect(await refusal(other)).toContain('testnet is not signed off');
  });

  test('certificate files without the journals that prove them: copied to another home, or made up', async () => {
    const home = freshHome();
    fs.cpSync(path.join(whole, 'ladder'), path.join(home, 'ladder'), { recursive: true });
    expect(await refusal(home)).toContain('There is no journal');
  });

  test('certificate files copied beside the journals of somebody who has traded little', async () => {
    const home = freshHome();
    const practice = new FactBook('practice', START_MS, { account: 'conservative' });
    for (let at = 0; at < 200; at += 1) practice.trade({ side: at % 2 === 0 ? 'BUY' : 'SELL' });
    await writeJournal(home, practice);
    fs.cpSync(path.join(whole, 'ladder'), path.join(home, 'ladder'), { recursive: true });
    expect(await refusal(home)).toContain('belongs to another journal');
  });

  test('a journal, forged whole with a fitting chain, in which a promotion stands that its facts do not bear out', async () => {
    const home = freshHome();
    const practice = new FactBook('practice', START_MS, { account: 'conservative' });
    practice.trade();
    const claimed = [{ id: 'practice-trades', title: 'Trades', verdict: 'met', text: '100 of 100' }] as const;
    const evidenceHash = hash('sha256', JSON.stringify(['', 'practice', claimed]));
    practice.add({ kind: 'ladder.promoted', stage: 'testnet', by: 'x', why: 'x', evidence: claimed, certificate: null, evidenceHash });
    await writeSigned(home, practice);
    const testnet = testnetted(practice, { account: 'key-testnet' });
    testnet.promote('micro');
    await writeSigned(home, testnet);
    expect(await refusal(home)).toMatch(/the facts do not bear out the evidence of practice: Trades: 1 of 100/);
  });

  test('a practice journal under testnet’s name', async () => {
    const home = copied();
    fs.copyFileSync(journalPath(home, 'practice', 'conservative'), journalPath(home, 'testnet', 'key-testnet'));
    expect(await refusal(home)).toContain('journal of another account');
  });

  test('testnet that was proven on another practice than the one in this home', async () => {
    const home = copied();
    const other = practised(START_MS + DAY_MS, { account: 'aggressive' });
    other.trade();
    other.promote('testnet');
    await writeSigned(home, other);
    expect(await refusal(home)).toContain('does not rest on the evidence below it');
  });
});

describe('what was changed', () => {
  test.each<[string, 'practice' | 'testnet', (file: Json) => Json]>([
    [
      'another policy in the file',
      'testnet',
      (file) => ({ ...file, certificate: { ...certificateOf(file), policyHash: hash('sha256', policyText(TIGHTER)) } }),
    ],
    ['another version in the file', 'testnet', (file) => ({ ...file, certificate: { ...certificateOf(file), version: 'newer' } })],
    ['a higher stage in the file', 'testnet', (file) => ({ ...file, certificate: { ...certificateOf(file), stage: 'full' } })],
    [
      'a fresher date in the file',
      'testnet',
      (file) => ({ ...file, certificate: { ...certificateOf(file), issuedAtMs: START_MS + 90 * DAY_MS } }),
    ],
    ['other evidence in the file', 'practice', (file) => ({ ...file, evidenceHash: '0'.repeat(64) })],
    ['another fact of the journal', 'testnet', (file) => ({ ...file, seq: 3 })],
    ['a fact that does not exist', 'testnet', (file) => ({ ...file, seq: 1_000_000 })],
    ['another account', 'testnet', (file) => ({ ...file, account: 'conservative' })],
    ['another mode', 'testnet', (file) => ({ ...file, mode: 'practice', account: 'conservative' })],
    ['no certificate', 'testnet', (file) => ({ ...file, certificate: null })],
    ['a field too many', 'testnet', (file) => ({ ...file, mainnet: true })],
    ['another format', 'practice', (file) => ({ ...file, format: 2 })],
  ])('%s', async (_what, signed, change) => {
    const home = copied();
    edit(home, signed, change);
    expect(await refusal(home, { policy: NORMAL })).not.toBe('');
    expect(await refusal(home, { policy: TIGHTER, version: 'newer' })).not.toBe('');
  });

  test.each([
    ['no JSON', 'mainnet please'],
    ['nothing', ''],
    ['a prototype', '{"__proto__":{"certificate":{}}}'],
    ['very much', ' '.repeat(20_000)],
  ])('a file that holds %s', async (_what, content) => {
    const home = copied();
    fs.writeFileSync(signOffPath(home, 'testnet'), content);
    expect(await refusal(home)).toMatch(/the sign-off of testnet/);
  });

  test('a link in the place of the file', async () => {
    const home = copied();
    const file = signOffPath(home, 'testnet');
    fs.renameSync(file, `${file}.moved`);
    fs.symlinkSync(`${file}.moved`, file);
    expect(await refusal(home)).toContain('it is a link');
  });

  test.each(['practice', 'testnet'] as const)('one fact of the %s journal', async (mode) => {
    const home = copied();
    const database = new DatabaseSync(journalPath(home, mode, mode === 'practice' ? 'conservative' : 'key-testnet'));
    database.exec(`UPDATE facts SET json = replace(json, '50000', '50001') WHERE seq = 20`);
    database.exec(`UPDATE facts SET json = json || ' ' WHERE seq = 20`);
    database.close();
    expect(await refusal(home)).toContain('its chain is broken at fact 20');
  });

  test('a journal that is none', async () => {
    const home = copied();
    fs.writeFileSync(journalPath(home, 'testnet', 'key-testnet'), 'not a journal');
    expect(await refusal(home)).toContain('the journal that proves testnet does not');
  });
});

describe('what ended it', () => {
  test('another policy, and another version, in words', async () => {
    expect(await refusal(copied(), { policy: TIGHTER })).toMatch(/dead: it names another policy than the one in force\. Renew it/);
    expect(await refusal(copied(), { version: 'newer' })).toMatch(/dead: it names version test, and this is newer/);
  });

  test('a policy that loosens nothing counts as another one too; the same one written otherwise does not', async () => {
    expect(await refusal(copied(), { policy: changed({ maxOrderNotionalUsdt: '999' as never }) })).not.toBe('');
    expect(await refusal(copied(), { policy: structuredClone(NORMAL) })).toBe('');
  });

  test('an incident in the journal of testnet, or of practice, after it was signed: the old files help nobody', async () => {
    for (const signed of ['practice', 'testnet'] as const) {
      const home = copied();
      const book =
        signed === 'practice' ? practised(START_MS, { account: 'conservative' }) : testnetted(books.practice, { account: 'key-testnet' });
      book.promote(signed === 'practice' ? 'testnet' : 'micro');
      fs.rmSync(journalPath(home, book.state.mode, book.state.account));
      await writeSigned(home, book);
      expect(await refusal(home)).toBe('');
      const kept = fs.readFileSync(signOffPath(home, signed), 'utf8');
      book.add({ kind: 'stop.tripped', tripId: 1, trigger: 'automatic', reason: 'drawdown', policy: 'keep-positions' });
      // The losses of those trades open the breaker first: what a tick finds broken is decided alone.
      for (let ticks = 0; ticks < 2; ticks += 1) book.ask({ kind: 'tick' });
      expect(book.facts.at(-1)?.fact.kind).toBe('ladder.demoted');
      await writeJournal(home, book);
      fs.writeFileSync(signOffPath(home, signed), kept);
      expect(await refusal(home)).toMatch(/is not signed off any more.*drawdown/);
    }
  });

  const onMainnet = (atMs: number): FactBook => {
    const book = new FactBook('mainnet', atMs, { account: 'key-mainnet' });
    const { evidence, evidenceHash, provenAtMs, certificate } = books.testnet.state.ladder;
    const signOff = { stage: 'micro', by: 'trader', evidence, evidenceHash, provenAtMs: provenAtMs ?? 0, certificate } as const;
    book.ask({ kind: 'ladder-elsewhere', signOff, demotions: [] });
    expect(book.state.ladder.stage).toBe('micro');
    return book;
  };
  const fall = (book: FactBook): void => {
    book.add({ kind: 'stop.tripped', tripId: 1, trigger: 'automatic', reason: 'drawdown', policy: 'keep-positions' });
    book.ask({ kind: 'tick' });
  };

  test('a demotion on mainnet, until testnet is proven anew; a renewal of the certificate is not enough', async () => {
    const home = copied();
    const real = onMainnet(books.testnet.atMs + DAY_MS);
    fall(real);
    expect(real.state.ladder.stage).toBe('testnet');
    await writeJournal(home, real);
    expect(await refusal(home)).toContain('demoted to testnet on mainnet');
    const renewed = testnetted(books.practice, { account: 'key-testnet' });
    renewed.promote('micro');
    renewed.add({ kind: 'policy.adopted', version: 2, by: 'x', why: 'x', policy: TIGHTER });
    renewed.atMs = real.atMs + DAY_MS;
    expect(renewed.promote('micro').kind).toBe('promoted');
    fs.rmSync(journalPath(home, 'testnet', 'key-testnet'));
    await writeSigned(home, renewed);
    expect(await refusal(home, { policy: TIGHTER })).toContain('demoted to testnet on mainnet');
    const { demotions } = await neighboursOf(wish(home, { running: { mode: 'testnet', account: 'key-other', pages: noPages } }));
    expect(demotions).toMatchObject([{ mode: 'mainnet', stage: 'testnet' }]);
  });

  test('a demotion on mainnet counts although a clock that was set back dates it before the evidence', async () => {
    const home = copied();
    const real = onMainnet(books.testnet.atMs + DAY_MS);
    real.atMs = START_MS;
    fall(real);
    expect(real.facts.at(-1)).toMatchObject({ atMs: START_MS, fact: { kind: 'ladder.demoted', stage: 'testnet' } });
    await writeJournal(home, real);
    expect(await refusal(home)).toContain('demoted to testnet on mainnet');
  });

  test('an incident counts although the console was killed before it had demoted: on mainnet, on testnet, in practice', async () => {
    const struck = { kind: 'stop.tripped', tripId: 1, trigger: 'automatic', reason: 'drawdown', policy: 'keep-positions' } as const;
    const onTestnet = testnetted(books.practice, { account: 'key-testnet' });
    onTestnet.promote('micro');
    const inPractice = practised(START_MS, { account: 'conservative' });
    inPractice.promote('testnet');
    for (const book of [onMainnet(books.testnet.atMs + DAY_MS), onTestnet, inPractice]) {
      const home = copied();
      book.add(struck);
      expect(book.state.ladder.incident).toContain('drawdown');
      fs.rmSync(journalPath(home, book.state.mode, book.state.account), { force: true });
      await writeJournal(home, book);
      expect(await refusal(home)).toContain('drawdown');
    }
  });

  test('nothing that is carried over takes back an incident that has not demoted yet', () => {
    const real = onMainnet(books.testnet.atMs + DAY_MS);
    real.add({ kind: 'policy.adopted', version: 2, by: 'x', why: 'x', policy: TIGHTER });
    real.add({ kind: 'stop.tripped', tripId: 1, trigger: 'automatic', reason: 'drawdown', policy: 'keep-positions' });
    const signOff = signOffFor(real.engine(), 'micro', { provenAtMs: real.atMs });
    expect(real.ask({ kind: 'ladder-elsewhere', signOff, demotions: [] })).toMatchObject({ kind: 'refused' });
    real.ask({ kind: 'tick' });
    real.ask({ kind: 'tick' });
    expect(real.state.ladder).toMatchObject({ stage: 'testnet', certificate: null });
  });

  test('an incident that comes while the switch is under way takes the leave back', async () => {
    const { practice } = books;
    const book = new FactBook('practice', START_MS, { account: 'conservative' });
    for (const { fact, atMs } of practice.facts.slice(2)) {
      book.atMs = atMs;
      book.add(fact);
    }
    const home = copied();
    async function* pages(): AsyncGenerator<readonly JournalRow[]> {
      const opened = openClosedJournal(journalPath(home, 'practice', 'conservative'));
      if (!opened.ok) throw new Error(opened.error.text);
      yield [...opened.value.rows()];
      opened.value.close();
    }
    const rows: JournalRow[] = [];
    for await (const page of pages()) rows.push(...page);
    const opened = {
      journal: { flush: () => Promise.resolve() },
      reader: { rows: (from: number) => Promise.resolve(rows.slice(from, from + 500)) },
    };
    const core = { engine: { state: book.state }, setup: { mode: 'practice', account: 'conservative', opened } } as unknown as Core;
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const keeper = new LadderKeeper({ home, version: 'test', core: () => core, alerts: { raise: () => undefined }, log: quiet });
    const leave = await keeper.leave();
    if (!leave.ok) throw new Error(leave.error);
    expect(leave.value.signOff.stage).toBe('micro');
    expect(leave.value.lost()).toBeNull();
    book.add({ kind: 'breaker.opened', breach: { rule: 'api-errors', value: '3' as never, limit: '3' as never, text: '3 calls failed.' } });
    expect(leave.value.lost()).toContain('3 calls failed.');
    book.ask({ kind: 'tick' });
    expect(leave.value.lost()).toContain('3 calls failed.');
  });

  test('a journal of mainnet that cannot be read may hide one', async () => {
    const home = copied();
    fs.writeFileSync(journalPath(home, 'mainnet', 'key-mainnet'), 'gone');
    expect(await refusal(home)).toContain('cannot be read');
  });

  test('what mainnet renewed itself holds for what is in force there, although testnet’s own names another policy', async () => {
    const home = copied();
    const real = onMainnet(books.testnet.atMs + DAY_MS);
    real.add({ kind: 'policy.adopted', version: 2, by: 'x', why: 'x', policy: TIGHTER });
    await writeJournal(home, real);
    expect(await refusal(home, { policy: TIGHTER })).toContain('dead');
    expect(real.promote('micro').kind).toBe('promoted');
    await writeJournal(home, real);
    expect(await refusal(home, { policy: TIGHTER })).toBe('');
    expect(await refusal(home, { policy: changed({ maxDailyTrades: 49 }) })).toContain('dead');
  });
});

describe('what a console that begins hears of the others', () => {
  test('testnet hears of the practice that was signed off, once it is borne out', async () => {
    const running = { mode: 'testnet', account: 'key-new', pages: noPages } as const;
    const found = await neighboursOf(wish(copied(), { running }));
    expect(found).toMatchObject({ signOff: { stage: 'testnet', certificate: null }, demotions: [] });
    const home = copied();
    edit(home, 'practice', (file) => ({ ...file, seq: 2 }));
    expect(await neighboursOf(wish(home, { running }))).toMatchObject({ signOff: null });
  });

  test('the running journal is read through the running console', async () => {
    const home = copied();
    const { mode, account } = books.practice.state;
    const next = (): Promise<never> => Promise.reject(new Error('asked the running one'));
    const broken = () => ({ [Symbol.asyncIterator]: () => ({ next }) });
    expect(await refusal(home, { running: { mode, account, pages: broken } })).toContain('asked the running one');
    expect(signOffFor(books.practice.engine()).stage).toBe('full');
  });
});
