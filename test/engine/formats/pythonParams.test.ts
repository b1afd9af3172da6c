import assert from 'node:assert/strict';
import { readPython } from '../../../src/engine/formats/pythonParams';
import { pyRepr } from '../../../src/engine/formats/pyText';
import { isTuple } from '../../../src/engine/formats/values';

/** What a file holds, as Python would print the dictionary; or the line that is no Python, from 1. */
function check(text: string, expected: string | number): void {
  const found = readPython(text);
  if ('value' in found) return assert.equal(pyRepr(found.value), expected);
  assert.equal(text.slice(0, found.wrongAt).split('\n').length, expected);
}

// Each with what DVC 3.67.1 reads.
const FILES: readonly (readonly [string, string, string])[] = [
  ['assignments, annotated or not', 'A = 1\nB: float = 1e-5\nC: int\n(D) = 2\n', "{'A': 1, 'B': 1e-05, 'D': 2}"],
  ['the last value, at the first place', 'A = 1\nB = 2\nA = 3\n', "{'A': 3, 'B': 2}"],
  ['several on a line', 'A = 1; B = 2;\n', "{'A': 1, 'B': 2}"],
  ['signs, but one only', 'A = -3\nB = +1.5\nC = - -1\nD = ~1\nE = -True\n', "{'A': -3, 'B': 1.5}"],
  [
    'numbers',
    'A = 0x1F; B = 0o17; C = 0b11; D = 1_000; E = 5.; F = .5; G = 1.e2; H = 1e999\n',
    "{'A': 31, 'B': 15, 'C': 3, 'D': 1000, 'E': 5.0, 'F': 0.5, 'G': 100.0, 'H': inf}",
  ],
  ['an int of any length', 'A = 123456789012345678901234567890\n', "{'A': 123456789012345678901234567890}"],
  ['complex numbers', 'A = 1j; B = 1+2j; C = -1.5-2j; D = 0+0j\n', "{'A': 1j, 'B': (1+2j), 'C': (-1.5-2j), 'D': 0j}"],
  ['words', 'A = True; B = False; C = None; D = ...\n', "{'A': True, 'B': False, 'C': None, 'D': Ellipsis}"],
  [
    'strings and their escapes',
    String.raw`A = 'a\n\x41\u00e9\101\q' "b" r'\n'` + '\nB = """x\ny"""\n',
    String.raw`{'A': 'a\nAéA\\qb\\n', 'B': 'x\ny'}`,
  ],
  ['bytes', "A = b'x\\x00' rb'\\d'\n", "{'A': b'x\\x00\\\\d'}"],
  ['f-strings are no literals', "A = f'x'\nB = 'a' f'b'\nC = 1\n", "{'C': 1}"],
  [
    'collections',
    "A = [1, (2, 3), {'k': 1.0, 2: None}]\nB = ()\nC = (1,)\nD = 1, 2\nE = {1, 1.0, 'x'}\nF = set()\n",
    "{'A': [1, (2, 3), {'k': 1.0, 2: None}], 'B': (), 'C': (1,), 'D': (1, 2), 'E': {1, 'x'}, 'F': set()}",
  ],
  ['keys that Python takes for one', "A = {1: 'a', True: 'b', (1, 2): 'c'}\n", "{'A': {1: 'b', (1, 2): 'c'}}"],
  [
    'what is no literal',
    'A = f()\nB = A + 1\nC = [A]\nD = {**{}}\nE = [*[1]]\nF = dict()\nG = 1 if True else 2\nH = lambda: 1\nI = 1 + 2\n',
    '{}',
  ],
  ['targets that are no name', 'A, B = 1, 2\nC = D = 3\nE[0] = 4\nF.g = 5\nH += 1\n', '{}'],
  ['self.x is a name anywhere', 'self.x = 1\nclass A:\n    self.y = 2\n', "{'x': 1, 'A': {'y': 2}}"],
  [
    'classes in classes',
    'class A:\n    x = 1\n    class B(A):\n        y = [2]\n    z: str = "w"\n',
    "{'A': {'x': 1, 'B': {'y': [2]}, 'z': 'w'}}",
  ],
  ['an empty class', 'class A: pass\n', "{'A': {}}"],
  ['a class on one line', 'class A: x = 1; y = 2\n', "{'A': {'x': 1, 'y': 2}}"],
  [
    'self of __init__',
    'class A:\n    def __init__(self, q=1):\n        self.u: int = 5\n        v = 6\n        if q:\n            self.w = 1\n    def f(self):\n        self.z = 1\n',
    "{'A': {'u': 5}}",
  ],
  ['an __init__ of the module', 'def __init__(self):\n    self.a = 1\n', "{'a': 1}"],
  [
    'decorated ones',
    '@dataclass(frozen=True)\nclass A:\n    x: int = 1\n    @wraps\n    def __init__(self):\n        self.y = 2\n',
    "{'A': {'x': 1, 'y': 2}}",
  ],
  [
    'not what runs later or perhaps',
    'if True:\n    a = 1\nfor i in []:\n    b = 1\nasync def __init__(self):\n    self.c = 1\n',
    '{}',
  ],
  ['comments everywhere', '# x\nA = [  # one\n    1,  # two\n]\n', "{'A': [1]}"],
  ['lines that go on', 'A = 1 + \\\n    2\nB = (\n  3\n)\n', "{'B': 3}"],
  [
    'what the grammar does not know',
    'with open("x") as self.f, g() as (a, b):\n    pass\nwith (a as b, c as d):\n    pass\nfor x in (y for z, *_ in w): pass\ndef g():\n    a = yield\nf = lambda a, /, b: a\nA = 1\n',
    "{'A': 1}",
  ],
  ['nothing', '', '{}'],
];

