// Half of the 200 seeds of `npm test` (seeds.ts): the other half runs beside it.
import { describeShard } from './seeds.ts';

describeShard(2);
