import assert from 'node:assert/strict';
import fc from 'fast-check';
import { is } from '../../../src/engine/errors';
import { parseFast } from '../../../src/engine/formats/fastYaml';
import { sameValue, toPlain } from '../../../src/engine/formats/values';
import { parseYamlSlowly } from '../../../src/engine/formats/yaml';

/** What the quick reader reads, the whole grammar reads equally; true when it read at all. */
function agrees(text: string): boolean {
  const fast = parseFast(text);
  if (!fast) return false;
  const slow = parseYamlSlowly(text, 'x');
  assert.ok(sameValue(fast.value, slow), `${JSON.stringify(text)}: ${JSON.stringify(toPlain(fast.value))}`);
  return true;
}

const LOCK = `# top
schema: '2.0'
stages:
  a:
    cmd: python train.py --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 ${''}
      --epsilon 0.03125

    # a note
    deps:
    - path: "d\\u00e9 \\
        x"
      hash: md5
      md5: 96f600b11e9b594722735620fe6b160f.dir
      size: 1
    params:
      params.yaml:
        l: []
        m: {}
        n:
  b:
    cmd:
    - 'it''s
      two lines'
    - - x
      - y
    -
`;

describe('quick YAML reader', () => {
  const regular: [string, string][] = [
    ['a dvc.lock', LOCK],
    ['nothing', ''],
    ['comments', '# a\n\n  # b\n'],
    ['text below its key', 'a: \n  b c\n  d\ne: f\n'],
    ['lists further in', 'a:\n  - b\n  - c: 1\n    d: 2\n'],
    ['comments at line ends', 'a: b # c\nd: # e\n  f: "g" # h\ni: [] # j\n'],
    ['no newline at the end', 'a:\n- b'],
    ['no-break spaces belong to the text', 'a: \u00a0b\u00a0\n'],
    ['escaped spaces at a fold', 'a: "b\\ \n  c \\\n  d"\n'],
  ];
  for (const [name, text] of regular) it(`reads ${name}`, () => assert.ok(agrees(text)));

  const irregular = [
    'a: &x b\n',
    'a: *x\n',
    'a: !!str 1\n',
    'a: |\n  b\n',
    'a: [b]\n',
    'a: {b: c}\n',
    '? a\n: b\n',
    '---\na: b\n',
    'a: b\n...\n',
    '%YAML 1.2\n',
    'a: b: c\n',
    'a: b\nc\n',
    'a: b\n c: d\n',
    'a: b\na: c\n',
    'a:\n\tb\n',
    'a: b\r\n',
    '<<: a\n',
    'a: "b\n\n  c"\n',
    "a: 'b\nc'\n",
    'a: b\n\n  c\n',
    'a: b # c\n  d\n',
    'a: "\\q"\n',
    'a: "b" c\n',
    '- a\nb: c\n',
    'a: []b\n',
    'a: @b\n',
    'a: - b\n',
    'plain\n',
    '"a": b\n"a": c\n',
    'a: "b\n',
    '1: a\n1.0: b\n  c\n',
  ];
  for (const text of irregular)
    it(`leaves ${JSON.stringify(text)} to the other`, () => assert.equal(parseFast(text), undefined));

  it('knows the lines of each entry', () => {
    const ranges = parseFast(LOCK)?.sections.get('stages');
    const b = ranges?.get('b');
    assert.deepEqual([...(ranges?.keys() ?? [])], ['a', 'b']);
    assert.ok(b);
    assert.equal(LOCK.slice(b.start, b.end), LOCK.slice(LOCK.indexOf('  b:\n')));
    assert.equal(b.line, 20);
    assert.equal(LOCK.split('\n')[b.line - 1], '  b:');
  });

  it('agrees with the whole grammar on mutants of a dvc.lock', () => {
    const fragment = fc.constantFrom(
      ' ',
      '\n',
      '\n  ',
      '- ',
      ': ',
      ':',
      '#',
      ' #',
      '"',
      "'",
      '\\',
      '[]',
      '{',
      '&a',
      '|',
      '~',
      '1',
      'x',
      '\\\n',
      "''",
      '? ',
    );
    const edit = fc.tuple(fc.nat(LOCK.length), fc.nat(3), fragment);
    let read = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = LOCK;
        for (const [at, cut, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + cut);
        if (!parseFast(text)) return;
        read += 1;
        try {
          agrees(text);
        } catch (error) {
          if (is(error)) assert.fail(`read what is not YAML: ${JSON.stringify(text)} ${error.message}`);
          throw error;
        }
      }),
      { numRuns: 800 },
    );
    assert.ok(read > 50, `only ${read} of the mutants were regular`);
  }).timeout(20_000);
});
