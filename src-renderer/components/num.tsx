// A number on screen: mono, grouped, its own digits, optionally signed and coloured. It tints for a moment when it changes and never
// changes its width for that.
import { useLayoutEffect, useRef } from 'react';
import { digitsOf, direction, formatDecimal } from './numbers.ts';

interface NumProps {
  readonly text: string | null;
  /** Fraction digits; all that the text has when absent. */
  readonly digits?: number;
  /** Fraction digits to leave room for, so that points align in a column of mixed digits. */
  readonly room?: number;
  readonly sign?: 'always';
  readonly coloured?: boolean;
  readonly tint?: boolean;
  readonly className?: string;
}

export const Num = ({ text, digits, room, sign, coloured = false, tint = false, className = '' }: NumProps) => {
  const element = useRef<HTMLSpanElement>(null);
  const shown = formatDecimal(text, digits, sign ?? 'auto');
  const before = useRef(shown);
  useLayoutEffect(() => {
    if (tint && before.current !== shown) {
      element.current?.classList.remove('tinted');
      requestAnimationFrame(() => element.current?.classList.add('tinted'));
    }
    before.current = shown;
  }, [shown, tint]);
  const fraction = shown.split('.')[1]?.length ?? 0;
  const missing = room === undefined ? 0 : room === 0 ? 0 : fraction === 0 ? room + 1 : Math.max(0, room - fraction);
  return (
    <span ref={element} className={`num ${coloured ? direction(text) : ''} ${className}`}>
      {shown}
      {missing > 0 && <span className="num-pad" style={{ width: `${missing}ch` }} />}
    </span>
  );
};

/** A number with exactly the digits of its step: prices by tick, quantities by lot. */
export const Stepped = ({ text, step, ...rest }: Omit<NumProps, 'digits'> & { readonly step: string | undefined }) =>
  step === undefined ? <Num text={text} {...rest} /> : <Num text={text} digits={digitsOf(step)} {...rest} />;
