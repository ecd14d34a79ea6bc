// Which differences between the books nothing explains (REQUIREMENTS H): the console or the exchange did what neither told of. An order
// from the phone, a report that was missed and found again, and protection that has its own watch are explained.
import type { Difference } from '../../src-shared/domain/difference.ts';

export const BOOKED_AS_DEPOSIT = 'booked as a deposit';
export const BOOKED_AS_WITHDRAWAL = 'booked as a withdrawal';
export const CUT_TO_EXCHANGE = 'cut to what the exchange holds';
export const SHOULD_NOT_EXIST = 'cancelled: it should not exist';

const UNEXPLAINED: ReadonlySet<string> = new Set([BOOKED_AS_DEPOSIT, BOOKED_AS_WITHDRAWAL, CUT_TO_EXCHANGE, SHOULD_NOT_EXIST]);

export const isUnexplained = ({ action }: Difference): boolean => UNEXPLAINED.has(action);
