// Snapshots beside the journal: what all facts up to one came to, as one text, so that a start need not read a million facts. A file is
// nothing by itself: it counts only where the chain has the row that it stands on and a later fact that names its digest (store.ts).
import { hash } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import type { ChainRow } from './chain.ts';
import { renameDurably } from './format.ts';

export interface Snapshot {
  /** The last fact that it holds. */
  readonly seq: number;
  /** That fact's hash in the chain. */
  readonly chainHash: string;
  /** SHA-256 in hex over codec, sequence, chain hash and text: what the binding fact names. */
  readonly digest: string;
  /** Written by the engine's codec; nothing here looks into it. */
  readonly text: string;
}

const MARK = 'holdfast-snapshot 1';
/** The newest, and the one before it should the newest turn out to be unusable. */
const KEPT = 2;

const snapshotPath = (path: string, seq: number): string => `${path}.snapshot-${seq}`;

const digestOf = (codec: string, seq: number, chainHash: string, text: string): string =>
  hash('sha256', `${codec}\n${seq}\n${chainHash}\n${text}`);

/** The sequences of the snapshots beside a journal, newest first. */
export const snapshotSeqs = (path: string): readonly number[] => {
  const prefix = `${nodePath.basename(path)}.snapshot-`;
  return fs
    .readdirSync(nodePath.dirname(path))
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => b - a);
};

/** A snapshot of this codec whose digest is right; what else may be in the file (another codec, half a write, rot) is undefined. */
export const readSnapshot = (path: string, seq: number, codec: string): Snapshot | undefined => {
  const content = fs.readFileSync(snapshotPath(path, seq), 'utf8');
  const end = content.indexOf('\n');
  const [chainHash = '', digest = ''] = content.slice(0, end).split(' ').slice(-2);
  const text = content.slice(end + 1);
  const isWhole = content.slice(0, end) === headLine(codec, seq, chainHash, digest) && digest === digestOf(codec, seq, chainHash, text);
  return isWhole ? { seq, chainHash, digest, text } : undefined;
};

const headLine = (codec: string, seq: number, chainHash: string, digest: string): string =>
  `${MARK} ${codec} ${seq} ${chainHash} ${digest}`;

/**
 * Writes a snapshot, whole and on disk when it resolves, and drops those that are too old. Not on the calling thread: facts that wait
 * for the disk do not wait for it. Resolves with the digest, rejects with what the disk says.
 */
export const writeSnapshot = async (path: string, codec: string, row: ChainRow, text: string): Promise<string> => {
  const digest = digestOf(codec, row.seq, row.hash, text);
  const draft = `${path}.snapshot.draft`;
  await fs.promises.writeFile(draft, `${headLine(codec, row.seq, row.hash, digest)}\n${text}`, { mode: 0o600, flush: true });
  renameDurably(draft, snapshotPath(path, row.seq));
  // One of a later fact is left from a journal that was cut since.
  const [newer, kept] = [snapshotSeqs(path).filter((seq) => seq > row.seq), snapshotSeqs(path).filter((seq) => seq <= row.seq)];
  for (const seq of [...newer, ...kept.slice(KEPT)]) fs.rmSync(snapshotPath(path, seq), { force: true });
  return digest;
};

export const dropSnapshots = (path: string): void => {
  for (const seq of snapshotSeqs(path)) fs.rmSync(snapshotPath(path, seq), { force: true });
};

const BINDING = '{"kind":"snapshot.taken",';

/** True for the fact that puts this snapshot under the chain's seal: nobody can swap it without breaking a hash. */
export const bindsSnapshot = ({ seq, json }: ChainRow, snapshot: Snapshot): boolean => {
  if (seq <= snapshot.seq || !json.startsWith(BINDING)) return false;
  const fact = JSON.parse(json) as { readonly atSeq: unknown; readonly digest: unknown };
  return fact.atSeq === snapshot.seq && fact.digest === snapshot.digest;
};
