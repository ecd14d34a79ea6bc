// Tells whether the write-ahead log ends in the middle of a write. SQLite drops such an end in silence, which is right; the trader is
// to be told nevertheless. Reads only. Format: sqlite.org/fileformat2.html#walformat.
import fs from 'node:fs';
import { PAGE_BYTES } from './format.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
const BIG_ENDIAN_SUMS = 0x377f0683;
const LITTLE_ENDIAN_SUMS = 0x377f0682;

/** True when frames of the log's present generation follow its last whole commit, or its header is cut. */
export const walIsTorn = (path: string): boolean => {
  const wal = fs.existsSync(path) ? fs.readFileSync(path) : Buffer.alloc(0);
  if (wal.length === 0) return false;
  if (wal.length < HEADER_BYTES) return true;
  const magic = wal.readUInt32BE(0);
  if (magic !== BIG_ENDIAN_SUMS && magic !== LITTLE_ENDIAN_SUMS) return true;
  const salts = wal.subarray(16, 24);
  const sums = checksum(wal.subarray(0, 24), [0, 0], magic);
  if (!sumsMatch(wal, 24, sums)) return true;
  return endsInsideCommit(wal, salts, sums, magic);
};

const endsInsideCommit = (wal: Buffer, salts: Buffer, headerSums: Sums, magic: number): boolean => {
  let sums = headerSums;
  let open = false;
  for (let at = HEADER_BYTES; at < wal.length; at += FRAME_BYTES) {
    // Frames of an older generation carry other salts: what follows is left over from before the last checkpoint.
    if (!hasSalts(wal, at, salts)) return open || presentFrameFollows(wal, at + FRAME_BYTES, salts);
    if (at + FRAME_BYTES > wal.length) return true;
    sums = checksum(wal.subarray(at, at + 8), sums, magic);
    sums = checksum(wal.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES), sums, magic);
    if (!sumsMatch(wal, at + 16, sums)) return true;
    // A commit frame names the database's size; the others say 0.
    open = wal.readUInt32BE(at + 4) === 0;
  }
  return open;
};

/** A frame that is cut off inside its salts is judged by what is left of them. */
const hasSalts = (wal: Buffer, at: number, salts: Buffer): boolean => {
  const found = wal.subarray(at + 8, at + 16);
  return found.equals(salts.subarray(0, found.length));
};

/** Old frames lie behind all present ones: a present one behind a stranger means that the stranger was present too, and is damaged. */
const presentFrameFollows = (wal: Buffer, from: number, salts: Buffer): boolean => {
  for (let at = from; at + FRAME_BYTES <= wal.length; at += FRAME_BYTES) if (hasSalts(wal, at, salts)) return true;
  return false;
};

type Sums = readonly [number, number];

const sumsMatch = (wal: Buffer, at: number, sums: Sums): boolean =>
  wal.readUInt32BE(at) === sums[0] && wal.readUInt32BE(at + 4) === sums[1];

const checksum = (bytes: Buffer, start: Sums, magic: number): Sums => {
  const bigEndian = magic === BIG_ENDIAN_SUMS;
  let [first, second] = start;
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + second) >>> 0;
    second = (second + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + first) >>> 0;
  }
  return [first, second];
};
