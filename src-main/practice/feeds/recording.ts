// Reads recorded Binance socket messages: one line a message, the local receive time in nanoseconds, a space, the raw JSON; book
// snapshots have no stream name. Plain or gzip. Parsed at this edge; a line that is not understood is an error with its number.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';

const levels = z.array(z.tuple([z.string(), z.string()]));
const depthSchema = z.object({
  e: z.literal('depthUpdate'),
  E: z.int(),
  s: z.string(),
  U: z.int(),
  u: z.int(),
  pu: z.int().optional(),
  b: levels,
  a: levels,
});
const tradeSchema = z.object({
  e: z.literal('trade'),
  E: z.int(),
  s: z.string(),
  t: z.int(),
  p: z.string(),
  q: z.string(),
  T: z.int(),
  m: z.boolean(),
});
const quoteSchema = z.object({ u: z.int(), s: z.string(), b: z.string(), B: z.string(), a: z.string(), A: z.string() });
/** `symbol` is our recorder's addition; Binance's own snapshots do not say whose they are. */
const snapshotSchema = z.object({ lastUpdateId: z.int(), bids: levels, asks: levels, symbol: z.string().optional() });
const lineSchema = z.union([z.object({ stream: z.string(), data: z.unknown() }), snapshotSchema]);

export type RecordedDepth = z.infer<typeof depthSchema>;
export type RecordedTrade = z.infer<typeof tradeSchema>;
export type RecordedQuote = z.infer<typeof quoteSchema>;
export type RecordedSnapshot = z.infer<typeof snapshotSchema>;

/** `receivedMs` is the recorder's clock, which differs from the exchange's. */
export type RecordedMessage = { readonly receivedMs: number } & (
  | { readonly kind: 'depth'; readonly data: RecordedDepth }
  | { readonly kind: 'trade'; readonly data: RecordedTrade }
  | { readonly kind: 'bookTicker'; readonly data: RecordedQuote }
  | { readonly kind: 'snapshot'; readonly data: RecordedSnapshot }
);

/** Streams other than depth, trade and bookTicker are passed over. Throws on a broken line, naming it, and on read errors. */
export async function* readRecording(path: string): AsyncGenerator<RecordedMessage> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A read error does not travel through pipe by itself; without this the lines would just never come.
  if (input !== file) file.on('error', (error) => input.destroy(error));
  let lineNumber = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      lineNumber += 1;
      if (line === '') continue;
      const message = parseLine(line, `${lineNumber}`);
      if (message !== undefined) yield message;
    }
  } finally {
    file.destroy();
  }
}

function parseLine(line: string, lineNumber: string): RecordedMessage | undefined {
  const match = /^(\d{7,20}) (\{.*)$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) throw new Error(`recording, line ${lineNumber}: not "nanoseconds JSON"`);
  const receivedMs = parseInt(match[1].slice(0, -6), 10);
  try {
    return messageOf(lineSchema.parse(JSON.parse(match[2])), receivedMs);
  } catch (error) {
    throw new Error(`recording, line ${lineNumber}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function messageOf(line: z.infer<typeof lineSchema>, receivedMs: number): RecordedMessage | undefined {
  if (!('stream' in line)) return { receivedMs, kind: 'snapshot', data: line };
  const [, name = ''] = line.stream.split('@');
  if (name === 'depth') {
    const data = depthSchema.parse(line.data);
    if (data.pu !== undefined) throw new Error('a futures recording; the practice exchange trades spot');
    return { receivedMs, kind: 'depth', data };
  }
  if (name === 'trade') return { receivedMs, kind: 'trade', data: tradeSchema.parse(line.data) };
  if (name === 'bookTicker') return { receivedMs, kind: 'bookTicker', data: quoteSchema.parse(line.data) };
  return undefined;
}

export interface SymbolSpan {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

export interface RecordingSpan {
  /** First and last receive time. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** What must be added to receive times to get the exchange's clock, from the first message that carries both. */
  readonly clockOffsetMs: number;
  readonly symbols: ReadonlyMap<string, SymbolSpan>;
}

/** Reads a recording once for what a replay must know beforehand. Throws when it holds no message of a symbol. */
export async function scanRecording(path: string): Promise<RecordingSpan> {
  const symbols = new Map<string, SymbolSpan>();
  let firstMs: number | undefined;
  let lastMs = 0;
  let clockOffsetMs: number | undefined;
  for await (const message of readRecording(path)) {
    firstMs ??= message.receivedMs;
    lastMs = Math.max(lastMs, message.receivedMs);
    if (message.kind === 'snapshot') continue;
    if (message.kind !== 'bookTicker') clockOffsetMs ??= message.data.E - message.receivedMs;
    symbols.set(message.data.s, widen(symbols.get(message.data.s), message));
  }
  if (firstMs === undefined || symbols.size === 0) throw new Error('the recording holds no market messages');
  return { firstMs, lastMs, clockOffsetMs: clockOffsetMs ?? 0, symbols };
}

const NOTHING: SymbolSpan = { firstUpdateId: Infinity, lastUpdateId: 0, firstTradeId: Infinity, lastTradeId: 0 };

function widen(span: SymbolSpan = NOTHING, message: Exclude<RecordedMessage, { kind: 'snapshot' }>): SymbolSpan {
  if (message.kind === 'trade') {
    const { t } = message.data;
    return { ...span, firstTradeId: Math.min(span.firstTradeId, t), lastTradeId: Math.max(span.lastTradeId, t) };
  }
  const first = message.kind === 'depth' ? message.data.U : message.data.u;
  const firstUpdateId = Math.min(span.firstUpdateId, first);
  return { ...span, firstUpdateId, lastUpdateId: Math.max(span.lastUpdateId, message.data.u) };
}
