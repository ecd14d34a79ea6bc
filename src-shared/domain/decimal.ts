// The one decimal constructor of the project. Money is never a float: every price, quantity and amount is one of these in
// memory, and a plain decimal string (no exponent) on wires and on disk.
import { Decimal as DecimalJs } from 'decimal.js';

/**
 * decimal.js with 40 significant digits (its default of 20 rounds silently) and no exponent notation in the range that money
 * can have. Rounding is HALF_UP, but only display and limits round at all (REQUIREMENTS B3).
 */
export const Decimal = DecimalJs.clone({ precision: 40, rounding: DecimalJs.ROUND_HALF_UP, toExpNeg: -40, toExpPos: 40 });
export type Decimal = DecimalJs;
