// The one place of the window where money becomes a JavaScript number: pixels need floats, and nothing read from a pixel is ever
// sent, compared with a limit or shown as a figure.

/** A coordinate for a canvas or a bar; 0 for text that is no number. */
export const toPixelNumber = (text: string): number => {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
};

/** Part of a whole as a percentage of a bar's length, 0 … 100. */
export const barPct = (part: number, whole: number): number => (whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0);
