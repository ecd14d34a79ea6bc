// Where Binance is, for each mode. The addresses of mainnet stand here, but no composition may use them until the ladder's
// conditions exist (REQUIREMENTS A1); this file decides nothing about that.
import type { Mode } from '../../src-shared/domain/mode.ts';

export interface BinanceAddresses {
  /** Origin of the REST API, as `https://api.binance.com`. */
  readonly restUrl: string;
  /** Origin of the market streams, as `wss://stream.binance.com:9443`. */
  readonly streamUrl: string;
  /** Whole address of the WebSocket API, as `wss://ws-api.binance.com:443/ws-api/v3`. */
  readonly wsApiUrl: string;
  /** Whether `/sapi` exists beside `/api` (the spot testnet has none). */
  readonly hasSapi: boolean;
}

export const BINANCE_ADDRESSES: Readonly<Record<Exclude<Mode, 'practice'>, BinanceAddresses>> = {
  testnet: {
    restUrl: 'https://testnet.binance.vision',
    streamUrl: 'wss://stream.testnet.binance.vision',
    wsApiUrl: 'wss://ws-api.testnet.binance.vision/ws-api/v3',
    hasSapi: false,
  },
  mainnet: {
    restUrl: 'https://api.binance.com',
    streamUrl: 'wss://stream.binance.com:9443',
    wsApiUrl: 'wss://ws-api.binance.com:443/ws-api/v3',
    hasSapi: true,
  },
};
