// Type-aware rules for what runs, and the house rules: no HTML from strings, no code from strings, one importer for each heavy library.
import tseslint from 'typescript-eslint';

const BANNED_DOM = ['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((name) => ({
  selector: `MemberExpression[property.name='${name}']`,
  message: 'Text enters pages by textContent only.',
}));
const paths = [{ name: 'zod', message: 'Use zod/mini.' }];
const only = (...patterns) => ({ 'no-restricted-imports': ['error', { paths, patterns }] });
const HEAVY = [
  { group: ['chart.js', 'chart.js/*'], message: 'Only webview-ui/charts draws with chart.js.' },
  {
    group: ['@vscode/webview-ui-toolkit', '@vscode/webview-ui-toolkit/*'],
    message: 'Only webview-ui/ui uses the toolkit.',
  },
  { group: ['simple-git'], message: 'Only src/engine/git/simpleGit.ts runs Git commands.' },
  { group: ['vscode'], message: 'Only src/extension knows the editor.' },
];
const without = (name) => HEAVY.filter((rule) => !rule.group.includes(name));

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      '.cache/**',
      'node_modules/**',
      'media/**',
      'test/**/cases/**',
      'test/faults/**/*.mjs',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-implied-eval': 'error',
      'no-restricted-syntax': [
        'error',
        ...BANNED_DOM,
        {
          selector: "CallExpression[callee.object.name='document'][callee.property.name='write']",
          message: 'No document.write.',
        },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      complexity: ['error', 15],
      'max-params': ['error', 5],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
      ...only(...HEAVY),
    },
  },
  { files: ['src/extension/**', 'test/editor/**'], rules: only(...without('vscode')) },
  { files: ['webview-ui/charts/**'], rules: only(...without('chart.js')) },
  { files: ['webview-ui/ui/**'], rules: only(...without('@vscode/webview-ui-toolkit')) },
  { files: ['src/engine/git/simpleGit.ts'], rules: only(...without('simple-git')) },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
