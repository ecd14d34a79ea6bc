// Every limit in the order in which they are named to a person: the first that denies is the denial. What is allowed at all comes
// first, then what makes no sense as a number, then the trader's own limits, then the venue's, then pace, which passes by itself.
import type { Limit } from '../limit.ts';
import { balance } from './balance.ts';
import { dailyLoss, dailyLossPct } from './daily-loss.ts';
import { dailyTrades } from './daily-trades.ts';
import { exitPossible } from './exit.ts';
import { leverage, netDirectionPct, positionPct, positionValue, strategyPct, symbolPct, totalPct } from './exposure.ts';
import { dailyLossCap, exposureCap, orderCap } from './ladder-caps.ts';
import { lotFilter, marketLotFilter } from './filter-lot.ts';
import { maxPosition } from './filter-max-position.ts';
import { notionalFilter } from './filter-notional.ts';
import { algoOrders, openOrders, orderLists } from './filter-open-orders.ts';
import { percentPrice } from './filter-percent-price.ts';
import { priceFilter, stopPriceFilter } from './filter-price.ts';
import { orderType, symbolStatus } from './filter-symbol.ts';
import { trailingDelta } from './filter-trailing-delta.ts';
import { quoteAge, userStream } from './freshness.ts';
import { maxOrderNotional } from './order-value.ts';
import { minOpeningNotional } from './opening-value.ts';
import { orderCount } from './order-count.ts';
import { consecutiveLosses } from './losses.ts';
import { ordersPerSecond, symbolInterval } from './pace.ts';
import { positionsPerSymbol, positionsTotal } from './positions.ts';
import { priceDeviation } from './price-deviation.ts';
import { requestWeight } from './request-weight.ts';
import { allowList, blockList } from './symbol-lists.ts';
import { trigger } from './trigger.ts';
import { venueHold } from './venue-hold.ts';

export const LIMITS: readonly Limit[] = [
  blockList,
  allowList,
  venueHold,
  symbolStatus,
  orderType,
  quoteAge,
  userStream,
  priceFilter,
  stopPriceFilter,
  trailingDelta,
  trigger,
  lotFilter,
  marketLotFilter,
  orderCap,
  maxOrderNotional,
  minOpeningNotional,
  priceDeviation,
  balance,
  dailyLossCap,
  dailyLoss,
  dailyLossPct,
  dailyTrades,
  consecutiveLosses,
  positionsPerSymbol,
  positionsTotal,
  exposureCap,
  positionValue,
  positionPct,
  symbolPct,
  strategyPct,
  totalPct,
  netDirectionPct,
  leverage,
  exitPossible,
  notionalFilter,
  percentPrice,
  openOrders,
  algoOrders,
  orderLists,
  maxPosition,
  requestWeight,
  orderCount,
  ordersPerSecond,
  symbolInterval,
];
