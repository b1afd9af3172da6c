import * as assert from 'node:assert/strict';
import { parseListing } from '../../../src/engine/remotes/davXml';

const BASE = new URL('http://h:8080/a%20b/files/');
const FILE = '<D:resourcetype/><D:getcontentlength>5</D:getcontentlength>';
const FOLDER = '<D:resourcetype><D:collection/></D:resourcetype>';
const one = (href: string, props = FILE, status = '200 OK'): string =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${props}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat></D:response>`;
const all = (...responses: string[]): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">${responses.join('')}</D:multistatus>`;

describe('parseListing', () => {
  /** What a listing of {@link BASE} gives: `name size` or `name/`. */
  function check(text: string, expected: readonly string[] | undefined): void {
    const entries = parseListing(text, BASE)?.map(({ name, folder, size }) => `${name}${folder ? '/' : ` ${size}`}`);
    assert.deepEqual(entries, expected);
  }

  for (const [what, text, expected] of [
    ['nothing but the folder itself', all(one('/a%20b/files/', FOLDER)), []],
    [
      'files and folders',
      all(one('/a%20b/files/', FOLDER), one('/a%20b/files/x'), one('/a%20b/files/md5/', FOLDER)),
      ['x 5', 'md5/'],
    ],
    [
      'addresses with a host',
      all(one('http://h:8080/a%20b/files/x'), one('https://other/a%20b/files/y')),
      ['x 5', 'y 5'],
    ],
    [
      'names with blanks, signs and letters',
      all(one('/a%20b/files/%C3%B1%20%26%20+'), one('/a%20b/files/p&amp;q'), one('/a%20b/files/&#120;&#x79;')),
      ['ñ & + 5', 'p&q 5', 'xy 5'],
    ],
    ['no size', all(one('/a%20b/files/x', '<D:resourcetype/>')), ['x undefined']],
    ['other prefixes', all(one('/a%20b/files/x')).replaceAll('D:', 'lp1:'), ['x 5']],
    ['no prefix', all(one('/a%20b/files/x')).replaceAll('D:', '').replace('xmlns:D', 'xmlns'), ['x 5']],
    ['properties that are not there', all(one('/a%20b/files/x', FILE, '404 Not Found')), []],
    [
      'what lies elsewhere or deeper',
      all(one('/etc/passwd'), one('/a%20b/files/x/y'), one('/a%20b/files/../up'), one('/a%20b')),
      [],
    ],
    [
      'names that lead away',
      all(one('/a%20b/files/..%2fx'), one('/a%20b/files/%2e%2e'), one('/a%20b/files/a%5Cb'), one('/a%20b/files/%zz')),
      [],
    ],
    [
      'names that objects have',
      all(one('/a%20b/files/__proto__'), one('/a%20b/files/constructor')),
      ['__proto__ 5', 'constructor 5'],
    ],
    ['an address that is none', all(one('http://['), one('')), []],
    ['an empty list', '<D:multistatus xmlns:D="DAV:"/>', []],
    ['a list cut short', all(one('/a%20b/files/x')).slice(0, -30), undefined],
    ['a page', '<!doctype html><html><body><p>Log in</body></html>', undefined],
    ['another document', '<a><b/></a>', undefined],
    ['text', 'no', undefined],
    ['nothing', '', undefined],
    ['an entity of its own', `<!DOCTYPE d [<!ENTITY a "x">]>${all(one('/a%20b/files/&a;'))}`, undefined],
    [
      'a file as entity',
      `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><D:multistatus>&a;</D:multistatus>`,
      undefined,
    ],
    ['an entity that nobody knows', all(one('/a%20b/files/&a;')), ['&a; 5']],
  ] as const) {
    it(`reads ${what}`, () => check(text, expected));
  }

  it('is quick with a bomb, with depth and with length', () => {
    const lines = Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`);
    const bomb = `<!DOCTYPE d [<!ENTITY a0 "lol">${lines.join('')}]><D:multistatus>&a9;</D:multistatus>`;
    const started = Date.now();
    check(bomb, undefined);
    check(`${'<a>'.repeat(200_000)}`, undefined);
    assert.ok(Date.now() - started < 1000);
    const many = all(...Array.from({ length: 5000 }, (_, n) => one(`/a%20b/files/f${n}`)));
    assert.equal(parseListing(many, BASE)?.length, 5000);
    assert.ok(Date.now() - started < 4000);
  });
});
