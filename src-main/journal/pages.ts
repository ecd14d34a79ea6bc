// Reads rows straight out of SQLite's pages, for a journal whose tree SQLite can no longer walk (a file cut at any byte). It collects
// whatever looks like a row; the hash chain alone decides what is one. Format: sqlite.org/fileformat2.html, sections 1.5, 1.6, 2.1, 4.
import fs from 'node:fs';
import type { ChainRow } from './chain.ts';
import { PAGE_BYTES, walPath } from './format.ts';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const TABLE_LEAF = 0x0d;
/** A leaf cell keeps at most this much of its payload; the rest is on overflow pages. */
const MAX_LOCAL = PAGE_BYTES - 35;
const MIN_LOCAL = Math.trunc(((PAGE_BYTES - 12) * 32) / 255) - 23;
/** No fact is larger; a length beyond it is a damaged cell. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Every whole page image of a number: the database file's and each one in the write-ahead log. */
type PageImages = ReadonlyMap<number, readonly Buffer[]>;

/** Candidates for the rows of a journal, by sequence; several where the log holds more than one image of a page. */
export const scanRows = (path: string): ReadonlyMap<number, readonly ChainRow[]> => {
  const images = readImages(path);
  const found = new Map<number, ChainRow[]>();
  for (const copies of images.values())
    for (const page of copies)
      for (const row of rowsOfPage(page, images)) {
        const same = found.get(row.seq);
        if (same === undefined) found.set(row.seq, [row]);
        else if (!same.some((other) => other.hash === row.hash && other.json === row.json)) same.push(row);
      }
  return found;
};

const readImages = (path: string): PageImages => {
  const images = new Map<number, Buffer[]>();
  const add = (number: number, page: Buffer) => images.set(number, [...(images.get(number) ?? []), page]);
  const file = fs.readFileSync(path);
  for (let at = 0, number = 1; at + PAGE_BYTES <= file.length; at += PAGE_BYTES, number += 1)
    add(number, file.subarray(at, at + PAGE_BYTES));
  const wal = fs.existsSync(walPath(path)) ? fs.readFileSync(walPath(path)) : Buffer.alloc(0);
  const frameBytes = FRAME_HEADER_BYTES + PAGE_BYTES;
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= wal.length; at += frameBytes)
    add(wal.readUInt32BE(at), wal.subarray(at + FRAME_HEADER_BYTES, at + frameBytes));
  return images;
};

function* rowsOfPage(page: Buffer, images: PageImages): Generator<ChainRow> {
  // Page 1 starts with the file's header and holds the schema only.
  if (page[0] !== TABLE_LEAF) return;
  const cells = page.readUInt16BE(3);
  for (let index = 0; index < cells && 8 + index * 2 + 2 <= PAGE_BYTES; index += 1) {
    const row = rowOfCell(page, page.readUInt16BE(8 + index * 2), images);
    if (row !== undefined) yield row;
  }
}

const rowOfCell = (page: Buffer, at: number, images: PageImages): ChainRow | undefined => {
  const payloadBytes = readVarint(page, at);
  const seq = readVarint(page, payloadBytes.next);
  if (payloadBytes.value > MAX_PAYLOAD_BYTES) return undefined;
  const payload = readPayload(page, seq.next, payloadBytes.value, images);
  return payload === undefined ? undefined : rowOfRecord(seq.value, payload);
};

const readPayload = (page: Buffer, at: number, bytes: number, images: PageImages): Buffer | undefined => {
  if (bytes <= MAX_LOCAL) return at + bytes <= PAGE_BYTES ? page.subarray(at, at + bytes) : undefined;
  const surplus = MIN_LOCAL + ((bytes - MIN_LOCAL) % (PAGE_BYTES - 4));
  const local = surplus <= MAX_LOCAL ? surplus : MIN_LOCAL;
  if (at + local + 4 > PAGE_BYTES) return undefined;
  const parts = [page.subarray(at, at + local)];
  let missing = bytes - local;
  let next = page.readUInt32BE(at + local);
  while (missing > 0) {
    // Overflow pages are written once and never change, so their newest image is as good as any.
    const overflow = images.get(next)?.at(-1);
    if (overflow === undefined) return undefined;
    const part = overflow.subarray(4, 4 + Math.min(missing, PAGE_BYTES - 4));
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
};

/** A record of (NULL for the row id, integer, text, text), or undefined when it is none. */
const rowOfRecord = (seq: number, payload: Buffer): ChainRow | undefined => {
  const header = readVarint(payload, 0);
  const types: number[] = [];
  for (let at = header.next; at < header.value && at < payload.length;) {
    const type = readVarint(payload, at);
    types.push(type.value);
    at = type.next;
  }
  const [key, time, json, hash] = types;
  if (types.length !== 4 || key !== 0 || time === undefined || json === undefined || hash === undefined) return undefined;
  const timeBytes = INTEGER_BYTES[time];
  if (timeBytes === undefined || !isText(json) || !isText(hash)) return undefined;
  const jsonAt = header.value + timeBytes;
  const hashAt = jsonAt + textBytes(json);
  if (hashAt + textBytes(hash) !== payload.length) return undefined;
  const atMs = readInteger(payload, header.value, time, timeBytes);
  return { seq, atMs, json: payload.toString('utf8', jsonAt, hashAt), hash: payload.toString('latin1', hashAt) };
};

const isText = (type: number): boolean => type >= 13 && type % 2 === 1;
const textBytes = (type: number): number => (type - 13) / 2;

/** Serial types of integers: 1–6 are stored in so many bytes, 8 and 9 are the constants 0 and 1. */
const INTEGER_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0 };
const readInteger = (from: Buffer, at: number, type: number, bytes: number): number => {
  if (bytes === 0) return type - 8;
  return bytes === 8 ? Number(from.readBigInt64BE(at)) : from.readIntBE(at, bytes);
};

/** SQLite's big-endian varint; past the end of the page it reads zeros, and the chain throws the result out. */
const readVarint = (from: Buffer, at: number): { readonly value: number; readonly next: number } => {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = from[at + index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return { value: value * 256 + (from[at + 8] ?? 0), next: at + 9 };
};
