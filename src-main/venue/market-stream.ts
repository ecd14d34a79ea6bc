// The market stream: quotes and trades of every symbol, depth and candles of the one on screen, on a single combined socket.
// It must never send more than Binance's five frames a second, pings included: wishes are gathered before they are sent.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { readMarketFrame, type FrameReading } from './payloads.ts';
import { createStreamSocket, type Ask, type StreamOptions, type StreamRefusal, type StreamSocket } from './stream-socket.ts';

export interface MarketStream {
  readonly socket: StreamSocket;
  show(symbol: SymbolId | null, interval: string): void;
  close(): void;
}

type Inherited = 'ccxt' | 'nowMs' | 'random' | 'dialAllowedAtMs' | 'timings' | 'onLive' | 'onDown' | 'onAlive';
export interface MarketStreamOptions extends Pick<StreamOptions, Inherited> {
  readonly streamUrl: string;
  readonly symbols: readonly SymbolId[];
  readonly onReading: (reading: FrameReading) => void;
}

const GATHER_MS = 500;

export const createMarketStream = (options: MarketStreamOptions): MarketStream => {
  const symbols: ReadonlySet<string> = new Set(options.symbols);
  const always = options.symbols.flatMap((symbol) => [`${symbol.toLowerCase()}@bookTicker`, `${symbol.toLowerCase()}@trade`]);
  let shown: readonly string[] = [];
  let subscribed: ReadonlySet<string> = new Set();
  let gathering: NodeJS.Timeout | undefined;

  const socket = createStreamSocket({
    ...options,
    url: `${options.streamUrl}/stream`,
    liveOn: 'first-frame',
    handshake: async (ask) => {
      const wanted = [...always, ...shown];
      subscribed = new Set(wanted);
      return settled(await ask('SUBSCRIBE', wanted));
    },
    onLive: () => {
      options.onLive();
      void adjust(socket.ask); // a wish that came while the handshake was on its way
    },
    onFrame: (frame) => options.onReading(readMarketFrame(frame, symbols)),
  });

  /** Brings the venue's subscriptions to what is wanted now; a refusal ends in a fresh connection, which subscribes to all. */
  const adjust = async (ask: Ask): Promise<void> => {
    const wanted = new Set([...always, ...shown]);
    const added = [...wanted].filter((name) => !subscribed.has(name));
    const removed = [...subscribed].filter((name) => !wanted.has(name));
    subscribed = wanted;
    if (added.length > 0 && !(await ask('SUBSCRIBE', added)).ok) return socket.restart('The venue refused a subscription');
    if (removed.length > 0 && !(await ask('UNSUBSCRIBE', removed)).ok) socket.restart('The venue refused to end a subscription');
  };

  return {
    socket,
    show: (symbol, interval) => {
      const name = symbol?.toLowerCase();
      shown = name === undefined || !symbols.has(name.toUpperCase()) ? [] : [`${name}@depth20@100ms`, `${name}@kline_${interval}`];
      gathering ??= setTimeout(() => {
        gathering = undefined;
        if (socket.live) void adjust(socket.ask);
      }, GATHER_MS);
    },
    close: () => {
      clearTimeout(gathering);
      socket.close();
    },
  };
};

const settled = (answer: Result<unknown, StreamRefusal>): Result<void, StreamRefusal> => (answer.ok ? ok(undefined) : fail(answer.error));
