// The command palette: type a few letters, Enter. A combobox over a list, as ARIA describes it.
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Dialog } from '../../components/dialog.tsx';
import { show } from '../frame/screen.ts';
import { commands } from './commands.ts';
import { matching } from './match.ts';
import type { Command } from './match.ts';
import './palette.css';

export const Palette = () => {
  const [all] = useState(commands);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = matching(all, typed);
  const current = Math.min(chosen, found.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    show({ dialog: null });
    command.run();
  };
  const walk = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter') run(found[current]);
    else if (by !== 0 && found.length > 0) {
      const next = (current + by + found.length) % found.length;
      setChosen(next);
      document.getElementById(`command-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Command" onClose={() => show({ dialog: null })} className="palette" testId="palette">
      <input
        className="field"
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length > 0 ? `command-${current}` : undefined}
        autoComplete="off"
        placeholder="Type what to do"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={walk}
      />
      <div id="commands" role="listbox" aria-label="Commands" className="commands">
        {found.map((command, index) => (
          <div
            key={command.name}
            id={`command-${index}`}
            role="option"
            aria-selected={index === current}
            onPointerMove={() => setChosen(index)}
            onPointerUp={() => run(command)}
          >
            {command.name}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="muted">Nothing is called that. Press ? for the keys.</p>}
    </Dialog>
  );
};
