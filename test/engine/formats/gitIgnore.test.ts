import assert from 'node:assert/strict';
import { addGitIgnore, gitIgnoreLine, removeGitIgnore } from '../../../src/engine/formats/gitIgnore';

describe('.gitignore lines', () => {
  const escaped: [string, string][] = [
    ['data.csv', '/data.csv'],
    ['#hash', '/\\#hash'],
    ['br[1]', '/br\\[1\\]'],
    ['a*b?c!d', '/a\\*b\\?c\\!d'],
    ['back\\s', '/back\\\\s'],
    ['with space', '/with space'],
    ['ends ', '/ends\\ '],
  ];
  for (const [name, line] of escaped) it(line, () => assert.equal(gitIgnoreLine(name), line));

  const added: [string, string, string, string][] = [
    ['to a new file', '', 'x', '/x\n'],
    ['at the end', '/a\n', 'x', '/a\n/x\n'],
    ['after a line that is not ended', '/a', 'x', '/a\n/x\n'],
    ['only once', '/x\n/a\n', 'x', '/x\n/a\n'],
    ['only once, with CRLF', '/x\r\n', 'x', '/x\r\n'],
  ];
  for (const [name, text, entry, expected] of added)
    it(`adds ${name}`, () => assert.equal(addGitIgnore(text, entry), expected));

  const removed: [string, string, string, string][] = [
    ['the line', '/a\n/x\n/b\n', 'x', '/a\n/b\n'],
    ['the escaped line', '# c\n/\\#hash\n', '#hash', '# c\n'],
    ['the line as older versions wrote it', '/#hash\n', '#hash', ''],
    ['the last line', '/x\n', 'x', ''],
    ['nothing else', '/xy\nx\n/x/\n', 'x', '/xy\nx\n/x/\n'],
    ['a line that is not ended', '/a\n/x', 'x', '/a\n'],
    ['with CRLF', '/a\r\n/x\r\n', 'x', '/a\r\n'],
  ];
  for (const [name, text, entry, expected] of removed)
    it(`removes ${name}`, () => assert.equal(removeGitIgnore(text, entry), expected));
});
