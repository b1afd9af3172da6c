import assert from 'node:assert/strict';
import { Cancelled, isCancelled } from '../../../src/base/cancel';
import { StrataError } from '../../../src/engine/errors';
import { answerOf, codeIn, explain, isTooMuch, S3Answer, s3MayPass } from '../../../src/engine/remotes/s3Errors';

const NOW = Date.UTC(2026, 0, 1, 12);
const TARGET = {
  name: 'cloud',
  url: 's3://data/x',
  bucket: 'data',
  endpoint: 'http://localhost:1',
  profile: undefined,
} as const;

/** A refusal by the server; `date` is what its clock says. */
function answer(status: number, code = '', date?: number): S3Answer {
  return new S3Answer(status, code, date === undefined ? {} : { date: new Date(date).toUTCString() });
}

function system(code: string): Error {
  return Object.assign(new Error(`failed with the key AKIASECRET`), { code });
}

function named(name: string, more: object = {}): Error {
  return Object.assign(new Error('AKIASECRET'), { name, ...more });
}

/** The code of what is shown; `same` when the error is passed on as it came. */
function shownAs(error: unknown, key?: string): unknown {
  const shown = explain(error, TARGET, NOW, key);
  if (isCancelled(shown)) return 'cancelled';
  if (!(shown instanceof StrataError)) return shown === error ? 'same' : shown;
  assert.doesNotMatch(JSON.stringify(shown.data), /AKIASECRET/);
  return shown.code === 's3.clock' ? [shown.code, shown.data['minutes']] : shown.code;
}

describe('failures at S3', () => {
  const DAY = 24 * 3_600_000;
  const MINUTE = 60_000;
  const cases: readonly (readonly [string, unknown, unknown, key?: string])[] = [
    ['a clock a day off', answer(403, 'RequestTimeTooSkewed', NOW - DAY), ['s3.clock', 1440]],
    ['a clock a day ahead, without the word for it', answer(403, '', NOW + DAY), ['s3.clock', 1440]],
    ['a wrong signature from a clock a day off', answer(403, 'SignatureDoesNotMatch', NOW - DAY), ['s3.clock', 1440]],
    ['an expired request without a date', answer(403, 'RequestExpired'), ['s3.clock', 0]],
    ['a refusal five minutes off', answer(403, 'AccessDenied', NOW - 5 * MINUTE), 's3.denied'],
    ['a missing object a day off', answer(404, 'NoSuchKey', NOW - DAY), 'remotes.missing', 'k'],
    ['no bucket', answer(404, 'NoSuchBucket'), 's3.noBucket', 'k'],
    ['no object', answer(404, 'NoSuchKey'), 'remotes.missing', 'k'],
    ['nothing there, without a word', answer(404), 'remotes.missing', 'k'],
    ['an upload that has gone', answer(404, 'NoSuchUpload'), 's3.refused', 'k'],
    ['an unknown key', answer(403, 'InvalidAccessKeyId'), 's3.unknownKey'],
    ['a wrong secret', answer(403, 'SignatureDoesNotMatch', NOW), 's3.wrongSecret'],
    ['an expired token', answer(400, 'ExpiredToken'), 's3.expired'],
    ['no rights', answer(403, 'AccessDenied', NOW), 's3.denied'],
    ['nobody known', answer(401), 's3.denied'],
    ['another region', answer(301, 'PermanentRedirect'), 's3.elsewhere'],
    ['an archived object', answer(403, 'InvalidObjectState'), 's3.archived'],
    ['damage on the way', answer(400, 'BadDigest'), 'remotes.broken'],
    ['too many requests', answer(503, 'SlowDown'), 'remotes.busy'],
    ['a broken server', answer(500), 'remotes.busy'],
    ['something else', answer(400, 'MalformedXML'), 's3.refused'],
    ['no keys at all', named('CredentialsProviderError'), 's3.noKeys'],
    ['a token file that cannot be read', named('TokenProviderError'), 's3.noKeys'],
    ['a certificate', system('SELF_SIGNED_CERT_IN_CHAIN'), 's3.certificate'],
    ['nobody there', system('ECONNREFUSED'), 's3.unreachable'],
    ['a name that nobody has', system('ENOTFOUND'), 's3.unreachable'],
    ['a broken connection', system('ECONNRESET'), 'remotes.broken'],
    ['an answer that is none', system('HPE_INVALID_CONSTANT'), 'remotes.broken'],
    ['the SDK gave up waiting', named('TimeoutError'), 'remotes.broken'],
    ['as the SDK throws it', named('NoSuchBucket', { $metadata: { httpStatusCode: 404 } }), 's3.noBucket'],
    ['a cancel', new Cancelled(), 'cancelled'],
    ['one of ours', new StrataError('s3.halfKey', {}), 's3.halfKey'],
    ['a mistake of ours', new TypeError('x'), 'same'],
  ];
  for (const [what, error, expected, key] of cases)
    it(`are told: ${what}`, () => assert.deepEqual(shownAs(error, key), expected));

  it('may pass when the server is busy or the way is bad, after the time it asks for', () => {
    const after = (seconds: string): S3Answer => new S3Answer(503, 'SlowDown', { 'retry-after': seconds });
    assert.deepEqual(s3MayPass(after('7'), NOW), { afterMs: 7000 });
    for (const error of [answer(500), answer(429), answer(400, 'RequestTimeout'), answer(400, 'IncompleteBody')])
      assert.deepEqual(s3MayPass(error, NOW), {});
    assert.notEqual(s3MayPass(system('ECONNRESET'), NOW), undefined);
    for (const error of [answer(403, 'AccessDenied'), answer(404, 'NoSuchKey'), answer(400, 'ExpiredToken')])
      assert.equal(s3MayPass(error, NOW), undefined);
    assert.deepEqual([answer(503), answer(429), answer(400, 'SlowDown'), answer(500), new Error('x')].map(isTooMuch), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('take from an answer only what is a word', () => {
    assert.equal(codeIn('<Error><Code> NoSuchKey </Code><Message>AKIASECRET</Message></Error>'), 'NoSuchKey');
    for (const body of ['', '<Code></Code>', '<Code>a b</Code>', '<Code><x/></Code>', `<Code>${'a'.repeat(70)}</Code>`])
      assert.equal(codeIn(body), '');
    assert.equal(answerOf(named('no word', { $metadata: { httpStatusCode: 418 } }))?.code, '');
    assert.equal(answerOf(new Error('x')), undefined);
    assert.equal(answerOf(undefined), undefined);
  });
});
