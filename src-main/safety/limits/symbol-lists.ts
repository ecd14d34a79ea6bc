// C8: in which symbols anything may be opened. The block list wins over the allow list. What is held of a symbol that was taken off can
// always be sold and protected: a rule that forbids risk must not keep it.
import { listed } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const blockList: Limit = {
  id: 'C8.blockList',
  title: 'Block list',
  unit: 'list',
  sense: 'listed',
  scope: 'openings',
  formula: 'symbol ∉ limits.blockedSymbols',
  advice: () => 'Take the symbol off limits.blockedSymbols in the policy if it is to be traded.',
  measure: ({ request, policy }) => listed(request.symbol, !policy.blockedSymbols.has(request.symbol), 'free to trade'),
};

export const allowList: Limit = {
  id: 'C8.allowList',
  title: 'Allow list',
  unit: 'list',
  sense: 'listed',
  scope: 'openings',
  formula: 'symbol ∈ limits.allowedSymbols',
  advice: (_, { policy }) => `Allowed are ${[...policy.allowedSymbols].join(', ') || 'none'}; limits.allowedSymbols in the policy says so.`,
  measure: ({ request, policy }) => listed(request.symbol, policy.allowedSymbols.has(request.symbol), 'on the allow list'),
};
