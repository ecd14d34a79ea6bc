// Runs in the sandboxed window before its page: puts one named function an entry on `window.holdfast`. It must expose no channel, no
// event object and nothing of Electron.
import { contextBridge, ipcRenderer } from 'electron';
import type { CallName, Push } from '../../../src-shared/contract/contract.ts';
import { CALL_NAMES, exposeApi } from '../../ipc/exposed.ts';
import { callChannel, PUSH_CHANNEL, TAKEN_CHANNEL } from './channels.ts';

const { api, receive } = exposeApi(CALL_NAMES, (name, input) => ipcRenderer.invoke(callChannel(name as CallName), input));

ipcRenderer.on(PUSH_CHANNEL, (_event, batch: number, pushes: readonly Push[]) => {
  receive(pushes);
  ipcRenderer.send(TAKEN_CHANNEL, batch);
});

contextBridge.exposeInMainWorld('holdfast', api);
