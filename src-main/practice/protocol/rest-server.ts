// REST on node:http: from the request's bytes to the gateway and back, with Binance's headers.
// It must hand the signed text on exactly as it was sent, and must keep requests concurrent.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { planFaults, type Interruption } from './fault-plan.ts';
import type { Faults } from './faults.ts';
import type { Gateway, Outcome } from './gateway.ts';
import type { Operation } from './operation.ts';
import type { RawParams } from './params.ts';
import { Refusal, refusals } from './refusal.ts';
import { restRoutes } from './routes.ts';
import type { Wire } from './wire.ts';

const MAX_BODY_BYTES = 64 * 1024;
const JSON_TYPE = 'application/json;charset=UTF-8';

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
}

export class RestServer {
  readonly #gateway: Gateway;
  readonly #faults: Faults;
  readonly #wire: Wire;

  constructor(gateway: Gateway, faults: Faults, wire: Wire) {
    this.#gateway = gateway;
    this.#faults = faults;
    this.#wire = wire;
  }

  /** The node:http request listener. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const method = request.method ?? 'GET';
    const arrive = (body: string): void =>
      this.#wire.toExchange(request.socket, () => this.#receive({ method, path, query, body }, request, response));
    if (method === 'GET') arrive('');
    else readBody(request, arrive, () => request.socket.destroy());
  }

  #receive(parts: Parts, request: IncomingMessage, response: ServerResponse): void {
    const methods = restRoutes.get(parts.path);
    if (methods === undefined) {
      this.#send(response, 404, { 'Content-Type': 'text/html' }, statusPage(404, 'Not Found'));
      return;
    }
    const operation = methods.get(parts.method);
    if (operation === undefined) {
      this.#sendRefusal(response, refusals.notSupported(405), { Allow: [...methods.keys()].join(', ') });
      return;
    }
    const raw = parseParams(parts.query, parts.body);
    this.#run(operation, parts, raw, request, response);
  }

  #run(operation: Operation, parts: Parts, raw: RawParams | Refusal, request: IncomingMessage, response: ServerResponse): void {
    if (raw instanceof Refusal) {
      this.#sendRefusal(response, raw);
      return;
    }
    const subject = { method: parts.method, path: parts.path, symbol: raw.get('symbol') };
    const plan = planFaults(this.#faults.strike('rest', subject), this.#gateway.venue.nowMs());
    const ip = request.socket.remoteAddress ?? '';
    this.#wire.after(plan.delayBeforeMs, () => {
      if (plan.before !== undefined) {
        this.#interrupt(plan.before, response);
        return;
      }
      const header = request.headers['x-mbx-apikey'];
      const apiKey = typeof header === 'string' ? header : undefined;
      const payload = (): string => withoutSignature(parts.query) + withoutSignature(parts.body);
      const outcome = this.#gateway.execute({ operation, raw, ip, proof: { kind: 'signature', apiKey, payload } });
      this.#wire.after(plan.delayAfterMs, () => {
        if (plan.after !== undefined) this.#interrupt(plan.after, response);
        else this.#answer(response, outcome, ip);
      });
    });
  }

  #answer(response: ServerResponse, { result, orderCounts }: Outcome, ip: string): void {
    const { limits } = this.#gateway.venue;
    const used = String(limits.usedWeight(ip, this.#gateway.venue.nowMs()));
    const headers: Record<string, string> = { 'X-MBX-USED-WEIGHT': used, 'X-MBX-USED-WEIGHT-1M': used };
    if (orderCounts !== undefined) {
      headers['X-MBX-ORDER-COUNT-10S'] = String(orderCounts.tenSeconds);
      headers['X-MBX-ORDER-COUNT-1D'] = String(orderCounts.day);
    }
    if (result instanceof Refusal) {
      this.#sendRefusal(response, result, headers);
      return;
    }
    headers['Content-Type'] = JSON_TYPE;
    this.#send(response, 200, headers, JSON.stringify(result));
  }

  #sendRefusal(response: ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void {
    const { status, code, msg, data, retryAtMs } = refusal;
    headers['Content-Type'] = JSON_TYPE;
    if (retryAtMs !== undefined) {
      const waitMs = retryAtMs - this.#gateway.venue.nowMs();
      headers['Retry-After'] = String(Math.max(0, Math.ceil(waitMs / 1000)));
    }
    this.#send(response, status, headers, JSON.stringify(data === undefined ? { code, msg } : { code, msg, data }));
  }

  #interrupt(interruption: Interruption, response: ServerResponse): void {
    switch (interruption.kind) {
      case 'cut':
        this.#onWire(response, () => response.destroy());
        return;
      case 'silence':
        return;
      case 'status':
        this.#send(response, interruption.status, { 'Content-Type': 'text/html' }, statusPage(interruption.status, 'Error'));
        return;
      case 'refusal':
        this.#sendRefusal(response, interruption.refusal);
        return;
      case 'stall':
        this.#onWire(response, () => {
          response.writeHead(200, { 'Content-Type': JSON_TYPE });
          response.write('{"');
        });
    }
  }

  #send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
    this.#onWire(response, () => {
      headers['Content-Length'] = String(Buffer.byteLength(body));
      response.writeHead(status, headers);
      response.end(body);
    });
  }

  #onWire(response: ServerResponse, deliver: () => void): void {
    const { socket } = response;
    if (socket !== null && !socket.destroyed) this.#wire.toClient(socket, deliver);
  }
}

const statusPage = (status: number, words: string): string =>
  `<html>\r\n<head><title>${status} ${words}</title></head>\r\n<body>\r\n<center><h1>${status} ${words}</h1></center>\r\n</body>\r\n</html>\r\n`;

function readBody(request: IncomingMessage, done: (body: string) => void, tooLong: () => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) tooLong();
    else chunks.push(chunk);
  });
  request.on('end', () => done(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString()));
}

/** "If a parameter is sent in both the query string and request body, the query string parameter will be used." */
function parseParams(query: string, body: string): RawParams | Refusal {
  const params = new Map<string, string>();
  try {
    if (!addParams(params, query)) return refusals.duplicateParam();
    if (body === '') return params;
    const fromBody = new Map<string, string>();
    if (!addParams(fromBody, body)) return refusals.duplicateParam();
    for (const [name, value] of fromBody) if (!params.has(name)) params.set(name, value);
    return params;
  } catch {
    return new Refusal(400, -1100, 'Illegal characters found in a parameter.'); // a broken percent escape
  }
}

/** False when a parameter comes twice. Throws URIError on a broken escape. */
function addParams(params: Map<string, string>, text: string): boolean {
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      const equals = text.indexOf('=', start);
      const split = equals < 0 || equals > end ? end : equals;
      const name = decode(text.slice(start, split));
      if (params.has(name)) return false;
      params.set(name, decode(text.slice(split + 1, end)));
    }
    start = end + 1;
  }
  return true;
}

const decode = (text: string): string => (text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text);

/** The signed text: everything but the signature itself, wherever that stands. */
function withoutSignature(text: string): string {
  const start = text.startsWith('signature=') ? 0 : text.indexOf('&signature=');
  if (start < 0) return text;
  const end = text.indexOf('&', start + 1);
  if (start === 0) return end < 0 ? '' : text.slice(end + 1);
  return end < 0 ? text.slice(0, start) : text.slice(0, start) + text.slice(end);
}
