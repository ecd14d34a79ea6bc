// The ticket's fields: numbers that arrows step on the market's own grid, and letters that fill them in.
import type { KeyboardEvent, ReactNode } from 'react';
import { useInstrument } from '../../replica/replica.ts';
import { draft, useDraft } from './draft.ts';
import { exitPrices, outcomeOf } from './exits.ts';
import { asks, spendsQuote, stepped } from './order.ts';
import { typedBps, typedDecimal } from './typed.ts';
import { fillByRisk, fillMax, quoteNow, useBasis } from './sizing.ts';

const stepKeys = (event: KeyboardEvent, typed: string, step: string | undefined, from: string | undefined, set: (text: string) => void) => {
  const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
  if (by === 0 || step === undefined) return;
  event.preventDefault();
  set(stepped(typed, step, by * (event.shiftKey ? 10 : 1), from));
};

/** A letter can be no part of a number, so in these fields it is a command. */
const letterKey = (event: KeyboardEvent, letter: string, act: () => void) => {
  if (event.key.toLowerCase() !== letter || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
};

interface Fill {
  readonly letter: string;
  readonly label: string;
  readonly testId?: string;
  readonly act: () => void;
}

interface NumberFieldProps {
  readonly id: string;
  readonly testId: string;
  readonly label: string;
  readonly value: string;
  readonly set: (text: string) => void;
  readonly step: string | undefined;
  readonly from: string | undefined;
  readonly fills?: readonly Fill[];
  readonly isValid?: (typed: string) => boolean;
  readonly describedBy?: string;
  readonly head?: ReactNode;
}

const isNumber = (typed: string): boolean => typedDecimal(typed) !== undefined;

/** One number: arrows step it, its fills stand beside its label and on a letter each. */
const NumberField = ({
  id,
  testId,
  label,
  value,
  set,
  step,
  from,
  fills = [],
  isValid = isNumber,
  describedBy,
  head,
}: NumberFieldProps) => (
  <div className="ticket-field">
    <div className="ticket-field-head">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {fills.map((fill) => (
        <button
          key={fill.letter}
          type="button"
          className="ticket-fill"
          tabIndex={-1}
          title={`In the field: ${fill.letter}`}
          data-testid={fill.testId}
          onClick={fill.act}
        >
          {fill.label}
        </button>
      ))}
      {head}
    </div>
    <input
      id={id}
      className="field num"
      data-testid={testId}
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      value={value}
      aria-invalid={value.trim() !== '' && !isValid(value)}
      aria-describedby={describedBy}
      aria-keyshortcuts={fills.length === 0 ? undefined : fills.map(({ letter }) => letter).join(' ')}
      onChange={(event) => set(event.target.value)}
      onKeyDown={(event) => {
        stepKeys(event, value, step, from, set);
        for (const fill of fills) letterKey(event, fill.letter, fill.act);
      }}
    />
  </div>
);

const PriceField = ({ symbol, name, label }: { readonly symbol: string; readonly name: 'price' | 'stopPrice'; readonly label: string }) => {
  const value = useDraft((fields) => fields[name]);
  const instrument = useInstrument(symbol);
  const set = (text: string) => draft.set({ [name]: text });
  const fill = (side: 'bid' | 'ask'): Fill => ({
    letter: side === 'bid' ? 'b' : 'a',
    label: side,
    act: () => set(quoteNow(symbol)?.[side] ?? value),
  });
  return (
    <NumberField
      id={`ticket-${name}`}
      testId={name === 'price' ? 'ticket-price' : 'ticket-stop-price'}
      label={`${label}, ${instrument?.quote ?? 'quote'}`}
      value={value}
      set={set}
      step={instrument?.tick}
      from={quoteNow(symbol)?.last ?? quoteNow(symbol)?.bid}
      fills={[fill('bid'), fill('ask')]}
    />
  );
};

/** The prices that the chosen type has. */
export const PriceFields = ({ symbol }: { readonly symbol: string }) => {
  const type = useDraft((fields) => fields.type);
  const trailingPct = useDraft((fields) => fields.trailingPct);
  const has = asks(type);
  return (
    <>
      {has.stopPrice && <PriceField symbol={symbol} name="stopPrice" label={type === 'OCO' ? 'Stop' : 'Trigger'} />}
      {has.price && <PriceField symbol={symbol} name="price" label={type === 'OCO' ? 'Limit' : 'Price'} />}
      {has.trailing && (
        <NumberField
          id="ticket-trailing"
          testId="ticket-trailing"
          label="Trails the price by, %"
          value={trailingPct}
          set={(text) => draft.set({ trailingPct: text })}
          step="0.1"
          from="1"
          isValid={(typed) => typedBps(typed) !== undefined}
        />
      )}
    </>
  );
};

export const SizeField = ({ symbol }: { readonly symbol: string }) => {
  const fields = useDraft();
  const instrument = useInstrument(symbol);
  const inQuote = spendsQuote(fields);
  const canSwitch = fields.type === 'MARKET' && fields.side === 'BUY';
  const fills: readonly Fill[] = [
    ...(canSwitch
      ? [
          {
            letter: 'u',
            label: `in ${inQuote ? (instrument?.base ?? 'base') : (instrument?.quote ?? 'quote')}`,
            act: () => draft.set({ unit: inQuote ? 'base' : 'quote', size: '' }),
          },
        ]
      : []),
    ...(fields.side === 'BUY' ? [{ letter: 'r', label: 'by risk', testId: 'ticket-by-risk', act: () => void fillByRisk(symbol) }] : []),
    { letter: 'm', label: 'max', testId: 'ticket-max', act: () => void fillMax(symbol) },
  ];
  return (
    <NumberField
      id="ticket-size"
      testId="ticket-qty"
      label={inQuote ? `Spend, ${instrument?.quote ?? 'quote'}` : `Size, ${instrument?.base ?? 'base'}`}
      value={fields.size}
      set={(size) => draft.set({ size })}
      step={inQuote ? '1' : instrument?.stepQty}
      from="0"
      fills={fills}
    />
  );
};

/** Stop loss and take profit in one go: prices, or percent of the entry (`2%`); the stop may trail. */
export const ExitFields = ({ symbol }: { readonly symbol: string }) => {
  const fields = useDraft();
  const instrument = useInstrument(symbol);
  const basis = useBasis(symbol);
  const prices = exitPrices(fields, basis);
  const qty = spendsQuote(fields) ? undefined : typedDecimal(fields.size);
  const stop = outcomeOf(prices.stopLoss, basis.entry, qty);
  const take = outcomeOf(prices.takeProfit, basis.entry, qty);
  const isExit = (typed: string): boolean => typedDecimal(typed) !== undefined || typedBps(typed) !== undefined;
  return (
    <fieldset className="ticket-exits" aria-label="Exits">
      <NumberField
        id="ticket-stop-loss"
        testId="ticket-stop-loss"
        label={fields.trails ? 'Stop trails by, %' : 'Stop loss'}
        value={fields.stopLoss}
        set={(stopLoss) => draft.set({ stopLoss })}
        step={fields.trails || fields.stopLoss.includes('%') ? undefined : instrument?.tick}
        from={basis.entry}
        isValid={fields.trails ? (typed) => typedBps(typed) !== undefined : isExit}
        describedBy="ticket-stop-outcome"
        fills={[
          {
            letter: 't',
            label: fields.trails ? 'fixed' : 'trail',
            testId: 'ticket-trails',
            act: () => draft.set({ trails: !fields.trails, stopLoss: '' }),
          },
        ]}
      />
      <NumberField
        id="ticket-take-profit"
        testId="ticket-take-profit"
        label="Take profit"
        value={fields.takeProfit}
        set={(takeProfit) => draft.set({ takeProfit })}
        step={fields.takeProfit.includes('%') ? undefined : instrument?.tick}
        from={basis.entry}
        isValid={isExit}
        describedBy="ticket-take-outcome"
      />
      <p id="ticket-stop-outcome" className="ticket-outcome num muted">
        {stop === '' ? 'price or 2%' : stop}
      </p>
      <p id="ticket-take-outcome" className="ticket-outcome num muted">
        {take === '' ? 'price or 4%' : take}
      </p>
    </fieldset>
  );
};
