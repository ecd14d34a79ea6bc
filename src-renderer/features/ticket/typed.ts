// What a hand types into the window's number fields, as the plain decimals that the contract takes. Pure.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { parseDecimal } from '../../../src-shared/domain/money.ts';

/** What a hand types as a plain decimal: spaces out, `.5` and `5.` completed. Undefined for anything else, commas included. */
export const typedDecimal = (typed: string): string | undefined => {
  const text = typed.replace(/[\s\u2009]/g, '');
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text)) return undefined;
  const whole = text.startsWith('.') ? `0${text}` : text.replace(/\.$/, '');
  return whole.replace(/^0+(?=\d)/, '');
};

const BPS_PER_PERCENT = 100;

/** `1.5` or `1.5 %` as basis points; undefined for what is no distance from 0.01 to 100 %. */
export const typedBps = (typed: string): number | undefined => {
  const percent = parseDecimal(typedDecimal(typed.replace(/%\s*$/, '')));
  const bps = percent?.times(BPS_PER_PERCENT);
  return bps?.isInteger() === true && bps.gte(1) && bps.lte(10_000) ? Number(bps.toFixed()) : undefined;
};

/** `150` basis points as `1.5 %`. */
export const percentText = (bps: number): string => `${new Decimal(bps).div(BPS_PER_PERCENT).toFixed()} %`;

/** What is missing or makes no sense, in words that can stand on the button. */
export class Lacks {
  readonly missing: string;
  constructor(missing: string) {
    this.missing = missing;
  }
}
