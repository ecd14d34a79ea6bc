// Facts as an engine makes them: a session with buys, partial sells, fees in three assets, denials, a cancel, a doubt and a stop.
import { balance, fillOf, Rig, stated } from '../../support/engine-rig.ts';
import type { RigOptions } from '../../support/engine-rig.ts';

const FEES = [
  { fee: '0.0000100', feeAsset: 'BTC' },
  { fee: '0.4987', feeAsset: 'USDT' },
  { fee: '0.00075', feeAsset: 'BNB' },
] as const;

/** One buy of 0.01 BTC in two fills, one sale of what can be sold of it; each round at other prices and with other fees. */
const round = (rig: Rig, index: number): void => {
  const paid = FEES[index % FEES.length] ?? FEES[0];
  const buy = rig.rest();
  const price = `${49_900 + (index % 7) * 31}.17`;
  rig.execute(stated(buy, { status: 'PARTIALLY_FILLED', filledQty: '0.004' }), fillOf(`b${index}a`, '0.004', { ...paid, price }));
  rig.execute(
    stated(buy, { status: 'FILLED', filledQty: '0.01' }),
    fillOf(`b${index}b`, '0.006', { ...paid, price: '50000.33', maker: true }),
  );
  rig.pass(600);
  const sale = { side: 'SELL', qty: '0.007', price: '50003' };
  const sell = rig.rest({ ...sale, reduceOnly: true });
  const sold = { side: 'SELL', status: 'FILLED', qty: '0.007', price: '50003', filledQty: '0.007' };
  rig.execute(stated(sell, sold), fillOf(`s${index}`, '0.007', { fee: '0.35', feeAsset: 'USDT', price: `5000${index % 10}.91` }));
  rig.pass(600);
};

/** A rig after `rounds` round trips; its `facts` are the journal. */
export const session = (rounds: number, options: RigOptions = {}): Rig => {
  const rig = new Rig({ balances: [balance('USDT', '1000000'), balance('BTC', '1'), balance('BNB', '5')], ...options }).ready();
  // A held BNB position pays the fees of the rounds that follow.
  const bnb = rig.rest({ symbol: 'BNBUSDT', qty: '0.5', price: '500' });
  const bought = { symbol: 'BNBUSDT', status: 'FILLED', qty: '0.5', price: '500', filledQty: '0.5' };
  rig.execute(stated(bnb, bought), fillOf('bnb', '0.5', { price: '499.7', fee: '0.0005', feeAsset: 'BNB' }));
  for (let index = 0; index < rounds; index += 1) round(rig, index);
  rig.place({ qty: '100' });
  const doubted = rig.send({ price: '49990' });
  rig.lose(doubted);
  rig.pass(600);
  rig.rest({ price: '49980' });
  rig.trip('keep-positions');
  rig.stopCanceled();
  return rig;
};
