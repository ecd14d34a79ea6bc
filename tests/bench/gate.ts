// How fast the gate judges (REQUIREMENTS R): full judgements of orders that pass, on a full picture, texts to verdict. Each order and
// each quote is a new object, as in life; only policy and instrument stand.
import { performance } from 'node:perf_hooks';
import { judge } from '../../src-main/safety/gate.ts';
import { price } from '../../src-shared/domain/money.ts';
import { limitBuy, marketBuy, marketSell, picture, text } from '../unit/safety/pictures.ts';
import type { GatePicture } from '../../src-main/safety/picture.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';

const VARIANTS = 1024;

const cases = (): readonly (readonly [OrderRequest, GatePicture])[] => {
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

const run = (all: readonly (readonly [OrderRequest, GatePicture])[], rounds: number, each: (tookMs: number) => void): void => {
  for (let round = 0; round < rounds; round += 1) {
    for (const [order, moment] of all) {
      const from = performance.now();
      const { verdict } = judge(order, 'window', moment);
      each(performance.now() - from);
      if (verdict !== 'pass') throw new Error('The benchmark measures orders that pass');
    }
  }
};

/** Judgements a second over the whole run (the clock's own cost included), and the 99th percentile of one. */
export const benchGate = (): { readonly checksPerSecond: number; readonly p99Us: number } => {
  const all = cases();
  run(all, 40, () => undefined);
  const tookMs: number[] = [];
  const from = performance.now();
  run(all, 100, (took) => tookMs.push(took));
  const seconds = (performance.now() - from) / 1000;
  tookMs.sort((a, b) => a - b);
  return { checksPerSecond: Math.round(tookMs.length / seconds), p99Us: (tookMs[Math.floor(tookMs.length * 0.99)] ?? 0) * 1000 };
};
