// The commands that ask for orders and protection: what was typed becomes a wish of the contract. The console's own schema and gate judge
// it; only what could not be put into a wish at all is refused here.
import type { Command } from 'commander';
import type { ExitPlanInput, OcoRequestInput, OrderRequestInput } from '../../src-shared/contract/contract.ts';
import { cancelAll, cancelOrder, placeOco, placeOrder, replaceOrder } from './orders.ts';
import { protect, riskSizeOf } from './protection.ts';
import { badInput, timeoutOption, valueOf, withConsole, type Session } from './session.ts';

export const orderCommands = (program: Command, session: Session): void => {
  const order = program.command('order').description('place, change and cancel orders');
  placeCommand(order, session);
  ocoCommand(order, session);
  replaceCommand(order, session);
  cancelCommand(order, session);
  protectCommand(program, session);
  sizeCommand(program, session);
};

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  holdfast ${line}`).join('\n')}`;

interface PlaceOptions {
  readonly market?: true;
  readonly limit?: string;
  readonly type?: string;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly trailingBps?: string;
  readonly qty?: string;
  readonly quoteQty?: string;
  readonly tif?: string;
  readonly reduceOnly?: true;
  readonly stopLoss?: string;
  readonly trailingStop?: string;
  readonly takeProfit?: string;
  readonly wait?: true;
  readonly timeoutMs: number;
}

const placeCommand = (order: Command, session: Session): void => {
  const place = order
    .command('place')
    .description("place an order of any type, with its exits, and wait for the venue's answer")
    .argument('<side>', 'BUY or SELL')
    .argument('<symbol>', 'as BTCUSDT')
    .option('--market', 'a market order: short for --type market')
    .option('--limit <price>', 'a limit order at this price: short for --type limit --limit-price <price>')
    .option('--type <type>', `${Object.keys(TYPES).join(', ')}; the last four wait for a price`)
    .option('--limit-price <price>', 'the limit; makes a stop-loss a stop-loss-limit and a take-profit a take-profit-limit')
    .option('--stop-price <price>', 'the price that triggers a stop-loss or take-profit')
    .option('--trailing-bps <bps>', 'the trigger trails the price by so many basis points, 1 to 10000')
    .option('--qty <quantity>', 'quantity of the base asset')
    .option('--quote, --quote-qty <amount>', 'amount of the quote asset to spend (market buys)')
    .option('--tif <time in force>', 'GTC, IOC, FOK or POST_ONLY (orders with a limit; GTC when absent)')
    .option('--reduce-only', 'only shrink a position')
    .option('--stop-loss <price>', 'exit of a buy: sell when the price falls to it')
    .option('--trailing-stop <bps>', 'exit of a buy: sell when the price has fallen by so many basis points from its highest')
    .option('--take-profit <price>', 'exit of a buy: sell when the price rises to it')
    .option('--wait', 'wait until the order has ended; done only when it is filled')
    .addOption(timeoutOption())
    .addHelpText(
      'after',
      examples(
        'order place BUY BTCUSDT --limit 60000 --qty 0.01 --stop-loss 59000 --take-profit 62000',
        'order place SELL BTCUSDT --type stop-loss --stop-price 59000 --qty 0.01',
        'order place BUY BTCUSDT --market --quote 500 --trailing-stop 150 --wait',
      ),
    );
  withConsole<PlaceOptions>(session, place, (client, options, [side = '', symbol = '']) =>
    placeOrder(client, requestOf(side, symbol, options), { untilEnded: options.wait === true, timeoutMs: options.timeoutMs }),
  );
};

const TYPES: Readonly<Record<string, OrderRequestInput['type']>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  'stop-loss': 'STOP_LOSS',
  'stop-loss-limit': 'STOP_LOSS_LIMIT',
  'take-profit': 'TAKE_PROFIT',
  'take-profit-limit': 'TAKE_PROFIT_LIMIT',
};

