// Theme and palette, kept by main and applied at once. When main cannot keep them the window still wears them, and says so.
import { create } from 'zustand';
import type { Preferences } from '../../../src-shared/contract/contract.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { applyTheme } from '../../theme/theme.ts';
import { tell } from './screen.ts';

export const usePreferences = create<Preferences>(() => ({ theme: 'system', palette: 'standard' }));

/** Wears the default at once, then what main has kept. Returns how to stop. */
export const startPreferences = (): (() => void) => {
  let unfollow = applyTheme(usePreferences.getState());
  const unsubscribe = usePreferences.subscribe((preferences) => {
    unfollow();
    unfollow = applyTheme(preferences);
  });
  void call('getPreferences', {}).then((kept) => {
    if (kept.ok) usePreferences.setState(kept.value);
  });
  return () => {
    unsubscribe();
    unfollow();
  };
};

export const prefer = async (change: Partial<Preferences>): Promise<void> => {
  usePreferences.setState(change);
  const problem = failureText(await call('setPreferences', usePreferences.getState()));
  if (problem !== undefined) tell('danger', `The look was changed for now but not kept: ${problem}`);
};
