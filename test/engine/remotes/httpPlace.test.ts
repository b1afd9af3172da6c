import * as assert from 'node:assert/strict';
import { is } from '../../../src/engine/errors';
import { networkError } from '../../../src/engine/remotes/httpErrors';
import { addressOf, secondsOption, verifyOption } from '../../../src/engine/remotes/httpPlace';
import { webSettings } from '../../support/webServers';

describe('addressOf', () => {
  for (const [url, base, shown, user, password] of [
    ['http://h/p', 'http://h/p', 'http://h/p', undefined, undefined],
    ['https://h:8443/p/q//', 'https://h:8443/p/q', 'https://h:8443/p/q', undefined, undefined],
    ['http://h', 'http://h/', 'http://h', undefined, undefined],
    ['webdav://h/d', 'http://h/d', 'webdav://h/d', undefined, undefined],
    ['WebDAVs://h/d/', 'https://h/d', 'webdavs://h/d', undefined, undefined],
    ['https://ana:s%3Acret@h/p', 'https://h/p', 'https://h/p', 'ana', 's:cret'],
    ['https://ana@h/p', 'https://h/p', 'https://h/p', 'ana', undefined],
    ['https://h/p?sig=secret#x', 'https://h/p?sig=secret', 'https://h/p', undefined, undefined],
    ['http://[::1]:80/a b', 'http://[::1]/a%20b', 'http://[::1]/a%20b', undefined, undefined],
    ['http://ana:100%@h/', 'http://h/', 'http://h', 'ana', '100%'],
  ] as const) {
    it(`takes ${url} apart`, () => {
      const address = addressOf(webSettings(url));
      assert.deepEqual({ ...address, base: address.base.href }, { base, shown, user, password });
    });
  }

  it('does not show what it cannot read', () => {
    assert.throws(
      () => addressOf(webSettings('http://ana:s3cret@[/')),
      (error: unknown) => is(error, 'remoteHttp.badUrl') && !/s3cret/.test(error.message),
    );
  });
});

describe('secondsOption', () => {
  for (const [value, expected] of [
    [undefined, undefined],
    ['10', 10_000],
    ['0.5', 500],
    ['0', 86_400_000],
    ['1e9', 86_400_000],
  ] as const) {
    it(`reads ${value}`, () =>
      assert.equal(
        secondsOption(webSettings('http://h', value === undefined ? {} : { timeout: value }), 'timeout'),
        expected,
      ));
  }
  for (const value of ['', '-1', 'soon', 'NaN', 'Infinity']) {
    it(`refuses ${JSON.stringify(value)}`, () =>
      assert.throws(
        () => secondsOption(webSettings('http://h', { timeout: value }), 'timeout'),
        (error: unknown) => is(error, 'remoteHttp.badSeconds'),
      ));
  }
});

describe('verifyOption', () => {
  for (const [value, expected] of [
    [undefined, {}],
    ['True', {}],
    ['FALSE', { rejectUnauthorized: false }],
  ] as const) {
    it(`reads ${value}`, () =>
      assert.deepEqual(
        verifyOption(webSettings('https://h', value === undefined ? {} : { ssl_verify: value })),
        expected,
      ));
  }

  it('names a file that is not there', () => {
    assert.throws(
      () => verifyOption(webSettings('https://h', { ssl_verify: '/nowhere/ca.pem' })),
      (error: unknown) => is(error, 'fs.notFound') && error.data['path'] === '/nowhere/ca.pem',
    );
  });
});

describe('networkError', () => {
  for (const [code, reused, expected] of [
    ['ECONNRESET', false, 'remotes.broken'],
    ['EPIPE', true, 'remotes.broken'],
    ['ECONNREFUSED', false, 'remoteHttp.unreachable'],
    ['EAI_AGAIN', false, 'remoteHttp.unreachable'],
    ['ENOTFOUND', false, 'remoteHttp.noHost'],
    ['CERT_HAS_EXPIRED', false, 'remoteHttp.certificateTime'],
    ['CERT_NOT_YET_VALID', false, 'remoteHttp.certificateTime'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'remoteHttp.certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'remoteHttp.certificate'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', false, 'remoteHttp.certificate'],
    ['HPE_INVALID_CONSTANT', false, 'remoteHttp.notHttp'],
    ['HPE_INVALID_CONSTANT', true, 'remotes.broken'],
    ['HPE_HEADER_OVERFLOW', true, 'remoteHttp.notHttp'],
    ['EPROTO', false, 'remoteHttp.notHttp'],
  ] as const) {
    it(`calls ${code} ${expected}${reused ? ' on a connection that has served' : ''}`, () => {
      const error = networkError(Object.assign(new Error('x'), { code }), 'http://h', reused);
      assert.ok(is(error, expected), String(error));
    });
  }

  it('leaves what it does not know', () => {
    const bug = new TypeError('x');
    assert.equal(networkError(bug, 'http://h', false), bug);
  });
});
