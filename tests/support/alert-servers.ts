// The other side of alerts, real on loopback: a web server that takes webhooks, and a mail server that takes mail. Each keeps what came
// and behaves as the test says.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

/** Waits until something came about; rejects when it did not in time. */
export const cameAbout = async <T>(what: string, look: () => T | undefined | false, withinMs = 10_000): Promise<T> => {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** A port on which nobody listens. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WebhookServer {
  readonly origin: string;
  readonly posted: Posted[];
  /** How the next requests are answered; a stalled one never is. */
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

export const OK = (response: ServerResponse): void => void response.writeHead(200).end('ok');
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end('a body that nobody should repeat');

export const startWebhookServer = async (): Promise<WebhookServer> => {
  const posted: Posted[] = [];
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      posted.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Posted['body'] });
      server.answer(response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: WebhookServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    posted,
    answer: OK,
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  return server;
};

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly encrypted: boolean;
  readonly user: string | null;
  readonly raw: string;
}

export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** Passwords that were offered. */
  readonly offered: string[];
  close(): Promise<void>;
}

export interface MailServerOptions {
  readonly login?: { readonly user: string; readonly password: string };
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte instead of STARTTLS. */
  readonly secure?: boolean;
  /** Answers MAIL FROM with this code. */
  readonly refuses?: number;
  /** Never answers the message. */
  readonly stalls?: boolean;
}

export const startMailServer = async (options: MailServerOptions = {}): Promise<MailServer> => {
  const { login, tls } = options;
  const mails: Mail[] = [];
  const offered: string[] = [];
  const smtp = new SMTPServer({
    logger: false,
    authOptional: login === undefined,
    secure: options.secure === true,
    hideSTARTTLS: tls === undefined,
    allowInsecureAuth: tls === undefined,
    ...(tls !== undefined && tls),
    onMailFrom: (_address, _session, done) =>
      done(options.refuses === undefined ? null : Object.assign(new Error('a secret answer'), { responseCode: options.refuses })),
    onAuth: (auth, _session, done) => {
      offered.push(auth.password ?? '');
      if (auth.username === login?.user && auth.password === login?.password) done(null, { user: auth.username });
      else done(new Error(`no such login: ${auth.password ?? ''}`));
    },
    onData: (stream, session, done) => {
      let raw = '';
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString('utf8')));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          encrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
          raw,
        });
        if (options.stalls !== true) done();
      });
    },
  });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (smtp.server.address() as AddressInfo).port,
    mails,
    offered,
    close: () =>
      new Promise((resolve) => {
        for (const connection of smtp.connections) connection.close();
        smtp.close(() => resolve());
      }),
  };
};

/** A certificate for localhost, made now; null where there is no openssl. */
export const makeCertificate = (): { readonly key: string; readonly cert: string } | null => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-cert-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return null;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