/** The order as typed; the console's own schema judges it. */
const requestOf = (side: string, symbol: string, options: PlaceOptions): OrderRequestInput => {
  const { qty, quoteQty, tif, reduceOnly, stopPrice } = options;
  const price = options.limit ?? options.limitPrice;
  const trailingDeltaBps = bpsOf('--trailing-bps', options.trailingBps);
  const exits = exitsOf({ ...options, trailing: bpsOf('--trailing-stop', options.trailingStop) });
  return {
    side: sideOf(side),
    symbol: symbol.toUpperCase(),
    type: typeOf(options),
    ...(price !== undefined && { price }),
    ...(stopPrice !== undefined && { stopPrice }),
    ...(trailingDeltaBps !== undefined && { trailingDeltaBps }),
    ...(qty !== undefined && { qty }),
    ...(quoteQty !== undefined && { quoteQty }),
    ...(tif !== undefined && { timeInForce: tif.toUpperCase().replace('-', '_') as NonNullable<OrderRequestInput['timeInForce']> }),
    ...(reduceOnly && { reduceOnly }),
    ...(exits !== null && { exits }),
  };
};

const typeOf = ({ market, limit, type, limitPrice }: PlaceOptions): OrderRequestInput['type'] => {
  if ([market, limit, type].filter((one) => one !== undefined).length !== 1)
    throw badInput('Say --market, --limit PRICE or --type TYPE, one of them.');
  if (limit !== undefined && limitPrice !== undefined) throw badInput('--limit says the price already: leave --limit-price out.');
  if (type === undefined) return limit === undefined ? 'MARKET' : 'LIMIT';
  const named = TYPES[type.toLowerCase().replaceAll('_', '-')];
  if (named === undefined) throw badInput(`--type is one of ${Object.keys(TYPES).join(', ')}; "${type}" is none.`);
  return limitPrice !== undefined && (named === 'STOP_LOSS' || named === 'TAKE_PROFIT') ? `${named}_LIMIT` : named;
};

const sideOf = (text: string): OrderRequestInput['side'] => text.toUpperCase() as OrderRequestInput['side'];

const bpsOf = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw badInput(`${option} takes whole basis points (100 are 1 %); "${text}" is none.`);
  return Number(text);
};

const exitsOf = (typed: {
  readonly stopLoss?: string;
  readonly trailing: number | undefined;
  readonly takeProfit?: string;
}): ExitPlanInput | null => {
  const { stopLoss, trailing, takeProfit } = typed;
  if (stopLoss === undefined && trailing === undefined && takeProfit === undefined) return null;
  return {
    ...(stopLoss !== undefined && { stopLoss }),
    ...(trailing !== undefined && { trailingDeltaBps: trailing }),
    ...(takeProfit !== undefined && { takeProfit }),
  };
};

const ocoCommand = (order: Command, session: Session): void => {
  const oco = order
    .command('oco')
    .description('two orders of one size of which one ends the other: a limit order on the good side of the price, a stop on the bad one')
    .argument('<side>', 'BUY or SELL')
    .argument('<symbol>', 'as BTCUSDT')
    .requiredOption('--qty <quantity>', 'quantity of the base asset')
    .requiredOption('--price <price>', 'price of the limit order')
    .requiredOption('--stop-price <price>', 'the price that triggers the stop')
    .option('--limit-price <price>', 'limit of the stop once triggered; without it the stop goes at market')
    .addOption(timeoutOption())
    .addHelpText('after', examples('order oco SELL BTCUSDT --qty 0.01 --price 62000 --stop-price 59000'));
  type Typed = Pick<OcoRequestInput, 'qty' | 'price' | 'stopPrice'> & { readonly limitPrice?: string; readonly timeoutMs: number };
  withConsole<Typed>(session, oco, (client, { qty, price, stopPrice, limitPrice, timeoutMs }, [side = '', symbol = '']) => {
    const wish = { side: sideOf(side), symbol: symbol.toUpperCase(), qty, price, stopPrice };
    return placeOco(client, limitPrice === undefined ? wish : { ...wish, stopLimitPrice: limitPrice }, timeoutMs);
  });
};

