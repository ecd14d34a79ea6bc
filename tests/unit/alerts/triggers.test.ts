// L4: everything that must call a person does, driven through a real engine whose alerts go through the real outlets to a phone that
// listens; each once, under its own key, with its severity.
import { describe, expect, it } from 'vitest';
import type { AlertSeverity } from '../../../src-shared/domain/alerts.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { parsePolicy } from '../../../src-shared/policy/schema.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { createOutlets } from '../../../src-main/alerts/outlets.ts';
import type { Alert } from '../../../src-main/alerts/port.ts';
import { balance, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC, PASSED } from '../../support/sim.ts';
import { WIDE } from '../../support/wide.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the webhook got, from what the rig's engine raised until now. */
const heardOf = (rig: Rig): readonly Alert[] => {
  const heard: Alert[] = [];
  const outlets = createOutlets({
    level: (outlet) => (outlet === 'webhook' ? 'warning' : 'off'),
    outlets: { desktop: () => undefined, sound: () => undefined, webhook: (alert) => heard.push(alert), mail: () => undefined },
    log: silent,
    nowMs: () => 0,
    schedule: () => () => undefined,
  });
  for (const alert of rig.effectsOf('alert')) outlets.raise(alert);
  return heard;
};

const RED = { id: 'clock', title: 'Clock', verdict: 'fail', text: 'The clock is 3 s off. Set it.' } as const;
const withPolicy = (change: object): Policy => {
  const made = parsePolicy({ ...WIDE, ...change });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
};
const fall = (rig: Rig, price: number): void => {
  const [bid, ask] = [text(String(price - 1)), text(String(price + 1))];
  for (let passedMs = 0; passedMs < 6_000; passedMs += 100) {
    rig.nowMs += 100;
    rig.monoMs += 100;
    for (const stream of ['market', 'user'] as const) rig.tell({ kind: 'alive', stream });
    rig.tell({ kind: 'quote', symbol: BTC, bid, ask });
    rig.engine.dispatch({ kind: 'tick' });
  }
};
const held = (): Rig => {
  const rig = new Rig({ policy: WIDE, balances: [balance('USDT', '10000')] }).ready();
  rig.hold();
  rig.pass(3_000);
  rig.effects = [];
  return rig;
};
const deny = (rig: Rig, times: number): void => {
  for (let n = 0; n < times; n += 1) rig.place({ qty: text('9') });
};

interface Row {
  readonly what: string;
  readonly severity: AlertSeverity;
  readonly key: string;
  readonly says: RegExp;
  readonly drive: () => Rig;
}
const ready = (): Rig => new Rig().ready();
const driven = (drive: (rig: Rig) => void, rig = ready()): Rig => {
  drive(rig);
  return rig;
};

