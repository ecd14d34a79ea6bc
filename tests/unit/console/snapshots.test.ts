// When a snapshot is made (L1, R): after many facts, at a clean quit after some, one at a time; and never in the way of a quit.
import { beforeEach, expect, test, vi } from 'vitest';
import { Snapshots } from '../../../src-main/console/snapshots.ts';
import type { FileJournal } from '../../../src-main/journal/port.ts';

/** A journal that is as far as the test says, and a replay that ends when the test says. */
class Desk {
  durableSeq = 0;
  flush: () => Promise<void> = () => Promise.resolve();
  encoded = Promise.withResolvers<string>();
  readonly told: string[] = [];
  readonly snapshots: Snapshots;

  constructor(snapshotSeq: number | null = null) {
    const { told } = this;
    const durableSeq = (): number => this.durableSeq;
    const journal = {
      flush: () => this.flush(),
      get durableSeq() {
        return durableSeq();
      },
    };
    const file = {
      journal,
      snapshotSeq,
      keepSnapshot: (seq: number, text: string) => {
        told.push(`keep ${seq} ${text}`);
        return Promise.resolve(`digest of ${text}`);
      },
    } as unknown as FileJournal;
    this.snapshots = new Snapshots({
      file,
      replay: {
        encodedAt: (seq) => {
          told.push(`encode ${seq}`);
          return this.encoded.promise;
        },
      },
      kept: (atSeq, digest) => void told.push(`kept ${atSeq} ${digest}`),
      failed: (text) => void told.push(`failed ${text}`),
    });
  }

  at(seq: number): void {
    this.durableSeq = seq;
    this.snapshots.note(seq);
  }

  /** The replay ends with this text; everything that follows from it has happened. */
  async encode(text: string): Promise<void> {
    this.encoded.resolve(text);
    await settle();
    this.encoded = Promise.withResolvers<string>();
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  return () => vi.useRealTimers();
});

test('every 20 000 facts one is made, of what is on disk, and made to count by a fact', async () => {
  const desk = new Desk();
  desk.at(19_999);
  await settle();
  expect(desk.told).toEqual([]);
  desk.at(20_000);
  await settle();
  await desk.encode('a');
  expect(desk.told).toEqual(['encode 20000', 'keep 20000 a', 'kept 20000 digest of a']);
  desk.at(39_999);
  await settle();
  expect(desk.told).toHaveLength(3);
  desk.at(40_000);
  await settle();
  expect(desk.told.at(-1)).toBe('encode 40000');
});

test('a start from a snapshot counts from there', async () => {
  const desk = new Desk(100_000);
  desk.at(119_999);
  await settle();
  expect(desk.told).toEqual([]);
  desk.at(120_000);
  await settle();
  expect(desk.told).toEqual(['encode 120000']);
});

test('one is made at a time, however fast the facts come', async () => {
  const desk = new Desk();
  desk.at(20_000);
  desk.at(60_000);
  desk.at(90_000);
  await settle();
  // What was on disk when its turn came.
  expect(desk.told).toEqual(['encode 90000']);
});

test('what goes wrong is told and tried again only after as many facts', async () => {
  const desk = new Desk();
  desk.at(20_000);
  await settle();
  desk.encoded.reject(new Error('no room'));
  await settle();
  desk.encoded = Promise.withResolvers<string>();
  desk.at(20_001);
  await settle();
  expect(desk.told).toEqual(['encode 20000', 'failed no room']);
  desk.at(40_000);
  await settle();
  expect(desk.told.at(-1)).toBe('encode 40000');
  const broken = new Desk();
  broken.flush = () => Promise.reject(new Error('the disk is gone'));
  broken.at(20_000);
  await settle();
  expect(broken.told).toEqual(['failed the disk is gone']);
});

test('a clean quit after 1000 facts makes one more; after fewer it does not', async () => {
  const few = new Desk();
  few.durableSeq = 999;
  await few.snapshots.close();
  expect(few.told).toEqual([]);
  const some = new Desk();
  some.durableSeq = 1000;
  const closed = some.snapshots.close();
  await settle();
  await some.encode('z');
  await closed;
  expect(some.told).toEqual(['encode 1000', 'keep 1000 z', 'kept 1000 digest of z']);
});

test('a quit waits for the one that is being made, but not for ever', async () => {
  const desk = new Desk();
  desk.at(20_000);
  await settle();
  let isClosed = false;
  const closing = desk.snapshots.close().then(() => (isClosed = true));
  await settle();
  expect(isClosed).toBe(false);
  vi.advanceTimersByTime(3_000);
  await closing;
  expect(desk.told).toEqual(['encode 20000']);
});
