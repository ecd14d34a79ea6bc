// Alarms that no single fact tells (REQUIREMENTS L4): many denials in a row, a fall of equity that is unusual, a self-test that turned red.
// They only call a person: nothing is allowed, forbidden or made true here. What they remember is in alarm-notes.ts.
import type { SelfTestItem } from '../../../src-shared/domain/self-test.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { money } from '../../../src-shared/domain/money.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Context } from './context.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';

const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 2_000;

type Alert = Extract<Effect, { kind: 'alert' }>;

/** A journal may hold a policy from before there were alerts in it. */
const policyOf = ({ state }: Context) => state.policy?.alerts ?? NORMAL.alerts;

/** One alert a storm: it is over once a minute had fewer denials. */
const denialStorm = (context: Context, { denial }: Extract<Fact, { kind: 'order.denied' }>): readonly Alert[] => {
  const { alarms } = context.market;
  const before = alarms.denialsMs.filter((atMs) => context.monoMs - atMs < MINUTE_MS);
  const { denialsAMinute } = policyOf(context);
  // Never more than the storm needs, however long it lasts.
  alarms.denialsMs = [...before, context.monoMs].slice(-denialsAMinute);
  if (alarms.denialsMs.length < denialsAMinute || before.length >= denialsAMinute) return [];
  const text = `${denialsAMinute} orders were denied within a minute, the newest by ${denial.code}: ${denial.text} Whoever places them should stop.`;
  return [{ kind: 'alert', severity: 'warning', key: 'denial-storm', title: 'A storm of denied orders', text }];
};

const redsOf = (items: readonly SelfTestItem[]): readonly SelfTestItem[] => items.filter(({ verdict }) => verdict === 'fail');

/** Told when other rows are red than were told before, and when none is any more. */
const selfTest = ({ market: { alarms } }: Context, items: readonly SelfTestItem[]): readonly Alert[] => {
  const reds = redsOf(items);
  const names = reds.map(({ id }) => id).join(' ');
  if (names === alarms.reds) return [];
  alarms.reds = names;
  const key = 'self-test';
  if (reds.length === 0)
    return [{ kind: 'alert', severity: 'good', key, title: 'The self-test passes again', text: 'Every check that is needed passes.' }];
  const text = `${reds.map((item) => `${item.title}: ${item.text}`).join(' ')} Trading is halted until it passes.`;
  return [{ kind: 'alert', severity: 'danger', key, title: 'The self-test is red', text }];
};

/** Money that came or went from outside is no loss: what the account was worth is told as if it had been there before. */
const takeOut = ({ market: { alarms } }: Context, deltaUsdt: string | null): void => {
  if (deltaUsdt === null) alarms.worths = [];
  alarms.worths = alarms.worths.map(({ atMs, usdt }) => ({ atMs, usdt: usdt.plus(deltaUsdt ?? 0) }));
};

/** What the facts of one turn call a person for. */
export const alarmsOf = (context: Context, facts: readonly Fact[]): readonly Alert[] =>
  facts.flatMap((fact) => {
    switch (fact.kind) {
      case 'order.denied':
        return denialStorm(context, fact);
      case 'selftest.finished':
        return selfTest(context, fact.items);
      case 'balance.moved':
        takeOut(context, fact.deltaUsdt);
        return [];
      case 'venue.reset':
        context.market.alarms.worths = [];
        return [];
      default:
        return [];
    }
  });

/**
 * To be called after the breaker's look of a tick: a fall of so many percent within so many minutes, seen twice. After it was told it is
 * measured anew from there.
 */
export const lossAlarm = (context: Context): readonly Alert[] => {
  const { market, monoMs } = context;
  const { alarms, breaker } = market;
  const newest = alarms.worths.at(-1);
  if (breaker.last === null || breaker.last.atMs !== monoMs || (newest !== undefined && monoMs - newest.atMs < LOOK_EVERY_MS)) return [];
  const { unusualLossPct, unusualLossMinutes } = policyOf(context);
  const usdt = breaker.last.equityUsdt;
  alarms.worths = [...alarms.worths.filter(({ atMs }) => monoMs - atMs <= unusualLossMinutes * MINUTE_MS), { atMs: monoMs, usdt }];
  const highest = Decimal.max(...alarms.worths.map((worth) => worth.usdt));
  const fallPct = highest.isPositive() && !highest.isZero() ? highest.minus(usdt).div(highest).times(100) : new Decimal(0);
  const wasFallen = alarms.fell;
  alarms.fell = fallPct.gte(money(unusualLossPct));
  if (!alarms.fell || !wasFallen) return [];
  alarms.worths = [{ atMs: monoMs, usdt }];
  alarms.fell = false;
  const text = `The account fell by ${fallPct.toFixed(2)} % (${highest.minus(usdt).toFixed(2)} USDT) within ${unusualLossMinutes} minutes, to ${usdt.toFixed(2)} USDT. Look at the positions; the emergency stop is at hand.`;
  return [{ kind: 'alert', severity: 'danger', key: 'unusual-loss', title: 'An unusual loss', text }];
};