const ROWS: readonly Row[] = [
  {
    what: 'a trip by hand',
    severity: 'danger',
    key: 'stop',
    says: /Tripped by button: test/,
    drive: () => driven((rig) => rig.trip()),
  },
  ...(['automatic', 'watchdog', 'endpoint', 'hotkey', 'tray', 'cli'] as const).map((trigger): Row => ({
    what: `a trip by ${trigger}`,
    severity: 'danger',
    key: 'stop',
    says: new RegExp(`Tripped by ${trigger}: why`),
    drive: () => driven((rig) => rig.engine.dispatch({ kind: 'trip', trigger, reason: 'why', positions: null })),
  })),
  {
    what: 'the watchdog that stood in',
    severity: 'danger',
    key: 'stop',
    says: /The watchdog stood in: the console was killed/,
    drive: () =>
      driven((rig) =>
        rig.engine.dispatch({
          kind: 'watchdog-acted',
          atMs: rig.nowMs,
          why: 'the console was killed',
          text: '3 cancelled.',
          complete: true,
        }),
      ),
  },
  {
    what: 'the circuit breaker that opens',
    severity: 'danger',
    key: 'breaker',
    says: /Nothing is opened any more/,
    drive: () =>
      driven(
        (rig) => {
          // Three calls without an answer within a minute, as NORMAL has it.
          for (let n = 0; n < 3; n += 1) {
            rig.lose(rig.send());
            rig.pass(600);
          }
        },
        new Rig({ policy: withPolicy({ circuitBreaker: NORMAL.circuitBreaker }) }).ready(),
      ),
  },
  {
    what: 'a storm of denials',
    severity: 'warning',
    key: 'denial-storm',
    says: /10 orders were denied within a minute/,
    drive: () => driven((rig) => deny(rig, 10)),
  },
  {
    what: 'protection that is missing',
    severity: 'danger',
    key: 'protection:BTCUSDT',
    says: /The console keeps trying/,
    drive: () => {
      const rig = held();
      rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49000') }, origin: 'cli' });
      rig.pass(5_000);
      return rig;
    },
  },
  {
    what: 'books that differ',
    severity: 'warning',
    key: 'reconcile-difference',
    says: /./,
    drive: () => driven((rig) => rig.reconciled({ openOrders: [stated('web_1')] })),
  },
  {
    what: 'books that cannot be compared',
    severity: 'danger',
    key: 'reconcile',
    says: /./,
    drive: () => driven((rig) => [1, 2, 3].forEach(() => rig.notReconciled())),
  },
  ...(['market', 'user'] as const).map((stream): Row => ({
    what: `the loss of the ${stream} stream`,
    severity: 'warning',
    key: `stream:${stream}`,
    says: /Openings are denied until it is back/,
    drive: () => driven((rig) => rig.tell({ kind: 'stream', stream, status: 'down', text: 'closed by the exchange' })),
  })),
  {
    what: 'an unusual loss',
    severity: 'danger',
    key: 'unusual-loss',
    says: /fell by 3\.\d\d % .* within 5 minutes/,
    drive: () => {
      const rig = new Rig({
        policy: withPolicy({ limits: { ...WIDE.limits, maxDailyLossPct: '50', maxDailyLossUsdt: '100000' } }),
        balances: [balance('USDT', '5000'), balance('BTC', '0.1')],
      }).ready();
      fall(rig, 50_000);
      rig.effects = [];
      fall(rig, 46_800);
      return rig;
    },
  },
  {
    what: 'a self-test that is red',
    severity: 'danger',
    key: 'self-test',
    says: /Clock: The clock is 3 s off\. Set it\. Trading is halted/,
    drive: () => driven((rig) => rig.engine.dispatch({ kind: 'self-test', items: [PASSED, RED] })),
  },
  {
    what: 'an order in doubt',
    severity: 'warning',
    key: 'unknown:',
    says: /being asked what became of/,
    drive: () => driven((rig) => rig.lose(rig.send())),
  },
  {
    what: 'an order in doubt for more than 10 s',
    severity: 'danger',
    key: 'unknown:',
    says: /counts against every limit/,
    drive: () =>
      driven((rig) => {
        rig.lose(rig.send());
        rig.effects = [];
        rig.pass(10_500);
      }),
  },
  ...(['trigger', 'reset'] as const).map((what): Row => ({
    what: `the kill switch that is used for a ${what}`,
    severity: 'warning',
    key: 'kill-switch',
    says: new RegExp(`${what} by my monitor: the model is gone`),
    drive: () =>
      driven((rig) =>
        rig.engine.dispatch({ kind: 'kill-switch-asked', what, verdict: 'taken', who: 'my monitor', why: 'the model is gone', times: 1 }),
      ),
  })),
  {
    what: 'the kill switch that refuses somebody',
    severity: 'warning',
    key: 'kill-switch',
    says: /trigger: a bad signature/,
    drive: () =>
      driven((rig) =>
        rig.engine.dispatch({ kind: 'kill-switch-asked', what: 'trigger', verdict: 'refused', who: '', why: 'a bad signature', times: 1 }),
      ),
  },
  {
    what: 'the kill switch that does not listen',
    severity: 'danger',
    key: 'kill-switch',
    says: /the port is taken/,
    drive: () =>
      driven((rig) => rig.engine.dispatch({ kind: 'kill-switch', view: { status: 'failed', text: 'Not listening: the port is taken.' } })),
  },
  {
    what: 'a journal that is broken',
    severity: 'danger',
    key: 'journal',
    says: /Nothing is sent any more but cancels/,
    drive: () => driven((rig) => rig.breakDisk()),
  },
];

describe('a person is called by', () => {
  it.each(ROWS)('$what', ({ severity, key, says, drive }) => {
    const heard = heardOf(drive()).filter((alert) => alert.key.startsWith(key));
    expect(heard.map((alert) => alert.severity)).toEqual([severity]);
    expect(heard[0]?.text).toMatch(says);
    expect(heard[0]?.title).not.toBe('');
  });
});

describe('nobody is called', () => {
  it('by a console at rest, nor by a few denials, a small fall or a question to the kill switch', () => {
    const rig = ready();
    deny(rig, 9);
    rig.engine.dispatch({ kind: 'kill-switch-asked', what: 'status', verdict: 'taken', who: 'my monitor', why: '', times: 1 });
    fall(rig, 49_500);
    rig.engine.dispatch({ kind: 'self-test', items: [PASSED] });
    rig.pass(5_000);
    expect(rig.titles()).toEqual([]);
  });

  it('by denials that are far apart, and twice by two storms', () => {
    const rig = ready();
    for (let n = 0; n < 20; n += 1) {
      deny(rig, 1);
      rig.pass(7_000);
    }
    expect(rig.titles()).toEqual([]);
    deny(rig, 12);
    rig.pass(61_000);
    deny(rig, 12);
    expect(rig.titles()).toEqual(['A storm of denied orders', 'A storm of denied orders']);
  });

  it('by money that was withdrawn: it is no loss, and what was deposited hides none', () => {
    const rig = new Rig({ policy: WIDE, balances: [balance('USDT', '5000'), balance('BTC', '0.1')] }).ready();
    fall(rig, 50_000);
    rig.effects = [];
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('-3000'), venueTimeMs: rig.nowMs });
    fall(rig, 50_000);
    expect(rig.titles()).not.toContain('An unusual loss');
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('3000'), venueTimeMs: rig.nowMs + 1 });
    fall(rig, 46_800);
    expect(rig.titles()).toContain('An unusual loss');
  });

  it('twice by one red self-test; its end is told, and another red row is told anew', () => {
    const rig = ready();
    const test = (...items: readonly (typeof RED | typeof PASSED)[]) => rig.engine.dispatch({ kind: 'self-test', items });
    test(RED);
    test(RED);
    test(PASSED, RED, { ...RED, id: 'journal' } as never);
    test(PASSED);
    expect(rig.titles()).toEqual(['The self-test is red', 'The self-test is red', 'The self-test passes again']);
  });
});
