// How much each part of the bench measures: enough for its numbers to mean something, or just enough to see that it still runs.
import type { FlatnessOptions } from './flatness.ts';
import type { OrderPathOptions } from './order-path.ts';
import type { ReconcileOptions } from './reconcile.ts';
import type { ReportsOptions } from './reports.ts';
import type { StartOptions } from './start.ts';
import type { StopOptions } from './stop.ts';

export interface Sizes {
  readonly orderPath: OrderPathOptions;
  readonly reports: ReportsOptions;
  readonly stop: StopOptions;
  readonly start: StartOptions;
  readonly reconcile: ReconcileOptions;
  readonly flatness: FlatnessOptions;
}

export const FULL: Sizes = {
  orderPath: { turns: 24, ordersATurn: 45 },
  reports: { orders: 200, fillsEach: 10, rounds: 5 },
  stop: { symbols: 20, ordersEach: 10, roundTripMs: 50, rounds: 3 },
  start: { starts: 3, monthOrders: 3000, facts: 1_000_000 },
  reconcile: { symbols: 5, ordersEach: 100, rounds: 15 },
  flatness: { fewOrders: 10, manyOrders: 10_000, manySymbols: 200, fewFacts: 1000, manyFacts: 1_000_000, samples: 1000 },
};

export const QUICK: Sizes = {
  orderPath: { turns: 1, ordersATurn: 5 },
  reports: { orders: 4, fillsEach: 3, rounds: 1 },
  stop: { symbols: 3, ordersEach: 2, roundTripMs: 4, rounds: 1 },
  start: { starts: 1, monthOrders: 20, facts: 500 },
  reconcile: { symbols: 2, ordersEach: 3, rounds: 2 },
  flatness: { fewOrders: 2, manyOrders: 20, manySymbols: 3, fewFacts: 60, manyFacts: 600, samples: 5 },
};