const replaceCommand = (order: Command, session: Session): void => {
  const replace = order
    .command('replace')
    .description('cancel an open order and place it anew with another quantity, price or trigger, in one request')
    .argument('<id>', 'client order id, as "orders" shows it')
    .option('--qty <quantity>', 'another quantity')
    .option('--price <price>', 'another limit price')
    .option('--stop-price <price>', 'another price that triggers it')
    .addOption(timeoutOption())
    .addHelpText('after', examples('order replace hf-k3x9ab-000000000012 --price 60500'));
  type Typed = { readonly qty?: string; readonly price?: string; readonly stopPrice?: string; readonly timeoutMs: number };
  withConsole<Typed>(session, replace, (client, { qty, price, stopPrice, timeoutMs }, [id = '']) => {
    if (qty === undefined && price === undefined && stopPrice === undefined)
      throw badInput('Say what is to be different: --qty, --price or --stop-price.');
    const change = {
      ...(qty !== undefined && { qty }),
      ...(price !== undefined && { price }),
      ...(stopPrice !== undefined && { stopPrice }),
    };
    return replaceOrder(client, { clientOrderId: id, ...change }, timeoutMs);
  });
};

const cancelCommand = (order: Command, session: Session): void => {
  const cancel = order
    .command('cancel')
    .description('cancel one order by its client order id, or all, and wait for proof')
    .argument('[id]', 'client order id, as "orders" shows it; of an order list: any of its orders')
    .option('--all', 'every open order')
    .option('--symbol <symbol>', 'with --all: of this symbol only')
    .addOption(timeoutOption())
    .addHelpText('after', examples('order cancel hf-k3x9ab-000000000012', 'order cancel --all --symbol BTCUSDT'));
  type Typed = { readonly all?: true; readonly symbol?: string; readonly timeoutMs: number };
  withConsole<Typed>(session, cancel, (client, { all, symbol, timeoutMs }, [id]) => {
    if ((id === undefined) === (all === undefined)) throw badInput('Give the id of one order, or --all.');
    if (symbol !== undefined && all === undefined) throw badInput('--symbol goes with --all.');
    return id === undefined ? cancelAll(client, symbol?.toUpperCase(), timeoutMs) : cancelOrder(client, id, timeoutMs);
  });
};

const protectCommand = (program: Command, session: Session): void => {
  const command = program
    .command('protect')
    .description('protect a position on the exchange with a stop, a take-profit or both, and wait until that stands')
    .argument('<symbol>', 'as BTCUSDT')
    .option('--stop-loss <price>', 'sell when the price falls to it')
    .option('--trailing <bps>', 'sell when the price has fallen by so many basis points from its highest from now on')
    .option('--take-profit <price>', 'sell when the price rises to it')
    .option('--off', 'take the protection off')
    .addOption(timeoutOption())
    .addHelpText('after', examples('protect BTCUSDT --stop-loss 59000 --take-profit 62000', 'protect BTCUSDT --trailing 150'));
  type Typed = {
    readonly stopLoss?: string;
    readonly trailing?: string;
    readonly takeProfit?: string;
    readonly off?: true;
    readonly timeoutMs: number;
  };
  withConsole<Typed>(session, command, (client, { trailing, off, timeoutMs, ...prices }, [symbol = '']) => {
    const plan = exitsOf({ ...prices, trailing: bpsOf('--trailing', trailing) });
    if ((plan === null) !== (off === true)) throw badInput('Give --stop-loss, --trailing or --take-profit, or --off alone.');
    return protect(client, symbol.toUpperCase(), plan, timeoutMs);
  });
};

const sizeCommand = (program: Command, session: Session): void => {
  const size = program
    .command('size')
    .description('how much to buy so that the stop loses what the policy risks a trade, within every limit; places nothing')
    .argument('<symbol>', 'as BTCUSDT')
    .requiredOption('--stop-price <price>', 'where the position would be left')
    .option('--price <price>', 'limit price of the entry; without it the entry is at market')
    .option('--confidence <0 to 1>', 'how sure the trade is; the size follows')
    .addHelpText('after', examples('size BTCUSDT --stop-price 59000 --confidence 0.9'));
  type Typed = { readonly stopPrice: string; readonly price?: string; readonly confidence?: string };
  withConsole<Typed>(session, size, async (client, { stopPrice, price, confidence }, [symbol = '']) => {
    if (confidence !== undefined && !/^(?:0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(confidence))
      throw badInput(`--confidence is a number from 0 to 1; "${confidence}" is none.`);
    const wish = {
      symbol: symbol.toUpperCase(),
      side: 'BUY' as const,
      stopPrice,
      ...(price !== undefined && { price }),
      ...(confidence !== undefined && { confidence: Number(confidence) }),
    };
    return riskSizeOf(wish.symbol, valueOf(await client.call('sizeByRisk', wish)));
  });
};
