// The fault desk's own loopback address: POST/GET/DELETE /faults, POST /desk, GET /state.
// JSON in, JSON out; what cannot be read is answered with 400 and the reason, and changes nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { performDesk, type DeskAnswer, type DeskContext } from './desk.ts';
import { faultRuleSchema } from './faults.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** The desk's HTTP server, not yet listening. */
export function createDeskServer(desk: DeskContext): Server {
  return createServer((request, response) => {
    readJson(request)
      .then((body) => send(response, body.ok ? route(desk, request, body.value) : body))
      .catch(() => response.destroy()); // the caller went away in mid-request: nobody to answer
  });
}

function route(desk: DeskContext, request: IncomingMessage, body: unknown): DeskAnswer {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://desk');
  switch (`${request.method ?? ''} ${pathname}`) {
    case 'POST /faults':
      return addFaults(desk, Array.isArray(body) ? body : [body]);
    case 'GET /faults':
      return performDesk(desk, { op: 'listFaults' });
    case 'DELETE /faults':
      return performDesk(desk, { op: 'clearFaults' });
    case 'POST /desk':
      return performDesk(desk, body);
    case 'GET /state':
      return performDesk(desk, { op: 'state', account: searchParams.get('account') ?? 'main' });
    default:
      return { ok: false, reason: 'POST, GET or DELETE /faults; POST /desk; GET /state' };
  }
}

/** All of the rules, or none of them. */
function addFaults(desk: DeskContext, rules: readonly unknown[]): DeskAnswer {
  const parsed = z.array(faultRuleSchema).min(1).safeParse(rules);
  if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error) };
  return { ok: true, value: parsed.data.map((rule) => desk.faults.add(rule)) };
}

function send(response: ServerResponse, answer: DeskAnswer): void {
  const body = JSON.stringify(answer.ok ? answer.value : { error: answer.reason });
  response.writeHead(answer.ok ? 200 : 400, { 'Content-Type': 'application/json' });
  response.end(body);
}

async function readJson(request: IncomingMessage): Promise<DeskAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return { ok: false, reason: `a body of at most ${MAX_BODY_BYTES} bytes` };
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, reason: 'the body is not JSON' };
  }
}
