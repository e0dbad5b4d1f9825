import { defineConfig } from '@hey-api/openapi-ts';

/** Types alone, of the committed documents: what the client sends and reads is written by hand, and held to them. */
export default defineConfig(
  ['api', 'engine'].map((plane) => ({
    input: `apps/${plane}/openapi.json`,
    output: {
      path: `libs/sdk/src/generated/${plane}`,
      tsConfigPath: 'libs/sdk/tsconfig.json',
      entryFile: false,
    },
    plugins: ['@hey-api/typescript' as const],
  })),
);
