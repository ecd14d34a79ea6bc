// C11: nothing is opened on old quotes or with a silent user stream: one would trade blind or not hear of one's own fills.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countAtMost, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const ageOf = ({ quote }: GatePicture, policy: CompiledPolicy): Reading =>
  quote === null ? missing('the best quote') : countAtMost(quote.ageMs, quote.ageMs, policy.maxQuoteAgeMs);

/** One market's, which is the one of which the picture is: it says nothing of the others. */
const ageGauge = (picture: GatePicture, policy: CompiledPolicy): Reading => {
  const symbol = picture.instrument?.symbol ?? null;
  if (picture.quote === null && symbol !== null) return missing(`the best quote of ${symbol}`);
  const reading = ageOf(picture, policy);
  return reading.verdict === 'deny' ? { ...reading, about: symbol } : reading;
};

const silenceOf = ({ monoMs, userAliveAtMs }: GatePicture, policy: CompiledPolicy): Reading =>
  userAliveAtMs === null
    ? missing('when the user stream was last heard')
    : countAtMost(monoMs - userAliveAtMs, monoMs - userAliveAtMs, policy.maxUserStreamSilenceMs);

export const quoteAge: Limit = {
  id: 'C11.quoteAge',
  title: 'Age of the quote',
  unit: 'ms',
  sense: 'at-most',
  scope: 'openings',
  formula: 'now − time of the best quote ≤ limits.maxQuoteAgeMs',
  advice: () => 'Wait for the market stream; positions can still be closed.',
  measure: ({ picture, policy }) => ageOf(picture, policy),
  gauge: ageGauge,
  resets: 'Each market has its own; the gauge shows the oldest.',
};

export const userStream: Limit = {
  id: 'C11.userStream',
  title: 'Silence of the user stream',
  unit: 'ms',
  sense: 'at-most',
  scope: 'openings',
  formula: 'now − time of the newest frame of the user stream ≤ limits.maxUserStreamSilenceMs',
  advice: () => 'Wait for the user stream; positions can still be closed.',
  measure: ({ picture, policy }) => silenceOf(picture, policy),
  gauge: silenceOf,
};
