// Writes a running core's market as a recording that the replay feed reads: the format of Binance's raw combined streams, one line
// a message with a receive time in nanoseconds, a snapshot of every book first. Must never record user events.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CoreEvent, Exchange } from '../core/types.ts';

const FULL_DEPTH = 5000;

export interface Recording {
  /** Ends the recording; settles when everything is on disk, rejects when it could not be written. */
  stop(): Promise<void>;
}

/** Gzip when the path ends in .gz. `nowMs` is the clock that the core is driven by: it stamps the lines. */
export function recordToFile(core: Exchange, symbols: readonly string[], path: string, nowMs: () => number): Recording {
  const file = createWriteStream(path);
  const gzip = path.endsWith('.gz') ? createGzip() : undefined;
  gzip?.pipe(file);
  const out = gzip ?? file;
  const done = finished(file);
  const line = (payload: unknown) => out.write(`${nowMs()}000000 ${JSON.stringify(payload)}\n`);

  for (const symbol of symbols) {
    // The quote first: a symbol whose recording begins with one shows the recorded quotes and no others.
    const quote = core.bookTickerPayload(symbol);
    if (quote !== undefined) line({ stream: `${symbol.toLowerCase()}@bookTicker`, data: quote });
    line({ ...core.depth(symbol, FULL_DEPTH), symbol });
  }
  const unsubscribe = core.onEvent((event) => {
    const name = streamName(event);
    if (name !== undefined && event.kind !== 'user' && symbols.includes(event.symbol)) line({ stream: name, data: event.payload });
  });
  return {
    stop: async () => {
      unsubscribe();
      out.end();
      await done;
    },
  };
}

function streamName(event: CoreEvent): string | undefined {
  switch (event.kind) {
    case 'depth':
      return `${event.symbol.toLowerCase()}@depth@100ms`;
    case 'trade':
    case 'bookTicker':
      return `${event.symbol.toLowerCase()}@${event.kind}`;
    case 'aggTrade':
    case 'kline':
    case 'user':
      return undefined;
  }
}
