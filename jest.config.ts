import type { Config } from 'jest';

const config: Config = {
  roots: ['<rootDir>'],
  testMatch: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/dist/',
    '/fixtures/',
    '/.next/',
    '<rootDir>/.claviger/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '/.next/', '<rootDir>/.claviger/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['claviger-source', 'node', 'node-addons'] },
  testTimeout: 60_000,
};

export default config;
