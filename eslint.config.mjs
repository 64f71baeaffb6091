// npm run lint. Layout is Prettier's, the directions of imports are dependency-cruiser's; this is for the rest.
import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TYPED = ['**/*.{ts,mts,tsx}'];
const TESTS = ['**/*.test.ts', 'tests/**/*.ts'];

const oneReader = 'Only src/config.ts reads the environment: take the setting as an argument.';
const noClock = 'The domain has no clock: take the instant as an argument.';
const noWrites =
  'The API or the command line reads through this file, so it must not write: put the write into a file of its own.';

/** Files that src/api and src/cli may import from src/db: a write among them would change bookings behind their workflows. */
const READ_QUERIES = ['src/db/*/*-view.ts'];

const noHttp =
  'src/db stores what was decided, by kind: src/api/outcomes.ts alone knows the HTTP status of it.';

/** What names an HTTP status. 200 stays a number: as a bound it is as likely as as a status. */
const HTTP_STATUSES = [
  'Literal[raw=/^(20[1-6]|30[0-8]|4[0-3][0-9]|451|50[0-8])$/]',
  'Identifier[name=/^(statusCode|status_code|httpStatus)$/]',
  'Literal[value=/status_?code/i]',
  'TemplateElement[value.raw=/status_?code/i]',
].map((selector) => ({ selector, message: noHttp }));

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    '.data/',
    'src/db/rows/',
    'clients/typescript/dist/',
    'clients/typescript/src/schema.ts',
  ]),
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [js.configs.recommended],
    languageOptions: { globals: nodeGlobals() },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: TYPED,
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // A new status must be a place that doesn't compile or lint, not one that a `default` swallows.
        { considerDefaultExhaustiveForUnions: false },
      ],
      // It would ask for the `!` that strictness forbids: `as Refusal` at least says what is meant to be there.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Winston's own transports don't fit the class that winston declares for them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // The compiler reports these itself (noUnusedLocals, noUnusedParameters).
      '@typescript-eslint/no-unused-vars': 'off',
      eqeqeq: 'error',
      'object-shorthand': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: oneReader },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'process'].map((name) => ({
            name,
            importNames: ['env', 'default'],
            message: oneReader,
          })),
        },
      ],
      'no-console': 'error',
    },
  },
  // What keeps a process from starting may be that it has no logger yet.
  { files: ['src/*/main.ts'], rules: { 'no-console': ['error', { allow: ['error'] }] } },
  {
    files: ['src/domain/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'console',
        'fetch',
        'setTimeout',
        'setInterval',
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: noClock },
        {
          selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
          message: noClock,
        },
        {
          selector: 'CallExpression[callee.object.name="Math"][callee.property.name="random"]',
          message: noClock,
        },
      ],
    },
  },
  {
    files: ['src/db/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...HTTP_STATUSES] },
  },
  {
    files: READ_QUERIES,
    rules: {
      // Replaces the rule above, so it repeats it.
      'no-restricted-syntax': [
        'error',
        ...HTTP_STATUSES,
        {
          selector:
            'CallExpression[callee.property.name=/^(insert|update|upsert|del|truncate|increment|decrement)$/]',
          message: noWrites,
        },
        {
          selector: 'Literal[value=/^\\s*(insert|update|delete|merge|truncate)\\s/i]',
          message: noWrites,
        },
        {
          selector: 'TemplateElement[value.raw=/^\\s*(insert|update|delete|merge|truncate)\\s/i]',
          message: noWrites,
        },
      ],
    },
  },
  {
    files: TESTS,
    extends: [jest.configs['flat/recommended'], jest.configs['flat/style']],
    rules: {
      // A helper that expects is as good as an expectation, and what fails is said by what was awaited.
      'jest/expect-expect': 'off',
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
      // A matcher's `any`, as in `{ id: expect.any(String) }`, is how jest is typed.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);

/** Without types ESLint has to be told what Node provides. */
function nodeGlobals() {
  const names = [
    'process',
    'console',
    'Buffer',
    'URL',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
  ];
  const modules = ['require', 'module', 'exports', '__dirname', '__filename'];
  const web = ['fetch', 'AbortSignal', 'AbortController', 'performance', 'structuredClone'];
  return Object.fromEntries([...names, ...modules, ...web].map((name) => [name, 'readonly']));
}
