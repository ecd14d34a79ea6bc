// The window's frame: which money, may I trade, what can I lose, on every page and in the same places. The stop is laid out by the
// frame itself so that no page can cover or move it.
import { useEffect } from 'react';
import { AlertsPage } from '../alerts/alerts-page.tsx';
import { Balances } from '../balances/balances.tsx';
import { Blotter } from '../blotter/blotter.tsx';
import { ChangeDialog } from '../blotter/change-dialog.tsx';
import { CloseDialog } from '../blotter/close-dialog.tsx';
import { ProtectDialog } from '../blotter/protect-dialog.tsx';
import { Chart } from '../chart/chart.tsx';
import { Depth } from '../depth/depth.tsx';
import { GuidePage } from '../guide/guide-page.tsx';
import { ReconciliationPage } from '../reconciliation/reconciliation-page.tsx';
import { HealthPage } from '../health/health-page.tsx';
import { JournalPage } from '../journal/journal-page.tsx';
import { KeysPage } from '../keys/keys-page.tsx';
import { Limits } from '../limits/limits.tsx';
import { PolicyPage } from '../policy/policy-page.tsx';
import { Palette } from '../palette/palette.tsx';
import { Shortcuts } from '../palette/shortcuts.tsx';
import { BreakerDialog } from '../safety/breaker-dialog.tsx';
import { PromoteDialog } from '../safety/promote-dialog.tsx';
import { SafetyPage } from '../safety/safety-page.tsx';
import { DrillReceiptDialog, ReceiptDialog } from '../stop/receipt.tsx';
import { ResetDialog } from '../stop/reset.tsx';
import { StopControl } from '../stop/stop-control.tsx';
import { Ticket } from '../ticket/ticket.tsx';
import { useReplica } from '../../replica/replica.ts';
import { Announcer } from './announcer.tsx';
import { Banner } from './banner.tsx';
import { useKeyboard } from './keyboard.ts';
import { ModeDialog } from './mode-dialog.tsx';
import { Nav } from './nav.tsx';
import { Notices } from './notices.tsx';
import { useScreen } from './screen.ts';
import type { DialogName, Page } from './screen.ts';
import { SettingsDialog } from './settings-dialog.tsx';
import { TopBar } from './top-bar.tsx';
import './frame.css';

const TradePage = () => (
  <div className="trade">
    <h1 className="visually-hidden">Trade</h1>
    <Chart />
    <Blotter />
    <Ticket />
  </div>
);

const PAGE: Readonly<Record<Page, () => React.ReactNode>> = {
  trade: TradePage,
  safety: SafetyPage,
  reconciliation: ReconciliationPage,
  journal: JournalPage,
  health: HealthPage,
  keys: KeysPage,
  policy: PolicyPage,
  alerts: AlertsPage,
  guide: GuidePage,
};
const DIALOG: Readonly<Record<DialogName, () => React.ReactNode>> = {
  palette: Palette,
  shortcuts: Shortcuts,
  settings: SettingsDialog,
  mode: ModeDialog,
  reset: ResetDialog,
  receipt: ReceiptDialog,
  drill: DrillReceiptDialog,
  breaker: BreakerDialog,
  promote: PromoteDialog,
  protect: ProtectDialog,
  change: ChangeDialog,
  close: CloseDialog,
};

export const Frame = () => {
  useKeyboard();
  const page = useScreen((screen) => screen.page);
  const dialog = useScreen((screen) => screen.dialog);
  const link = useReplica((replica) => replica.link.state);
  const mode = useReplica((replica) => replica.view.status.console?.mode);
  const level = useReplica((replica) => replica.view.safety.trading?.level);
  const symbol = useScreen((screen) => screen.symbol);
  useEffect(() => {
    document.title = mode === undefined ? 'Holdfast' : `${mode.toUpperCase()} · ${level ?? 'STARTING'} · ${symbol} · Holdfast`;
  }, [mode, level, symbol]);
  const Shown = PAGE[page];
  const Opened = dialog === null ? null : DIALOG[dialog];
  return (
    <div className="frame" data-mode={mode ?? 'none'} data-level={level ?? 'none'} data-stale={link !== 'live'} data-page={page}>
      <div className="contents" inert={dialog !== null}>
        <a className="skip" href="#page">
          Skip to the page
        </a>
        <TopBar />
        <Banner />
      </div>
      <StopControl />
      <div className="contents" inert={dialog !== null}>
        <Nav />
        <div className="work">
          <main id="page" className="page" tabIndex={-1} aria-label={page}>
            <Shown />
          </main>
          <aside className="side" aria-label="Limits, depth and balances">
            {page !== 'safety' && <Limits />}
            <Depth />
            <Balances />
          </aside>
        </div>
      </div>
      <Notices />
      {Opened !== null && <Opened />}
      <Announcer />
    </div>
  );
};
