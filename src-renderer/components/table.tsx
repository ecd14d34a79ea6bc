// A table of any length: only the rows in sight exist, the columns keep their widths, and arrows walk the rows. It never sorts or
// filters: it shows the rows it is given.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, useSyncExternalStore } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import './table.css';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Read out, not shown. */
  readonly titleHidden?: boolean;
  /** A CSS grid track, as `96px` or `minmax(120px, 1fr)`. */
  readonly width: string;
  readonly align?: 'right';
  /** Nice to have: left out where the window has no room for it beside the rest. */
  readonly wideOnly?: true;
  readonly cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly empty: ReactNode;
  /** Narrower than this the table scrolls sideways. */
  readonly minWidthPx: number;
  readonly testId?: string;
  /** Acts on the row that has the keyboard: Delete. */
  readonly onDelete?: (row: Row) => void;
}

const ROW_PX = 28;

/** From here on the frame gives the tables room (frame.css). */
const wideWindow = window.matchMedia('(min-width: 1600px)');
const onWidth = (listener: () => void): (() => void) => {
  wideWindow.addEventListener('change', listener);
  return () => wideWindow.removeEventListener('change', listener);
};
const useWide = (): boolean => useSyncExternalStore(onWidth, () => wideWindow.matches);

export const Table = <Row,>({ label, rows, columns: all, keyOf, empty, minWidthPx, testId, onDelete }: TableProps<Row>) => {
  const wide = useWide();
  const columns = all.filter(({ wideOnly }) => wide || wideOnly !== true);
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const tracks = { gridTemplateColumns: columns.map((column) => column.width).join(' ') };
  const current = Math.min(active, Math.max(0, rows.length - 1));

  const goTo = (index: number) => {
    const bounded = Math.max(0, Math.min(rows.length - 1, index));
    setActive(bounded);
    virtual.scrollToIndex(bounded);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${bounded}"]`)?.focus());
  };
  const walk = (event: KeyboardEvent) => {
    const row = rows[current];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      goTo(current + by);
    } else if (event.key === 'Delete' && onDelete !== undefined && row !== undefined) onDelete(row);
  };

  return (
    <div className="table" role="grid" aria-label={label} aria-rowcount={rows.length + 1} data-testid={testId} onKeyDown={walk}>
      <div ref={scroller} className="table-scroll" role="presentation">
        <div role="rowgroup" className="table-headgroup" style={{ minWidth: `${minWidthPx}px` }}>
          <div role="row" className="table-row table-head" style={tracks} aria-rowindex={1}>
            {columns.map((column) => (
              <div key={column.id} role="columnheader" className={column.align === 'right' ? 'table-right' : ''}>
                {column.titleHidden === true ? <span className="visually-hidden">{column.title}</span> : column.title}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-rows" style={{ height: `${virtual.getTotalSize()}px`, minWidth: `${minWidthPx}px` }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                tabIndex={item.index === current ? 0 : -1}
                className="table-row"
                style={{ ...tracks, transform: `translateY(${item.start}px)` }}
                onFocus={() => setActive(item.index)}
              >
                {columns.map((column) => (
                  <div key={column.id} role="gridcell" className={column.align === 'right' ? 'table-right' : ''}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && (
          <div role="rowgroup">
            <div role="row">
              <div role="gridcell" className="empty">
                {empty}
              </div>
            </div>
          </div>
        )}
      </div>
    </div>
  );
};
