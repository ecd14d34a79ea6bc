// Where the fault desk lays hands on events: late, lost, twice, out of order. One gate for market and user streams.
// A decision is taken once per event, so that every subscriber sees the same broken stream.
import type { FaultSubject, Faults } from './faults.ts';
import type { Wire } from './wire.ts';

export class EventGate {
  readonly #faults: Faults;
  readonly #wire: Wire;
  readonly #held = new Map<string, () => void>();
  #silent = false;

  constructor(faults: Faults, wire: Wire) {
    this.#faults = faults;
    this.#wire = wire;
  }

  /** While silent the sockets stay up and answer pings, but no event leaves. */
  setSilent(on: boolean): void {
    this.#silent = on;
  }

  /** Lets one event of the stream `stream` through to `deliver`, as the rules will have it. */
  pass(channel: 'stream' | 'user', stream: string, subject: FaultSubject, deliver: () => void): void {
    if (this.#silent) return;
    const actions = this.#faults.strike(channel, subject);
    if (actions.length === 0 && this.#held.size === 0) {
      deliver();
      return;
    }
    let copies = 1;
    let delayMs = 0;
    let holdMs: number | undefined;
    for (const action of actions) {
      if (action.type === 'delay') delayMs += action.delayMs;
      else if (action.type === 'duplicate') copies += action.copies;
      else if (action.type === 'reorder') holdMs = action.holdMs;
      else copies = 0; // swallow; any other action means that nothing arrives
    }
    const emit = (): void =>
      this.#wire.after(delayMs, () => {
        for (let copy = 0; copy < copies; copy++) deliver();
      });
    const earlier = this.#held.get(stream);
    if (holdMs !== undefined && earlier === undefined) {
      this.#hold(stream, emit, holdMs);
      return;
    }
    emit();
    if (earlier !== undefined) this.#release(stream, earlier);
  }

  #hold(stream: string, emit: () => void, holdMs: number): void {
    this.#held.set(stream, emit);
    this.#wire.after(Math.max(1, holdMs), () => this.#release(stream, emit));
  }

  #release(stream: string, emit: () => void): void {
    if (this.#held.get(stream) !== emit) return;
    this.#held.delete(stream);
    emit();
  }
}
