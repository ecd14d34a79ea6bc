// How fast the gate judges (REQUIREMENTS R): full judgements of orders that pass, on a full picture, texts to verdict. Each order and
// each quote is a new object, as in life; only policy and instrument stand.
import { performance } from 'node:perf_hooks';
import { judge } from '../../src-main/safety/gate.ts';
import { price } from '../../src-shared/domain/money.ts';
import { limitBuy, marketBuy, marketSell, picture, text } from '../unit/safety/pictures.ts';
import type { GatePicture } from '../../src-main/safety/picture.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';

const VARIANTS = 1024;

const cases = (): Cases => {
  const base = picture();
  return Array.from({ length: VARIANTS }, (_, at) => {
    const cents = String(at % 100).padStart(2, '0');
    const moment = {
      ...base,
      quote: { bid: price(`49999.${cents}`), ask: price(`50001.${cents}`), last: price('50000'), ageMs: at % 900 },
    };
    const size = `0.0${100 + (at % 90)}`;
    const order =
      at % 4 === 0
        ? marketBuy(size)
        : at % 4 === 1
          ? marketSell(size)
          : limitBuy({ qty: text(size), price: text(`49${900 - (at % 80)}.${cents}`) });
    return [order, moment] as const;
  });
};

type Cases = readonly (readonly [OrderRequest, GatePicture])[];

const judgeAll = (all: Cases): void => {
  for (const [order, moment] of all) {
    if (judge(order, 'window', moment).verdict !== 'pass') throw new Error('The benchmark measures orders that pass');
  }
};

/** Judgements a second in the best of several blocks (a shared machine disturbs single ones), without a clock between them. */
const checksPerSecond = (all: Cases): number => {
  let best = 0;
  for (let block = 0; block < 12; block += 1) {
    const from = performance.now();
    for (let round = 0; round < 20; round += 1) judgeAll(all);
    best = Math.max(best, (20 * all.length * 1000) / (performance.now() - from));
  }
  return Math.round(best);
};

/** The 99th percentile of single judgements, in microseconds, every disturbance included. */
const p99Us = (all: Cases): number => {
  const tookMs = new Float64Array(100 * all.length);
  let at = 0;
  for (let round = 0; round < 100; round += 1) {
    for (const [order, moment] of all) {
      const from = performance.now();
      judge(order, 'window', moment);
      tookMs[at] = performance.now() - from;
      at += 1;
    }
  }
  return (tookMs.toSorted()[Math.floor(at * 0.99)] ?? NaN) * 1000;
};

/** Warm, as the gate is in a console that runs: about a quarter of a second of judgements before the first number. */
export const benchGate = (): { readonly checksPerSecond: number; readonly p99Us: number } => {
  const all = cases();
  for (let round = 0; round < 50; round += 1) judgeAll(all);
  return { checksPerSecond: checksPerSecond(all), p99Us: p99Us(all) };
};
