// A recording of a made-up market in Binance's own format, for tests of real input on a machine where ../shared/data is absent.
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { makeInstruments } from '../../src-main/practice/core/instruments.ts';
import { recordToFile } from '../../src-main/practice/feeds/recorder.ts';
import { SyntheticMarket } from '../../src-main/practice/feeds/synthetic.ts';

/** Writes three minutes of one symbol, made in virtual time. */
export async function makeRecording(symbol: string, path: string): Promise<void> {
  const startMs = Date.UTC(2026, 0, 5, 12, 0, 30);
  let nowMs = startMs;
  const instruments = makeInstruments([symbol]);
  const core = new ExchangeCore({ instruments, accounts: [], nowMs });
  const market = new SyntheticMarket({ instruments, seed: 3, startMs, eventsPerSecond: 60 });
  market.advanceTo((nowMs += 1000), core);
  const recording = recordToFile(core, [symbol], path, () => nowMs);
  for (let step = 0; step < 1800; step++) market.advanceTo((nowMs += 100), core);
  await recording.stop();
}