// The line at which each is no valid Python.
const WRONG: readonly (readonly [string, string, number])[] = [
  ['an open bracket', 'A = 1\nB = (\n', 3],
  ['nothing behind the sign', 'A =\n', 1],
  ['an open string', "A = 'x\nB = 1\n", 1],
  ['a statement of Python 2', 'A = 1\nprint "x"\n', 2],
  ['a leading zero', 'A = 012\n', 1],
  ['a double underscore in a number', 'A = 1__0\n', 1],
  ['a bad escape', "A = '\\x1'\n", 1],
  ['text and bytes together', "A = b'x' 'y'\n", 1],
  ['bytes that are none', "A = b'é'\n", 1],
  ['a number as a target', '1 = A\n', 1],
  ['a call as a target', 'f() = 1\n', 1],
  ['two targets with a type', 'A, B: int = 1, 2\n', 1],
  ['a line further in', 'A = 1\n  B = 2\n', 2],
  ['a line between', 'if x:\n    a = 1\n  b = 2\n', 3],
  ['tabs and blanks mixed', 'if x:\n        a = 1\n\tb = 2\n', 3],
  ['an else on its own', 'else:\n    a = 1\n', 1],
  ['a name with a sign in it', 'A€ = 1\n', 1],
  ['a list as a key', 'A = {[1]: 2}\n', 1],
  ['a named character', 'A = 1\nB = "\\N{BULLET}"\n', 2],
  ['brackets 300 deep', `A = ${'['.repeat(300)}${']'.repeat(300)}\n`, 1],
  ['a zero character', 'A = 1\n\0', 2],
];

describe('Python params', () => {
  for (const [what, text, expected] of FILES) it(what, () => check(text, expected));
  for (const [what, text, line] of WRONG) it(`${what} is refused`, () => check(text, line));

  it('tells tuples from lists', () => {
    const found = readPython('A = (1, [2])\nB = [1]\n');
    assert.ok('value' in found && isTuple(found.value.get('A')) && !isTuple(found.value.get('B')));
  });

  it('names a character only where it is a value', () =>
    check('def f():\n    return "\\N{BULLET}"\nA = 1\n', "{'A': 1}"));
});
