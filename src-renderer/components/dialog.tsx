// A dialog that leaves the emergency stop within reach: it is not the platform's modal kind, which would make the stop inert. The
// frame makes everything else inert instead, so Tab walks the dialog and the stop and nothing more.
import { useEffect, useEffectEvent, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  readonly testId?: string;
}

export const Dialog = ({ title, onClose, children, className = '', testId }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Heard from wherever the focus is: a button that was pressed and is disabled meanwhile leaves it outside the dialog.
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.show();
    const inside = element.current?.querySelector<HTMLElement>('.dialog-body :is(input, select, textarea, button)');
    inside?.focus();
    return () => {
      // What was chosen in it may have put the focus where it leads to: then it stays there.
      const giveBack = () => document.activeElement === document.body && before instanceof HTMLElement && before.focus();
      requestAnimationFrame(giveBack);
    };
  }, []);
  return (
    <div className="dialog-layer">
      <div className="dialog-scrim" onClick={onClose} aria-hidden="true" />
      <dialog ref={element} className={`dialog ${className}`} aria-labelledby={titleId} data-testid={testId}>
        <div className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button button-quiet" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <div className="dialog-body">{children}</div>
      </dialog>
    </div>
  );
};
