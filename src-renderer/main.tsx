// Entry of the window: connects the replica, wears the theme, shows the frame. It decides nothing.
import { createRoot } from 'react-dom/client';
import { startAlerts } from './features/frame/alerts.ts';
import { startPreferences } from './features/frame/preferences.ts';
import { Frame } from './features/frame/frame.tsx';
import { startReplica } from './replica/replica.ts';
import { startCandles } from './features/chart/candles.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
startPreferences();
startCandles();
startAlerts();
startReplica();
createRoot(root).render(<Frame />);
