// How old the newest quote of a market is. What is computed from an old quote is shown grey and never as the price of now (VISUAL).
import { useNowMs } from '../components/time.ts';
import { useMarket } from './replica.ts';

const OLD_QUOTE_MS = 5_000;

/** Undefined while the quote is fresh or has not come yet; else its age. */
export const useOldQuoteMs = (symbol: string): number | undefined => {
  const atMs = useMarket(({ quotes }) => quotes[symbol]?.atMs);
  const nowMs = useNowMs();
  return atMs === undefined || nowMs - atMs <= OLD_QUOTE_MS ? undefined : nowMs - atMs;
};
