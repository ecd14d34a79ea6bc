// What the practice exchange says when it refuses a request: Binance's HTTP status, code and message, in one place.
// It must never invent a wording: every text here is from binance-spot-api-docs (errors.md, rest-api.md).

/** A refused request: HTTP status (also the WS-API's `status`), Binance's code and message, and what goes with them. */
export class Refusal {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** Goes out as `data` beside code and message (order.cancelReplace). */
  readonly data: unknown;
  /** When a limited or banned caller may come back, epoch ms. REST says it as Retry-After, the WS-API as data.retryAfter. */
  readonly retryAtMs: number | undefined;

  constructor(status: number, code: number, msg: string, extra: { data?: unknown; retryAtMs?: number } = {}) {
    this.status = status;
    this.code = code;
    this.msg = msg;
    this.data = extra.data;
    this.retryAtMs = extra.retryAtMs;
  }
}

const bad = (code: number, msg: string): Refusal => new Refusal(400, code, msg);

export const refusals = {
  timeout: () =>
    new Refusal(504, -1007, 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.'),
  tooMuchWeight: (limit: number, retryAtMs: number) =>
    new Refusal(
      429,
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      { retryAtMs },
    ),
  tooManyRequests: (retryAtMs: number) => new Refusal(429, -1003, 'Too many requests queued.', { retryAtMs }),
  banned: (retryAtMs: number) =>
    new Refusal(
      418,
      -1003,
      `Way too much request weight used; IP banned until ${retryAtMs}. Please use WebSocket Streams for live updates to avoid bans.`,
      { retryAtMs },
    ),
  tooManyOrders: (limit: number, interval: string, retryAtMs: number) =>
    new Refusal(429, -1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, { retryAtMs }),
  notSupported: (status = 400) => new Refusal(status, -1020, 'This operation is not supported.'),
  outsideRecvWindow: () => bad(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  aheadOfServer: () => bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  badSignature: () => bad(-1022, 'Signature for this request is not valid.'),
  badRecvWindow: () => bad(-1131, 'recvWindow must be less than 60000.'),
  illegalChars: (name: string, range: string) => bad(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`),
  tooManyParams: (expected: number, received: number) =>
    bad(-1101, `Too many parameters; expected '${expected}' and received '${received}'.`),
  duplicateParam: () => bad(-1101, 'Duplicate values for a parameter detected.'),
  mandatory: (name: string) => bad(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  eitherMandatory: (one: string, other: string) => bad(-1102, `Param '${one}' or '${other}' must be sent, but both were empty/null!`),
  unread: (read: number, sent: number) =>
    bad(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`),
  empty: (name: string) => bad(-1105, `Parameter '${name}' was empty.`),
  notRequired: (name: string) => bad(-1106, `Parameter '${name}' sent when not required.`),
  overflow: (name: string) => bad(-1108, `Parameter '${name}' overflowed.`),
  tooPrecise: (name: string) => bad(-1111, `Parameter '${name}' has too much precision.`),
  badTimeInForce: () => bad(-1115, 'Invalid timeInForce.'),
  badOrderType: () => bad(-1116, 'Invalid orderType.'),
  badSide: () => bad(-1117, 'Invalid side.'),
  badInterval: () => bad(-1120, 'Invalid interval.'),
  badSymbol: () => bad(-1121, 'Invalid symbol.'),
  badCombination: () => bad(-1128, 'Combination of optional parameters invalid.'),
  lookupTooLong: (hours: number) => bad(-1127, `More than ${hours} hours between startTime and endTime.`),
  invalidData: (name: string) => bad(-1130, `Data sent for parameter '${name}' is not valid.`),
  badStrategyType: () => bad(-1134, '`strategyType` was less than 1000000.'),
  badJson: () => bad(-1135, 'Invalid JSON Request'),
  badJsonParam: (name: string) => bad(-1135, `JSON sent for parameter '${name}' is not valid`),
  badTickerType: () => bad(-1139, 'Invalid ticker type.'),
  badCancelRestrictions: () => bad(-1145, 'Invalid cancelRestrictions'),
  duplicateSymbols: () => bad(-1151, 'Symbol is present multiple times in the list.'),
  ocoTypeRejected: () => bad(-1158, 'Order type not supported in OCO.'),
  symbolStatusMismatch: () => bad(-1220, "The symbol's status does not match the requested symbolStatus."),
  badKeyFormat: () => new Refusal(401, -2014, 'API-key format invalid.'),
  badKey: () => new Refusal(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
  subscriptionActive: () => bad(-2035, 'User Data Stream subscription already active.'),
  tooManySubscriptions: () => bad(-2042, 'Maximum subscription ID reached for this connection.'),
  subscriptionInactive: () => bad(-2036, 'User Data Stream subscription not active.'),
} as const;
