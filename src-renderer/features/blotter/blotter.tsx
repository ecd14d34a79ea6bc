// What is held, what is open, what was filled, what happened: four tabs over one table, numbers aligned, nothing jumping.
import { useRef } from 'react';
import type { KeyboardEvent } from 'react';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, TABS, useScreen } from '../frame/screen.ts';
import type { Tab } from '../frame/screen.ts';
import { cancelAll } from './actions.ts';
import { Fills } from './fills.tsx';
import { LogTable } from './log-table.tsx';
import { Orders } from './orders.tsx';
import { Positions } from './positions.tsx';
import './blotter.css';

const NAME: Readonly<Record<Tab, string>> = { positions: 'Positions', orders: 'Open orders', fills: 'Fills', log: 'Log' };
const CONTENT: Readonly<Record<Tab, () => React.ReactNode>> = {
  positions: Positions,
  orders: Orders,
  fills: Fills,
  log: () => <LogTable />,
};

const Count = ({ tab }: { readonly tab: Tab }) => {
  const count = useReplica(({ view }) => {
    if (tab === 'positions') return Object.values(view.positions).filter((position) => !position.dust).length;
    if (tab === 'orders') return Object.values(view.orders).filter((order) => !isEnded(order.status)).length;
    return 0;
  });
  return count === 0 ? null : <span className="tab-count num">{count}</span>;
};

/** Of the market on screen, and of all markets: the second only where it is more. */
const CancelAll = () => {
  const symbol = useScreen((screen) => screen.symbol);
  const of = useReplica(
    ({ view }) => Object.values(view.orders).filter((order) => !isEnded(order.status) && order.symbol === symbol).length,
  );
  const all = useReplica(({ view }) => Object.values(view.orders).filter((order) => !isEnded(order.status)).length);
  const live = useLive();
  return (
    <>
      {of > 0 && of < all && (
        <button
          type="button"
          className="button button-small"
          data-testid="cancel-symbol"
          disabled={!live}
          onClick={() => void cancelAll(symbol)}
        >
          Cancel {symbol}
        </button>
      )}
      <button
        type="button"
        className="button button-small"
        data-testid="cancel-all"
        disabled={all === 0 || !live}
        onClick={() => void cancelAll()}
      >
        Cancel all
      </button>
    </>
  );
};

export const Blotter = () => {
  const tab = useScreen((screen) => screen.tab);
  const list = useRef<HTMLDivElement>(null);
  const Content = CONTENT[tab];
  const walk = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const index = (TABS.indexOf(tab) + by + TABS.length) % TABS.length;
    const next = TABS[index];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    show({ tab: next });
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  };
  return (
    <section className="panel blotter" aria-label="Positions, orders, fills and log">
      <div className="panel-head blotter-head">
        <div ref={list} role="tablist" aria-label="Tables" className="tabs" onKeyDown={walk}>
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`tab-${each}`}
              aria-selected={each === tab}
              aria-controls="tab-content"
              tabIndex={each === tab ? 0 : -1}
              data-testid={`tab-${each}`}
              className="tab"
              onClick={() => show({ tab: each })}
            >
              {NAME[each]} <Count tab={each} />
            </button>
          ))}
        </div>
        <span className="spread" />
        <CancelAll />
      </div>
      <div role="tabpanel" id="tab-content" aria-labelledby={`tab-${tab}`} className="blotter-body">
        <Content />
      </div>
    </section>
  );
};
