// C8: which symbols may be traded at all. The block list wins over the allow list.
import { listed } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const blockList: Limit = {
  id: 'C8.blockList',
  title: 'Block list',
  unit: 'list',
  sense: 'listed',
  scope: 'orders',
  formula: 'symbol ∉ limits.blockedSymbols',
  advice: () => 'Take the symbol off limits.blockedSymbols in the policy if it is to be traded.',
  measure: ({ request, policy }) => listed(request.symbol, !policy.blockedSymbols.has(request.symbol), 'free to trade'),
};

export const allowList: Limit = {
  id: 'C8.allowList',
  title: 'Allow list',
  unit: 'list',
  sense: 'listed',
  scope: 'orders',
  formula: 'symbol ∈ limits.allowedSymbols',
  advice: (_, { policy }) => `Allowed are ${[...policy.allowedSymbols].join(', ') || 'none'}; limits.allowedSymbols in the policy says so.`,
  measure: ({ request, policy }) => listed(request.symbol, policy.allowedSymbols.has(request.symbol), 'on the allow list'),
};
