// The journal under what disks and power cuts do (L1): a killed writer, files cut at any byte, a full disk. What was acknowledged is
// there; what is lost is told; nothing is half a fact.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { verifyJournal } from '../../src-main/journal/verify.ts';
import { openJournal } from '../../src-main/journal/open.ts';
import { factsFrom, freshFolder, freshPath, makeJournal, opened, PRACTICE } from '../unit/journal/helpers.ts';

const OPEN = fileURLToPath(new URL('../../src-main/journal/open.ts', import.meta.url));

/** A process that appends facts as fast as it can and prints each sequence that the journal calls durable. */
const writer = (file: string, wrap: readonly string[] = []) => {
  const script = `
    const { openJournal } = await import(${JSON.stringify(OPEN)});
    const opened = await openJournal({ mode: 'practice', account: 'normal', path: ${JSON.stringify(file)} });
    const { journal, facts } = opened.value;
    let seq = facts.length;
    journal.onDurable((durable) => process.stdout.write('durable ' + durable + '\\n'));
    journal.onBroken((text) => { process.stdout.write('broken ' + text + '\\n'); });
    const more = () => {
      setImmediate(more);
      if (seq - journal.durableSeq > 20) return;
      const batch = Array.from({ length: 1 + (seq % 5) }, () => {
        seq += 1;
        return { seq, atMs: seq, fact: { kind: 'reconcile.failed', why: 'crash test ' + seq, text: 'x'.repeat(seq % 7000) } };
      });
      journal.append(batch);
    };
    more();`;
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const [command = '', ...args] = [...wrap, ...node];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { child, ended, next: async (): Promise<string> => (await lines.next()).value ?? '' };
};

const durableOf = (line: string): number => Number(/^durable (\d+)$/.exec(line)?.[1] ?? 0);

test('a writer killed again and again never loses what it acknowledged, and the chain stays whole', async () => {
  const file = freshPath();
  let acknowledged = 0;
  for (const acknowledgments of [1, 2, 7, 30, 90]) {
    const { child, ended, next } = writer(file);
    for (let n = 0; n < acknowledgments; n += 1) acknowledged = Math.max(acknowledged, durableOf(await next()));
    child.kill('SIGKILL');
    await ended;
    expect(acknowledged).toBeGreaterThan(0);
    const { journal, facts } = await opened({ path: file });
    expect(facts.length).toBeGreaterThanOrEqual(acknowledged);
    facts.forEach(({ seq, fact }, index) => {
      expect(seq).toBe(index + 1);
      expect(fact).toMatchObject({ why: `crash test ${seq}` });
    });
    await journal.close();
  }
  const report = verifyJournal(file);
  expect(report.ok && report.value.verdict).toBe('whole');
});

/** A killed writer's two files, to be cut at will. */
const killedWriter = async (acknowledgments: number) => {
  const file = freshPath();
  const { child, ended, next } = writer(file);
  for (let n = 0; n < acknowledgments; n += 1) await next();
  child.kill('SIGKILL');
  await ended;
  return { database: fs.readFileSync(file), log: fs.readFileSync(`${file}-wal`) };
};

const openCut = async (database: Buffer, log: Buffer | undefined) => {
  const file = path.join(freshFolder(), 'journal.sqlite');
  fs.writeFileSync(file, database);
  if (log !== undefined) fs.writeFileSync(`${file}-wal`, log);
  const result = await openJournal({ ...PRACTICE, path: file });
  if (!result.ok) return { file, code: result.error.code, facts: -1, notice: '', tag: '' };
  const { journal, facts, notice } = result.value;
  facts.forEach(({ seq }, index) => expect(seq).toBe(index + 1));
  journal.append(factsFrom(facts.length + 1, facts.length + 3));
  await journal.flush();
  await journal.close();
  const again = await opened({ path: file });
  expect(again.facts.length).toBe(facts.length + 3);
  expect(again.notice).toBe('');
  await again.journal.close();
  return { file, code: '', facts: facts.length, notice, tag: journal.tag };
};

test('a write-ahead log cut at any byte leaves a whole beginning, says so, and goes on', async () => {
  const { database, log } = await killedWriter(12);
  const whole = await openCut(database, log);
  expect(whole.facts).toBeGreaterThan(0);
  const frame = 4096 + 24;
  // tests/protocol/journal-any-byte.test.ts cuts everywhere; here a few cuts go through the thread, and the journal goes on after each.
  const cuts = [0, 33, 32 + frame, log.length - 1, log.length - frame - 1];
  for (let at = 500; at < log.length; at += Math.ceil(log.length / 2)) cuts.push(at);
  let before = -1;
  for (const at of cuts.toSorted((a, b) => a - b)) {
    const { code, facts, notice } = await openCut(database, log.subarray(0, at));
    expect(code, `cut at ${at}`).toBe('');
    expect(facts, `cut at ${at}`).toBeGreaterThanOrEqual(before);
    expect(facts).toBeLessThanOrEqual(whole.facts);
    // A cut between two frames may be where a commit ended: then nothing shows.
    if (at > 0 && (at - 32) % frame !== 0) expect(notice, `cut at ${at}`).toContain('cut after fact');
    before = facts;
  }
});

