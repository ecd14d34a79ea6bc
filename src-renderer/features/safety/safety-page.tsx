// What can happen to the money today, without trust: what a buy would meet, why, how far each limit is, what stops everything, and how
// that was proven. It shows what the console says; each act is a call that the console judges.
import { AutoTripCard, BreakerCard } from './breaker-card.tsx';
import { BuyNowSection } from './buy-now.tsx';
import { CausesSection } from './causes.tsx';
import { GaugesSection } from './gauges.tsx';
import { LadderCard } from './ladder-card.tsx';
import { GuardsCard, PolicyCard } from './standing.tsx';
import { DrillCard, StopCard } from './stop-card.tsx';
import './safety.css';

export const SafetyPage = () => (
  <div className="page-scroll safety">
    <h1 className="page-title">Safety</h1>
    <BuyNowSection />
    <CausesSection />
    <GaugesSection />
    <BreakerCard />
    <AutoTripCard />
    <div className="safety-pair">
      <StopCard />
      <DrillCard />
    </div>
    <LadderCard />
    <div className="safety-pair">
      <PolicyCard />
      <GuardsCard />
    </div>
  </div>
);
