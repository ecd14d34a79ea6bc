// What all handlers share: the console around the core, and how replies and failures become answers. It decides nothing.
import type { CallError, CallResult, Caller, KeyStatus, Preferences } from '../../../src-shared/contract/contract.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { DrillResult } from '../../../src-shared/domain/drill.ts';
import type { Mode } from '../../../src-shared/domain/mode.ts';
import type { OrderOrigin } from '../../../src-shared/domain/order.ts';
import type { Snapshot } from '../../../src-shared/contract/view.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import type { Reply } from '../../engine/inputs.ts';
import type { Metrics } from '../../engine/metrics.ts';
import type { PolicyFile } from '../../settings/policy-file.ts';
import type { Alerting } from '../alerting.ts';
import type { Core } from '../core.ts';

/** What the handlers need of the console around the core. */
export interface ConsoleDesk {
  readonly core: () => Core;
  readonly metrics: () => Metrics;
  readonly snapshot: () => Snapshot;
  readonly proveHotkey: () => CallResult<{ readonly waitMs: number }>;
  /** Runs a drill of the stop (E7); the error says in words why there was none. */
  readonly drill: () => Promise<Result<DrillResult, string>>;
  readonly switchMode: (mode: Mode, confirmation: string) => Promise<Result<string, string>>;
  /** A switch of mode is under way: nothing new may come to the mode that is being left. */
  readonly isSwitching: () => boolean;
  readonly keys: {
    status(): Promise<readonly KeyStatus[]>;
    set(mode: 'testnet' | 'mainnet', apiKey: string, secret: string): Promise<Result<KeyStatus, string>>;
    delete(mode: 'testnet' | 'mainnet'): Promise<Result<KeyStatus, string>>;
    test(mode: 'testnet' | 'mainnet'): Promise<Result<string, string>>;
  };
  readonly alerting: Pick<Alerting, 'test' | 'setSecret' | 'deleteSecret'>;
  readonly killSwitch: { setSecret(secret: string): Promise<Result<string, string>>; deleteSecret(): Promise<Result<string, string>> };
  readonly preferences: { get(): Preferences; set(preferences: Preferences): Preferences };
  readonly policyFile: Pick<PolicyFile, 'versions' | 'write'>;
}

export const refuse = (code: CallError['code'], text: string): CallResult<never> => fail({ code, text });

export const unknownSymbol = (symbol: SymbolId): CallResult<never> =>
  refuse('NOT_FOUND', `${symbol} is not among the symbols that this console knows.`);

export const originOf = (caller: Caller): OrderOrigin => (caller.from === 'window' ? 'window' : 'cli');

export const failureOf = (reply: Reply): CallResult<never> => {
  if (reply.kind === 'denied')
    return fail({
      code: reply.denial.code === 'UNKNOWN_ORDER' ? 'NOT_FOUND' : 'DENIED',
      text: `${reply.denial.text} ${reply.denial.advice}`,
      denial: reply.denial,
    });
  if (reply.kind === 'refused') return refuse('REFUSED', reply.text);
  return refuse('INTERNAL', 'The engine gave no answer.');
};

/** What a person is told has happened is on disk first: a kill in the next instant must not take it back. */
export const durably = async <T>(desk: ConsoleDesk, value: T): Promise<CallResult<T>> => {
  try {
    await desk.core().setup.opened.journal.flush();
    return ok(value);
  } catch {
    return refuse(
      'UNAVAILABLE',
      'The journal cannot be written, so this is not kept: no order is sent, and trading is halted until it can.',
    );
  }
};
