// How the window looks, and what this console is: version, venue, shell and what that shell lacks.
import { Dialog } from '../../components/dialog.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useReplica } from '../../replica/replica.ts';
import { prefer, usePreferences } from './preferences.ts';
import { show } from './screen.ts';

export const SettingsDialog = () => {
  const { theme, palette } = usePreferences();
  const status = useReplica((replica) => replica.view.status.console);
  return (
    <Dialog title="Settings" onClose={() => show({ dialog: null })} testId="settings">
      <h3 className="panel-title">Theme</h3>
      <Segmented
        label="Theme"
        value={theme}
        onChange={(value) => void prefer({ theme: value })}
        options={[
          { value: 'dark', label: 'Dark' },
          { value: 'light', label: 'Light' },
          { value: 'system', label: 'As the system' },
        ]}
      />
      <h3 className="panel-title">Colours of profit and loss</h3>
      <Segmented
        label="Colours of profit and loss"
        value={palette}
        onChange={(value) => void prefer({ palette: value })}
        options={[
          { value: 'standard', label: 'Green up' },
          { value: 'red-up', label: 'Red up' },
          { value: 'colour-blind', label: 'Blue and orange' },
        ]}
      />
      <h3 className="panel-title">About</h3>
      <dl className="pairs">
        <dt>Holdfast</dt>
        <dd>{status?.version ?? 'waiting for the console'}</dd>
        <dt>Orders go to</dt>
        <dd>{status?.venue ?? '–'}</dd>
        <dt>Policy</dt>
        <dd>{status === undefined ? '–' : `${status.policyName}, version ${status.policyVersion}`}</dd>
        <dt>Shell</dt>
        <dd>
          {status === undefined
            ? '–'
            : `${status.shell.name}${status.shell.lacks.length === 0 ? '' : `; lacks ${status.shell.lacks.join(', ')}`}`}
        </dd>
        <dt>Charts</dt>
        <dd>Lightweight Charts™, © TradingView, Inc., Apache License 2.0, tradingview.com</dd>
        <dt>Type</dt>
        <dd>Inter and JetBrains Mono, SIL Open Font License</dd>
      </dl>
    </Dialog>
  );
};
