// Every key of the window in one list.
import { Dialog } from '../../components/dialog.tsx';
import { useReplica } from '../../replica/replica.ts';
import { SHORTCUTS } from '../frame/keyboard.ts';
import { show } from '../frame/screen.ts';

export const Shortcuts = () => {
  const accelerator = useReplica(({ view }) => view.safety.hotkey?.accelerator ?? 'Ctrl+Shift+F12');
  return (
    <Dialog title="Keys" onClose={() => show({ dialog: null })} testId="shortcuts">
      <dl className="pairs">
        {[{ keys: accelerator, does: 'Emergency stop, whatever window has the focus' }, ...SHORTCUTS].flatMap(({ keys, does }) => [
          <dt key={keys} className="num">
            {keys}
          </dt>,
          <dd key={does}>{does}</dd>,
        ])}
      </dl>
      <p>
        What things mean and what to do when something is wrong:{' '}
        <button type="button" className="button button-small" onClick={() => show({ dialog: null, page: 'guide' })}>
          The guide
        </button>
      </p>
    </Dialog>
  );
};