test('a bit that flipped in the log costs nothing that a later page still holds, or is told', async () => {
  const { database, log } = await killedWriter(12);
  const whole = await openCut(database, log);
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    const flipped = Buffer.from(log);
    const at = Math.trunc(flipped.length * share);
    flipped.writeUInt8((flipped[at] ?? 0) ^ 1, at);
    const { code, facts, notice } = await openCut(database, flipped);
    if (code === '') expect(facts === whole.facts || notice !== '').toBe(true);
    else expect(code).toBe('broken-chain');
  }
});

test('a journal file cut at any byte keeps the facts before the cut, keeps the damaged file, and draws a new tag (B8)', async () => {
  const file = freshPath();
  await makeJournal(file, 4_000, 'y'.repeat(300));
  // Facts larger than a page, so that overflow pages are cut too.
  const { journal } = await opened({ path: file });
  journal.append(factsFrom(4_001, 4_020, 'z'.repeat(9_000)));
  await journal.close();
  const database = fs.readFileSync(file);
  expect(database.length / 4096).toBeGreaterThan(420);
  const cuts = [12_289, database.length - 1, database.length - 4_097];
  for (let at = 50_001; at < database.length; at += Math.ceil(database.length / 2)) cuts.push(at);
  let before = -1;
  for (const at of cuts.toSorted((a, b) => a - b)) {
    const cut = await openCut(database.subarray(0, at), undefined);
    expect(cut.code, `cut at ${at}`).toBe(cut.facts < 0 ? 'damaged' : '');
    expect(cut.facts, `cut at ${at}`).toBeGreaterThanOrEqual(before);
    if (at > 20_000) expect(cut.facts, `cut at ${at}`).toBeGreaterThan(0);
    if (cut.facts >= 0) {
      expect(cut.notice).toContain('cut after fact');
      expect(cut.tag).not.toBe(journal.tag);
      expect(fs.readdirSync(path.dirname(cut.file)).some((name) => name.includes('.damaged-'))).toBe(true);
    }
    before = cut.facts;
  }
  expect(before).toBeGreaterThan(4_000);
});

test.each([0, 1, 50, 99, 100, 2_000, 4_095, 4_096, 5_000])(
  'with only %i bytes left nobody can say whose it was: it is refused and left alone',
  async (bytes) => {
    const file = freshPath();
    await makeJournal(file, 50);
    const rest = fs.readFileSync(file).subarray(0, bytes);
    const cut = await openCut(rest, undefined);
    expect(cut.code).toBe('damaged');
    expect(fs.readFileSync(cut.file).equals(rest)).toBe(true);
  },
);

test('a hole in the middle of the file with whole facts after it is not cut away', async () => {
  const file = freshPath();
  await makeJournal(file, 500, 'y'.repeat(300));
  const database = fs.readFileSync(file);
  const holed = Buffer.from(database);
  holed.fill(0, 20 * 4096, 22 * 4096);
  expect((await openCut(holed, undefined)).code).toBe('broken-chain');
});

test('a salvage that a crash cut short is finished at the next start', async () => {
  const file = freshPath();
  await makeJournal(file, 30);
  const good = fs.readFileSync(file);
  fs.writeFileSync(`${file}.salvaged`, good);
  fs.writeFileSync(file, good.subarray(0, 9_000));
  fs.writeFileSync(`${file}-wal`, 'a log that must not be applied');
  const { journal, facts } = await opened({ path: file });
  expect(facts.length).toBe(30);
  expect(fs.existsSync(`${file}.salvaged`)).toBe(false);
  await journal.close();
});

test('a log without its journal is not taken for a new journal', async () => {
  const { log } = await killedWriter(2);
  const file = freshPath();
  fs.writeFileSync(`${file}-wal`, log);
  const result = await openJournal({ ...PRACTICE, path: file });
  expect(result.ok ? '' : result.error.code).toBe('damaged');
});

test.skipIf(process.platform === 'win32')('a full disk breaks the journal once, loudly, and keeps what was acknowledged', async () => {
  const file = freshPath();
  // A limit on the size of any file that the process writes stands for the full disk; the kernel refuses the write.
  const { child, ended, next } = writer(file, ['/bin/bash', '-c', 'ulimit -f 600; exec "$@"', 'limited']);
  let acknowledged = 0;
  let line = await next();
  while (line.startsWith('durable')) {
    acknowledged = durableOf(line);
    line = await next();
  }
  expect(line).toMatch(/^broken The journal cannot be written any more: .*Check the disk/);
  child.kill('SIGKILL');
  await ended;
  const { journal, facts } = await opened({ path: file });
  expect(facts.length).toBeGreaterThanOrEqual(acknowledged);
  await journal.close();
});
