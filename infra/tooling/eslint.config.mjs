// Lint of the whole repository, with types. Nothing can be switched off from within a file (noInlineConfig).
import tseslint from 'typescript-eslint';
import { banned, restrictedImports } from './restrictions.mjs';

const TESTS = [
  '**/*.spec.ts',
  '**/*.int-spec.ts',
  '**/*.e2e-spec.ts',
  'apps/*/test/**',
  'libs/testing/**',
  'infra/acceptance/**',
];
const restrict = (...names) => ['error', ...banned(...names)];
const EVERYWHERE = [
  'exportStar',
  'doubleCast',
  'forwardRef',
  'rawUnsafe',
  'httpException',
  'manyDependencies',
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      '**/.next/',
      '.claviger/',
      'coverage/',
      '**/generated/',
      'infra/tooling/fixtures/',
      'apps/web/next-env.d.ts',
    ],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'apps/web/tsconfig.json', 'infra/examples/tsconfig.json'],
        tsconfigRootDir: process.cwd(),
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      // What was caught is unknown, and is passed on as it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-restricted-syntax': restrict(...EVERYWHERE, 'environment', 'defaultExport'),
      'no-restricted-imports': ['error', { paths: restrictedImports('ciphers', 'hashes') }],
      'no-console': 'error',
      'max-lines': ['error', 300],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['**/*.controller.ts'], rules: { 'max-statements': ['error', 5] } },
  {
    // The SDK's command line is no process of ours: its environment is its user's.
    files: ['libs/config/**', 'apps/web/lib/server-config.ts', 'libs/sdk/src/cli/bin.ts'],
    rules: { 'no-restricted-syntax': restrict(...EVERYWHERE, 'defaultExport') },
  },
  // The kernel hashes; scrypt derives the roles' passwords there, which the migrator needs without kms.
  { files: ['libs/kernel/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['libs/kms/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['infra/local/**', 'infra/prove/**', 'infra/bench/**'], rules: { 'no-console': 'off' } },
  {
    // What a reader runs in an engine of its own.
    files: ['infra/examples/**'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': restrict(...EVERYWHERE, 'defaultExport') },
  },
  {
    // Next asks for default exports of pages; tools ask for them of their configuration.
    files: ['apps/web/**', '*.config.ts', 'libs/sdk/*.config.ts'],
    rules: { 'no-restricted-syntax': restrict('exportStar', 'doubleCast') },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', 400],
      'no-console': 'off',
      // Bodies of answers are `any` in supertest: an assertion is what checks them.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': restrict(
        'exportStar',
        'doubleCast',
        'forwardRef',
        'mockedModule',
        'skippedTest',
      ),
    },
  },
  {
    files: ['**/*.mjs'],
    rules: {
      'max-lines': ['error', 300],
      'no-undef': 'off',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
);
