// Electron's side of the contract: one channel an entry, open to the main frame of our own page in our own window and to nobody else.
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import type { Push } from '../../../src-shared/contract/contract.ts';
import { fail } from '../../../src-shared/errors/result.ts';
import { CALL_NAMES } from '../../ipc/exposed.ts';
import type { WindowSession } from '../../ipc/window-session.ts';
import { isOurs } from '../page.ts';
import { callChannel, PUSH_CHANNEL, TAKEN_CHANNEL } from './channels.ts';
import { ORIGIN } from './guards.ts';

/** Whether an IPC event comes from the page that this window shows: never a frame inside it, never another page. */
export const isFromPage = (event: IpcMainEvent | IpcMainInvokeEvent, contents: WebContents): boolean =>
  event.sender === contents &&
  event.senderFrame !== null &&
  event.senderFrame === contents.mainFrame &&
  isOurs(event.senderFrame.url, ORIGIN);

export const serveCalls = (ipcMain: IpcMain, contents: WebContents, session: WindowSession): void => {
  for (const name of CALL_NAMES)
    ipcMain.handle(callChannel(name), (event, input: unknown) =>
      isFromPage(event, contents) ? session.call(name, input) : fail({ code: 'REFUSED', text: 'This page may not call the console.' }),
    );
};

export interface PushLine {
  /** Settles when the window has taken the batch. */
  send(pushes: readonly Push[]): Promise<void>;
  /** The page is gone: whatever is under way has failed. */
  reset(): void;
}

/** Pushes with an answer to each, so that a frozen window is noticed instead of being fed. */
export const createPushLine = (ipcMain: IpcMain, contents: WebContents): PushLine => {
  let batch = 0;
  let underWay: { readonly batch: number; readonly taken: () => void; readonly lost: (error: Error) => void } | null = null;
  ipcMain.on(TAKEN_CHANNEL, (event, taken: unknown) => {
    if (underWay === null || taken !== underWay.batch || !isFromPage(event, contents)) return;
    underWay.taken();
    underWay = null;
  });
  return {
    send: (pushes) =>
      new Promise((resolve, reject) => {
        if (contents.isDestroyed() || contents.isCrashed()) return reject(new Error('The window is gone.'));
        batch += 1;
        underWay = { batch, taken: resolve, lost: reject };
        contents.send(PUSH_CHANNEL, batch, pushes);
      }),
    reset() {
      underWay?.lost(new Error('The page is gone.'));
      underWay = null;
    },
  };
};
