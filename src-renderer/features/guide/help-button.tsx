// The small `?` beside a thing: opens the guide at the section that explains it.
import type { GuideAddress } from '../../../src-shared/domain/guide.ts';
import { show } from '../frame/screen.ts';
import './guide.css';

/** `about` completes the sentence "The guide about …" for those who cannot see what it stands beside. */
export const Help = ({ to, about }: { readonly to: GuideAddress; readonly about: string }) => (
  <button
    type="button"
    className="help"
    title="In the guide"
    aria-label={`The guide about ${about}`}
    data-help={to}
    onClick={() => show({ page: 'guide', guide: to, dialog: null })}
  />
);
