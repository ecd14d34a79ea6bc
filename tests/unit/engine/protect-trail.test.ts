// Stops that trail (B5): by the exchange where its ranges allow, else by the console, up and never down.
import { afterEach, describe, expect, test } from 'vitest';
import { Guarded } from '../../support/guarded.ts';
import { BTC } from '../../support/sim.ts';

let desk: Guarded;
const up = async (): Promise<Guarded> => (desk = await new Guarded().start());
afterEach(() => desk.end());
const moves = () => desk.sim.factsOf('protection.trailed').map(({ stopPrice }) => stopPrice);

test('in the exchange’s range the exchange trails', async () => {
  await up();
  await desk.bought('0.01', { trailingDeltaBps: 100 });
  expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 trails 100']);
  expect(desk.view()).toMatchObject({ status: 'working', trailingDeltaBps: 100, by: 'exchange', stopPrice: null });
  expect(moves()).toEqual([]);
});

test('beside a take profit, too: the pair’s stop leg trails', async () => {
  await up();
  await desk.bought('0.01', { trailingDeltaBps: 100, takeProfit: '52000' });
  expect(desk.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 52000', 'STOP_LOSS 0.00999 trails 100']);
  expect(desk.view()).toMatchObject({ status: 'working', by: 'exchange' });
  desk.price('51000');
  await desk.pass(2000);
  desk.price('50480');
  await desk.pass(2000);
  expect(desk.positionQty()).toBe('0');
});

describe('beyond its range the console trails', () => {
  const PLAN = { trailingDeltaBps: 5, takeProfit: '52000' };

  test('from the best bid, on the tick', async () => {
    await up();
    await desk.bought('0.01', { trailingDeltaBps: 2500, takeProfit: '52000' });
    expect(moves()).toEqual(['37499.99']);
    expect(desk.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 52000', 'STOP_LOSS 0.00999 @ 37499.99']);
    expect(desk.view()).toMatchObject({ status: 'working', by: 'console', stopPrice: '37499.99', trailingDeltaBps: 2500 });
  });

  test('up with the price in steps of a tenth of its distance and 2 s apart, never down', async () => {
    await up();
    await desk.bought('0.01', { trailingDeltaBps: 2500 });
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 37499.99']);
    desk.price('50200');
    await desk.pass(3000);
    expect(moves()).toEqual(['37499.99']);
    desk.price('52000');
    await desk.pass(3000);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 38999.99']);
    desk.price('51000');
    await desk.pass(5000);
    expect(moves()).toEqual(['37499.99', '38999.99']);
    desk.price('54000');
    await desk.pass(500);
    desk.price('57000');
    await desk.pass(1000);
    expect(moves()).toHaveLength(3);
    await desk.pass(2000);
    expect(moves()).toEqual(['37499.99', '38999.99', '40499.99', '42749.99']);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 42749.99']);
  });

  test('a lone stop moves by one request: no moment without it', async () => {
    await up();
    await desk.bought('0.01', { trailingDeltaBps: 2500 });
    const gaps = desk.sim.factsOf('protection.restored').length;
    desk.price('52000');
    await desk.pass(3000);
    expect(desk.sim.factsOf('cancel.requested')).toEqual([]);
    expect(desk.sim.factsOf('protection.restored')).toHaveLength(gaps);
  });

  test('and goes on after a restart from where it stood', async () => {
    await up();
    await desk.bought('0.01', { trailingDeltaBps: 2500 });
    desk.price('52000');
    await desk.pass(3000);
    await desk.restart();
    desk.price('51000');
    await desk.pass(3000);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 38999.99']);
    expect(desk.sim.engine.state.protections.get(BTC)?.trailedTo?.toFixed()).toBe('38999.99');
  });

  test('a fall beyond it sells', async () => {
    await up();
    await desk.bought('0.01', PLAN);
    desk.price('49900');
    await desk.pass(2000);
    expect(desk.positionQty()).toBe('0');
  });
});
