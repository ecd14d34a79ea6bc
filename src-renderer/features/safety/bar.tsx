// How much of a threshold is used, as a bar. Decorative: the numbers beside it say the same.
import { barPct } from '../../components/chart-numbers.ts';

export const Bar = ({ usedRatio }: { readonly usedRatio: number | null }) => (
  <span className={usedRatio === null ? 'spread' : 'gauge-bar'} aria-hidden="true">
    {usedRatio !== null && <span className="gauge-fill" style={{ width: `${barPct(usedRatio, 1)}%` }} />}
  </span>
);
