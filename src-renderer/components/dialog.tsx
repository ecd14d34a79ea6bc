// A dialog that leaves the emergency stop within reach: it is not the platform's modal kind, which would make the stop inert. The
// frame makes everything else inert instead, so Tab walks the dialog and the stop and nothing more.
import { useEffect, useId, useRef } from 'react';
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
  useEffect(() => {
    const before = document.activeElement;
    element.current?.show();
    const inside = element.current?.querySelector<HTMLElement>('.dialog-body :is(input, select, textarea, button)');
    inside?.focus();
    return () => {
      if (before instanceof HTMLElement) requestAnimationFrame(() => before.focus());
    };
  }, []);
  return (
    <div className="dialog-layer">
      <div className="dialog-scrim" onClick={onClose} aria-hidden="true" />
      <dialog
        ref={element}
        className={`dialog ${className}`}
        aria-labelledby={titleId}
        data-testid={testId}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
      >
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
