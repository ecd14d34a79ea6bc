// The one binary search of the books and records. Keys ascend.

/** First index whose key is not below the given one. */
export function lowerBound(keys: readonly number[], key: number): number {
  return lowerBoundBy(keys, key, (each) => each);
}

export function lowerBoundBy<T>(rows: readonly T[], key: number, keyOf: (row: T) => number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    const row = rows[mid];
    if (row !== undefined && keyOf(row) < key) low = mid + 1;
    else high = mid;
  }
  return low;
}
