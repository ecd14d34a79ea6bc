// L4: the outbox of a slow way out: bounded in everything, fast for its caller, and honest about what is lost.
import { describe, expect, it } from 'vitest';
import type { CarryFailure } from '../../../src-main/alerts/carrier.ts';
import type { DatedAlert } from '../../../src-main/alerts/message.ts';
import { keyOfOutlet } from '../../../src-main/alerts/outlets.ts';
import { MAX_A_MESSAGE, MAX_WAITING, Outbox, PAUSE_MS, RETRY_MS, TRIES } from '../../../src-main/alerts/outbox.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const alert = (key: string, severity: DatedAlert['severity'] = 'warning'): DatedAlert => ({ severity, key, title: key, text: '', atMs: 0 });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const AGAIN: CarryFailure = { kind: 'again', text: 'It is down.' };

const setUp = () => {
  const timers = fakeTimers();
  const sent: string[][] = [];
  const losses: number[] = [];
  const world = { answer: (): Promise<Result<void, CarryFailure>> => Promise.resolve(ok(undefined)) };
  const box = new Outbox({
    carrier: {
      carry: (alerts) => {
        sent.push(alerts.map(({ key }) => key));
        return world.answer();
      },
    },
    nowMs: timers.nowMs,
    schedule: timers.schedule,
    changed: (lost) => losses.push(lost),
  });
  const pass = async (ms: number): Promise<void> => {
    timers.advance(ms);
    await settle();
  };
  return { box, sent, losses, world, pass };
};

describe('an outbox', () => {
  it('sends at once, and what comes meanwhile together in the next message', async () => {
    const { box, sent, pass } = setUp();
    for (const key of ['a', 'b', 'c']) box.push(alert(key));
    await settle();
    expect(sent).toEqual([['a']]);
    await pass(PAUSE_MS);
    expect(sent).toEqual([['a'], ['b', 'c']]);
    expect(box.state).toMatchObject({ waiting: 0, lost: 0, problem: '' });
  });

  it('tries what fails so often and no more, ever later, with what came meanwhile; then it is lost, and told', async () => {
    const { box, sent, losses, world, pass } = setUp();
    world.answer = () => Promise.resolve(fail(AGAIN));
    box.push(alert('a'));
    await settle();
    box.push(alert('b'));
    for (const waitMs of RETRY_MS) {
      await pass(waitMs - 1);
      const before = sent.length;
      await pass(1);
      expect(sent).toHaveLength(before + 1);
    }
    expect(sent).toEqual([['a'], ['a', 'b'], ['a', 'b'], ['a', 'b']]);
    expect(sent.flat().filter((key) => key === 'a')).toHaveLength(TRIES);
    expect(box.state).toMatchObject({ problem: 'It is down.', waiting: 1, lost: 1 });
    world.answer = () => Promise.resolve(ok(undefined));
    await pass(60_000);
    expect(sent.at(-1)).toEqual(['b']);
    expect(losses).toEqual([0, 0, 0, 1, 0]);
    expect(box.state).toMatchObject({ problem: '', waiting: 0, lost: 1 });
  });

  it('raises nothing about a lost word on another way: two that fail would call each other for ever', async () => {
    const { box, losses, world, pass } = setUp();
    world.answer = () => Promise.resolve(fail({ kind: 'final', text: 'Revoked.' }));
    box.push(alert(keyOfOutlet('mail')));
    await settle();
    box.push(alert('a'));
    box.push(alert(keyOfOutlet('mail')));
    await pass(120_000);
    expect(losses, 'only the alert of the trader’s own').toEqual([0, 1]);
    expect(box.state.lost, 'each is counted').toBe(3);
  });

  it('does not repeat what can never be taken, and waits as long as it is asked to', async () => {
    const { box, sent, world, pass } = setUp();
    world.answer = () => Promise.resolve(fail({ kind: 'final', text: 'Revoked.' }));
    box.push(alert('a'));
    await settle();
    await pass(120_000);
    expect([sent.length, box.state.lost]).toEqual([1, 1]);
    world.answer = () => Promise.resolve(fail({ ...AGAIN, waitMs: 45_000 }));
    box.push(alert('b'));
    await settle();
    await pass(44_999);
    expect(sent).toHaveLength(2);
    await pass(1);
    expect(sent).toHaveLength(3);
  });

  it('loses nothing and is not failing where there is nowhere to send to', async () => {
    const { box, world, pass } = setUp();
    world.answer = () => Promise.resolve(fail({ kind: 'unset', text: 'No address.' }));
    box.push(alert('a'));
    await pass(1000);
    expect(box.state).toEqual({ problem: '', deliveredAtMs: null, waiting: 0, lost: 0 });
  });

  it('that stalls takes a storm in no time, keeps its dangers, and never more than its room', async () => {
    const { box, sent, world, pass } = setUp();
    let free: () => void = () => undefined;
    world.answer = () =>
      new Promise((resolve) => {
        free = () => resolve(ok(undefined));
      });
    box.push(alert('first'));
    box.push(alert('danger', 'danger'));
    const startedAtMs = performance.now();
    for (let n = 0; n < 10_000; n += 1) box.push(alert(`n${n}`));
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    await settle();
    expect(sent).toEqual([['first']]);
    expect(box.state).toMatchObject({ waiting: MAX_WAITING, lost: 10_002 - MAX_WAITING });
    world.answer = () => Promise.resolve(ok(undefined));
    free();
    await settle();
    await pass(PAUSE_MS);
    expect(sent[1]?.[0]).toBe('danger');
  });

  it('sends no more than a few in one message', async () => {
    const { box, sent, pass } = setUp();
    for (let n = 0; n < 50; n += 1) box.push(alert(`n${n}`));
    await settle();
    await pass(PAUSE_MS);
    expect(sent[1]).toHaveLength(MAX_A_MESSAGE);
  });

  it('whose carrier breaks all the same says nothing of how', async () => {
    const { box, world } = setUp();
    world.answer = () => Promise.reject(new Error('https://hooks.example.org/a-token'));
    box.push(alert('a'));
    await settle();
    expect(box.state.problem).toBe('It failed in a way of its own.');
  });

  it('lets what waits out when it closes, but not for long, and takes nothing afterwards', async () => {
    const { box, sent } = setUp();
    box.push(alert('a'));
    await box.close(1000);
    box.push(alert('b'));
    await settle();
    expect(sent).toEqual([['a']]);
    const stalled = setUp();
    stalled.world.answer = () => new Promise(() => undefined);
    stalled.box.push(alert('a'));
    await stalled.box.close(20);
    expect(stalled.sent).toHaveLength(1);
  });

  it('tells a person who tests it what came of it', async () => {
    const { box, world } = setUp();
    expect(await box.test(alert('test'))).toEqual(ok(undefined));
    world.answer = () => Promise.resolve(fail(AGAIN));
    expect(await box.test(alert('test'))).toEqual(fail('It is down.'));
    expect(box.state.problem).toBe('It is down.');
  });
});
