import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../src-renderer/theme/tokens.css', import.meta.url), 'utf8');

/** The colour tokens of a theme and palette, as the cascade gives them. */
const tokensOf = (theme: string, palette: string): ReadonlyMap<string, string> => {
  const wanted = [`:root[data-theme='${theme}']`, `:root[data-theme='${theme}'][data-palette='${palette}']`];
  const rules = [...css.matchAll(/^(:root[^{]*?)\s*\{([^}]*)\}/gm)].filter(([, selector = '']) => wanted.includes(selector));
  return new Map(
    rules.flatMap(([, , body = '']) =>
      [...body.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value] as const),
    ),
  );
};

/** Relative luminance and contrast as WCAG 2.2 defines them. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string): number => {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
};

const WORDS = ['text', 'muted', 'accent', 'practice', 'testnet', 'mainnet', 'good', 'warn', 'bad', 'up', 'down'];
const GROUNDS = ['bg', 'panel', 'raised'];
const FIXED = [
  ['on-stop', 'stop'],
  ['on-stop', 'stop-hover'],
  ['on-side', 'buy'],
  ['on-side', 'sell'],
] as const;

describe.each(['dark', 'light'])('%s theme', (theme) => {
  it.each(['standard', 'red-up', 'colour-blind'])('%s: every text pair has a contrast of at least 4.5 (M5)', (palette) => {
    const tokens = tokensOf(theme, palette);
    const pairs = [...WORDS.flatMap((word) => GROUNDS.map((ground) => [word, ground] as const)), ...FIXED];
    const poor = pairs
      .map(([word, ground]) => ({ word, ground, ratio: contrast(tokens.get(word) ?? '#000000', tokens.get(ground) ?? '#000000') }))
      .filter(({ ratio }) => !(ratio >= 4.5));
    expect(poor).toEqual([]);
  });

  it.each(['standard', 'red-up', 'colour-blind'])('%s: the lines around fields and the focus ring have at least 3', (palette) => {
    const tokens = tokensOf(theme, palette);
    for (const line of ['edge', 'focus'])
      for (const ground of GROUNDS)
        expect(contrast(tokens.get(line) ?? '', tokens.get(ground) ?? ''), `${line} on ${ground}`).toBeGreaterThanOrEqual(3);
  });
});

it('gain and loss never share a colour', () => {
  for (const theme of ['dark', 'light'])
    for (const palette of ['standard', 'red-up', 'colour-blind']) {
      const tokens = tokensOf(theme, palette);
      expect(tokens.get('up')).not.toBe(tokens.get('down'));
    }
});

it('no stylesheet but the tokens names a colour of its own', () => {
  const base = readFileSync(new URL('../../../src-renderer/theme/base.css', import.meta.url), 'utf8');
  expect(base.match(/#[0-9a-f]{3,8}\b/gi)).toBeNull();
});
