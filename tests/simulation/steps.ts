// How long a seed of `npm test` lives: two rests, enough for all that seeds.ts expects to meet.
export const STEPS = 120;
