import * as assert from 'node:assert/strict';
import { parseAwsConfig, profileIn } from '../../../src/engine/remotes/s3Profile';
import { partsOf } from '../../../src/engine/remotes/s3Parts';
import { EMPTY_SHA256, encodeS3, S3Signer } from '../../../src/engine/remotes/s3Sign';

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const AT = Date.UTC(2013, 4, 24);

describe('S3Signer', () => {
  it("signs the example of Amazon's reference", () => {
    const headers = { host: 'examplebucket.s3.amazonaws.com', range: 'bytes=0-9' };
    const request = { method: 'GET', path: '/test.txt', query: '', headers, bodyHash: EMPTY_SHA256 };
    const signed = new S3Signer().sign(request, KEYS, 'us-east-1', AT)['authorization'] ?? '';
    assert.match(signed, /Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/);
  });

  it('encodes names once, slashes in values too', () => {
    assert.equal(encodeS3("a b/ñ$(1)!'*~"), 'a%20b/%C3%B1%24%281%29%21%27%2A~');
    assert.equal(encodeS3('a/b', false), 'a%2Fb');
  });
});

describe('the AWS configuration', () => {
  const config = parseAwsConfig(
    '[default]\nregion = eu-west-1 # here\n[profile x]\ns3 =\n  addressing_style = virtual\nregion=us-east-2\nservices = y\n[services y]\ns3 =\n  endpoint_url = http://h:1\n',
  );
  it('gives profiles by name, with what stands below another key', () => {
    assert.deepEqual([...profileIn(config, 'default')], [['region', 'eu-west-1']]);
    const x = profileIn(config, 'x');
    assert.equal(x.get('s3.addressing_style'), 'virtual');
    assert.equal(x.get('region'), 'us-east-2');
    assert.equal(x.get('endpoint_url'), 'http://h:1');
    assert.equal(profileIn(config, 'none').size, 0);
  });
});

describe('partsOf', () => {
  for (const size of [1, 65 * 2 ** 20, 5 * 2 ** 40]) {
    it(`covers ${size} bytes with at most 10,000 parts`, () => {
      const parts = partsOf(size);
      assert.ok(parts.length <= 10_000);
      assert.equal(
        parts.reduce((at, part) => (assert.equal(part.start, at), at + part.length), 0),
        size,
      );
    });
  }
});
