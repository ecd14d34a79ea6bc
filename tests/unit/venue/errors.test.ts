// BINANCE 4: what each code proves. A wrong row here is a lost or a doubled order.
import { describe, expect, it } from 'vitest';
import { failureOf, readError, scrubberOf, verdictOf } from '../../../src-main/venue/errors.ts';

const at = (status: number, code: number | null, msg = '') => verdictOf(status, { code, msg });

describe('verdicts by Binance code (B8, BINANCE 4)', () => {
  it.each([-1002, -1010, -1013, -1014, -1016, -1020, -1022, -1100, -1111, -1121, -1130, -1199, -2010, -2014, -2015])(
    'code %i proves that nothing was executed',
    (code) => expect(at(400, code)).toBe('refused'),
  );
  it.each([-1003, -1015])('code %i proves it too, and holds what follows', (code) => expect(at(400, code)).toBe('limited'));
  it.each([-1000, -1001, -1006, -1007, -1008])('code %i leaves it unknown', (code) => expect(at(400, code)).toBe('unknown'));
  it.each([500, 502, 503, 504])('HTTP %i leaves it unknown whatever the body says', (status) => expect(at(status, -2010)).toBe('unknown'));
  it.each([429, 418])('HTTP %i proves that nothing was executed whatever the body says', (status) => {
    expect(at(status, null)).toBe('limited');
    expect(at(status, -1007)).toBe('limited');
  });
  it.each([-1099, -1200, -3000, -2023, 7])('code %i, which no table lists, is unknown: the safe side', (code) => {
    expect(at(400, code)).toBe('unknown');
  });
  it('an answer without a code is unknown', () => expect(at(403, null)).toBe('unknown'));
  it('a timestamp outside the window asks for the clock', () => expect(at(400, -1021)).toBe('clock'));
  it('"Duplicate order sent." means that the first one got through', () => {
    expect(at(400, -2010, 'Duplicate order sent.')).toBe('duplicate');
    expect(at(400, -2010, 'Account has insufficient balance for requested action.')).toBe('refused');
    expect(at(400, -1013, 'Duplicate order sent.')).toBe('refused');
  });
  it('-2011 and -2013 say what became of an order, no more', () => {
    expect(at(400, -2011)).toBe('not-open');
    expect(at(400, -2013)).toBe('absent');
  });
});

describe('the error in a body', () => {
  it('is read when it is there', () =>
    expect(readError({ code: -1121, msg: 'Invalid symbol.' })).toEqual({ code: -1121, msg: 'Invalid symbol.' }));
  it.each([null, undefined, 'text', 7, [], {}, { code: '-1121' }, { code: 1.5, msg: 3 }])('is none in %j', (body) => {
    expect(readError(body)).toEqual({ code: null, msg: '' });
  });
  it('becomes a failure of the right kind', () => {
    expect(failureOf('limited', 429, { code: -1003, msg: '' }).kind).toBe('held');
    expect(failureOf('unknown', 504, { code: -1007, msg: '' }).kind).toBe('late');
    expect(failureOf('unknown', 502, { code: null, msg: '' })).toEqual({ kind: 'unreachable', code: null, text: 'Binance answered 502' });
    expect(failureOf('refused', 400, { code: -2010, msg: 'No.' })).toEqual({ kind: 'refused', code: -2010, text: 'No.' });
  });
});

describe('scrubbing (Q12)', () => {
  const scrub = scrubberOf(['my-api-key', 'my/secret+text']);
  it.each([
    'the key my-api-key',
    'plain my/secret+text and encoded my%2Fsecret%2Btext',
    'GET /order?symbol=A&signature=0123abcd&x=1',
    '{"listenToken":"tok-123456"}',
    "listenKey: 'lk-987654'",
  ])('takes the secret out of %j', (text) => {
    expect(scrub(text)).not.toMatch(/my-api-key|my\/secret|my%2Fsecret|0123abcd|tok-123456|lk-987654/);
    expect(scrub(text)).toContain('***');
  });
  it('leaves other words alone, also where a secret is empty', () => {
    expect(scrubberOf([''])('Filter failure: PRICE_FILTER')).toBe('Filter failure: PRICE_FILTER');
  });
});
