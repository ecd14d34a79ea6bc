// A cable between the adapter and the exchange that can be pulled in the middle of a request: both ends of the connection are destroyed,
// at the very byte that the test names. It looks at nothing but the first line of what passes.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** unsent: the request never arrives. arrived: it arrives, and no answer can. answered: the answer is on its way and never arrives. */
export type Moment = 'unsent' | 'arrived' | 'answered';

export interface Cable {
  readonly url: string;
  /** The next request whose first line starts so is the one at which the cable is pulled; once. */
  pullAt(moment: Moment, firstLine: string): void;
  close(): Promise<void>;
}

export const layCable = async (targetUrl: string): Promise<Cable> => {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let armed: { readonly moment: Moment; readonly firstLine: string } | undefined;

  const server = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port) });
    let doomed = false;
    const pull = (): void => {
      near.resetAndDestroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', pull).on('close', () => sockets.delete(socket));
    }
    near.on('data', (chunk) => {
      const moment = armed !== undefined && chunk.toString('latin1').startsWith(armed.firstLine) ? armed.moment : undefined;
      if (moment !== undefined) armed = undefined;
      if (moment === 'unsent') return pull();
      if (moment === 'answered') doomed = true;
      far.write(chunk, () => {
        if (moment === 'arrived') near.resetAndDestroy();
      });
    });
    far.on('data', (chunk) => {
      if (doomed) pull();
      else if (!near.destroyed) near.write(chunk);
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    pullAt: (moment, firstLine) => {
      armed = { moment, firstLine };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
