// ccxt as anybody would use it on this exchange, and nothing else: the opponent. Its own throttle is off, its connections kept alive.
import ccxt from 'ccxt';
import type { PracticeAddresses, TestKey } from '../../src-main/practice/practice.ts';

const optionsOf = ({ restUrl, wsApiUrl }: PracticeAddresses, { apiKey, secret }: TestKey) => ({
  apiKey,
  secret,
  enableRateLimit: false,
  newUpdates: true,
  options: {
    defaultType: 'spot',
    fetchMarkets: { types: ['spot'] },
    fetchCurrencies: false,
    fetchMargins: false,
    ordersLimit: 1e6,
    fetchOpenOrders: { warnWithoutSymbol: false },
  },
  urls: {
    api: {
      public: `${restUrl}/api/v3`,
      private: `${restUrl}/api/v3`,
      sapi: `${restUrl}/sapi/v1`,
      ws: { 'ws-api': { spot: wsApiUrl } },
    },
  },
});

/** With its markets loaded. */
export const ccxtClient = async (practice: PracticeAddresses, key: TestKey): Promise<InstanceType<typeof ccxt.pro.binance>> => {
  const exchange = new ccxt.pro.binance(optionsOf(practice, key));
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  return exchange;
};
