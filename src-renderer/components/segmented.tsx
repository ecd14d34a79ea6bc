// One choice of a few, as a row of buttons: a radio group with one tab stop, walked by arrows.
import { useRef } from 'react';
import type { KeyboardEvent } from 'react';
import './segmented.css';

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly testId?: string; readonly className?: string }[];
  readonly onChange: (value: T) => void;
  readonly className?: string;
}

export const Segmented = <T extends string>({ label, value, options, onChange, className = '' }: SegmentedProps<T>) => {
  const group = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const index = (options.findIndex((option) => option.value === value) + by + options.length) % options.length;
    const next = options[index];
    if (next === undefined) return;
    onChange(next.value);
    group.current?.querySelectorAll('button')[index]?.focus();
  };
  return (
    <div ref={group} role="radiogroup" aria-label={label} className={`segmented ${className}`} onKeyDown={walk}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          data-testid={option.testId}
          className={`segment ${option.className ?? ''}`}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
};
