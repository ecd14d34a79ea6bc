// Which money is at stake. The mode is always on screen, as a word and a colour (REQUIREMENTS A2).

export type Mode = 'practice' | 'testnet' | 'mainnet';
export const MODES: readonly Mode[] = ['practice', 'testnet', 'mainnet'];
