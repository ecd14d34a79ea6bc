// What the answer to a cancel-replace proves of its two halves (rest-api.md, "Cancel an Existing Order and Send a New Order"): each is
// turned into what a request of its own would have brought. It must never let one half's proof speak for the other.
import * as answers from './answers.ts';
import { parsed, refusedWith, type RestOutcome } from './rest.ts';

export interface Halves {
  readonly canceled: RestOutcome;
  readonly placed: RestOutcome;
}

/** The halves of what came back. What is said of the request as a whole (unsent, refused at once, lost) holds for both. */
export const halvesOf = (outcome: RestOutcome): Halves => {
  if (outcome.kind === 'answered') return read(outcome.json, outcome);
  if (outcome.kind === 'refused' && outcome.verdict === 'halves') {
    const error = parsed(answers.replacementError, outcome.json);
    return read(error.ok ? error.value : null, { sentAtMs: outcome.sentAtMs, roundTripMs: 0 });
  }
  return { canceled: outcome, placed: outcome };
};

interface Times {
  readonly sentAtMs: number;
  readonly roundTripMs: number;
}

const read = (json: unknown, { sentAtMs, roundTripMs }: Times): Halves => {
  const answer = parsed(answers.replacement, json);
  if (!answer.ok) {
    const lost: RestOutcome = { kind: 'lost', failure: answer.error, sentAtMs };
    return { canceled: lost, placed: lost };
  }
  const half = (result: 'SUCCESS' | 'FAILURE', response: unknown): RestOutcome =>
    result === 'SUCCESS' ? { kind: 'answered', json: response, roundTripMs, sentAtMs } : refusedWith(BAD_REQUEST, response, sentAtMs);
  const { cancelResult, cancelResponse, newOrderResult, newOrderResponse } = answer.value;
  return {
    canceled: half(cancelResult, cancelResponse),
    placed: newOrderResult === 'NOT_ATTEMPTED' ? { ...NOT_ATTEMPTED, sentAtMs } : half(newOrderResult, newOrderResponse),
  };
};

/** A half carries no status of its own; what was worth a 5xx or 429 came as the whole answer's. */
const BAD_REQUEST = 400;

const NOT_ATTEMPTED = {
  kind: 'refused',
  verdict: 'refused',
  failure: { kind: 'refused', code: -2022, text: 'The order to be replaced could not be cancelled, so the new one was not placed' },
  json: null,
} as const;
