// Speaks changes of state to a screen reader: trading level, stop, mode, own orders' ends. Silent about prices.
import { useEffect, useState } from 'react';
import { useReplica } from '../../replica/replica.ts';
import { spokenChange } from './spoken.ts';

export const Announcer = () => {
  const [text, setText] = useState('');
  useEffect(
    () =>
      useReplica.subscribe((after, before) => {
        const said = spokenChange(before, after);
        if (said !== '') setText(said);
      }),
    [],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
};
