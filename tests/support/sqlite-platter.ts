// The journal's own file code (journal/store.ts: SQLite, hash chain, salvage) as the platter of a simulated disk: on a file in memory
// where the system has one. A crash leaves the files as they were in that instant, cut inside the newest write if the plan says so.
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { openStore } from '../../src-main/journal/store.ts';
import type { JournalStore, StoredFact } from '../../src-main/journal/store.ts';
import type { Cut, Platter } from './memory-journal.ts';

const IN_MEMORY = '/dev/shm';
const TAG_LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export class SqlitePlatter implements Platter {
  notice = '';
  private readonly folder: string;
  private readonly path: string;
  private readonly mirror: SequencedFact[] = [];
  private store: JournalStore | null = null;
  private isTorn = false;
  private tags = 0;
  private shownTag: JournalTag = 'simula' as JournalTag;

  constructor() {
    this.folder = fs.mkdtempSync(nodePath.join(fs.existsSync(IN_MEMORY) ? IN_MEMORY : os.tmpdir(), 'holdfast-sim-'));
    this.path = nodePath.join(this.folder, 'journal.sqlite');
  }

  get tag(): JournalTag {
    return this.shownTag;
  }

  get seq(): number {
    return this.mirror.length;
  }

  append(facts: readonly StoredFact[]): void {
    this.write(facts);
    for (const { atMs, json } of facts)
      this.mirror.push({ seq: this.mirror.length + 1, atMs, fact: JSON.parse(json) as SequencedFact['fact'] });
  }

  private write(facts: readonly StoredFact[]): void {
    if (facts.length > 0) this.store?.append(this.mirror.length + 1, facts);
  }

  /** Opens as the worker thread does. What was acknowledged must be there, unchanged: that is checked here, fact by fact. */
  open(nowMs: number): readonly SequencedFact[] {
    const facts: SequencedFact[] = [];
    const opened = openStore(
      { path: this.path, mode: 'practice', account: 'trader', nowMs, freshTag: this.freshTag() },
      {
        fact: ({ seq, atMs, json }) => void facts.push({ seq, atMs, fact: JSON.parse(json) as SequencedFact['fact'] }),
        restart: () => void facts.splice(0),
      },
    );
    if (!opened.ok) throw new Error(`Audit: L1: the journal does not open: ${opened.error.text}`);
    this.store = opened.value;
    if (this.isTorn && opened.value.notice === '') throw new Error('Audit: L1: a torn tail was cut, and nobody is told');
    this.isTorn = false;
    this.notice = opened.value.notice;
    this.shownTag = opened.value.tag;
    const lost = this.mirror.findIndex((one, index) => JSON.stringify(one) !== JSON.stringify(facts[index]));
    if (lost >= 0) throw new Error(`Audit: L1: fact ${lost + 1} was acknowledged, and is gone or another after the restart`);
    this.mirror.push(...facts.slice(this.mirror.length));
    return facts;
  }

  private freshTag(): JournalTag {
    this.tags += 1;
    return `simul${TAG_LETTERS[this.tags % TAG_LETTERS.length] ?? 'a'}` as JournalTag;
  }

  facts(): readonly SequencedFact[] {
    return this.mirror;
  }

  crash(pending: readonly StoredFact[], cut: Cut): void {
    if (cut.kind === 'share') {
      this.write(pending.slice(0, Math.floor(pending.length * cut.share)));
      this.dropHandle(null);
      return;
    }
    const wal = `${this.path}-wal`;
    const before = fs.existsSync(wal) ? fs.statSync(wal).size : 0;
    this.write(pending);
    const after = fs.existsSync(wal) ? fs.statSync(wal).size : 0;
    // Only what was written last can be torn: what was acknowledged is past its fsync.
    const kept = before + Math.floor((after - before) * cut.at);
    this.isTorn = kept > before && kept < after;
    this.dropHandle(after > before ? kept : null);
  }

  /** Closing would tidy up: the files are put back as the crash found them. */
  private dropHandle(walBytes: number | null): void {
    const files = [this.path, `${this.path}-wal`].filter((path) => fs.existsSync(path));
    const kept = files.map((path) => [path, fs.readFileSync(path)] as const);
    this.store?.close();
    this.store = null;
    for (const [path, bytes] of kept)
      fs.writeFileSync(path, path.endsWith('-wal') && walBytes !== null ? bytes.subarray(0, walBytes) : bytes);
  }

  remove(): void {
    this.store?.close();
    this.store = null;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
