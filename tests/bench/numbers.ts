// What every part of the bench shares: percentiles, a row of the table, a pause. No part measures through anything slower than itself.

export interface Percentiles {
  readonly median: number;
  readonly p99: number;
}

export const percentiles = (values: readonly number[]): Percentiles => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99) };
};

export const medianOf = (values: readonly number[]): number => percentiles(values).median;

/** One line of the table. `verdict` is null where REQUIREMENTS R names no target. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly against: string;
  /** The number that the target is about. */
  readonly measured: number;
  readonly target: string;
  readonly verdict: 'pass' | 'short' | null;
}

const digits = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
export const shown = (value: number, unit: string): string => `${digits(value)}${unit === '' ? '' : ` ${unit}`}`;

export const atMost = (value: number, limit: number): 'pass' | 'short' => (value <= limit ? 'pass' : 'short');
export const atLeast = (value: number, limit: number): 'pass' | 'short' => (value >= limit ? 'pass' : 'short');

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
