// Builds what is missing or out of date, in order: Prisma client, the planes, their OpenAPI documents, the web's client,
// the SDK, the web.
// A step whose inputs hash to what its last run saw is skipped; `--force` runs all, `--planes` stops before the web,
// `--no-sdk` leaves out what no process needs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder, fingerprint } from './fingerprint.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
// The tools' first lines say `env node`: that must be the Node that runs this.
const PATHS = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
const stampFile = join(root, 'dist/.stamps.json');
const source = (path) =>
  /\.(ts|tsx|css|svg|json|mjs|prisma|sql)$/.test(path) && !/\.(spec|int-spec|e2e-spec)\.tsx?$/.test(path);
const inputs = (...paths) => paths.flatMap((path) => filesUnder(join(root, path), source));
/** The planes' OpenAPI documents, as committed and as just emitted: what the web's client and the SDK are made of. */
const documents = () =>
  ['apps/api/openapi.json', 'apps/engine/openapi.json', 'dist/openapi'].flatMap((path) =>
    filesUnder(join(root, path)),
  );
/** The libraries of the planes: all but the SDK, which is made of their documents. */
const planesLibs = () => inputs('libs').filter((path) => !path.startsWith(join(root, 'libs/sdk/')));
const TOOLCHAIN = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];

const STEPS = [
  {
    name: 'database client',
    inputs: () => inputs('prisma', 'prisma.config.ts', 'package-lock.json', 'infra/local/build.mjs'),
    made: 'libs/persistence/src/generated/migrations.ts',
    run: () => {
      // The schema engine's binary is not in the npm registry, and `generate` does not use it (ADR 0002).
      tool('prisma', ['generate'], {
        PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'infra/tooling/noop-engine.sh'),
      });
      // What a process was built for (ADR 0016): its image holds no SQL files.
      const names = readdirSync(join(root, 'prisma/migrations')).filter((name) => name.endsWith('.sql'));
      const list = JSON.stringify(names.map((name) => name.slice(0, -4)).sort(), null, 2);
      writeFileSync(
        join(root, 'libs/persistence/src/generated/migrations.ts'),
        `export const MIGRATIONS: readonly string[] = ${list};\n`,
      );
    },
  },
  {
    name: 'planes',
    inputs: () =>
      inputs(
        'apps/api/src',
        'apps/engine/src',
        'apps/worker/src',
        'infra/local',
        'infra/prove',
        'infra/bench',
        'prisma',
        ...TOOLCHAIN,
      ).concat(planesLibs()),
    made: 'dist/apps/api/src/main.js',
    run: () => {
      rmSync(join(root, 'dist/apps'), { recursive: true, force: true });
      rmSync(join(root, 'dist/libs'), { recursive: true, force: true });
      rmSync(join(root, 'dist/build.tsbuildinfo'), { force: true });
      tool('nest', ['build']);
    },
  },
  {
    name: 'OpenAPI documents',
    inputs: () => [...inputs('apps/api/src', 'apps/engine/src', ...TOOLCHAIN), ...planesLibs()],
    made: 'dist/openapi/api.json',
    run: () => node(['infra/tooling/openapi.mjs', '--out', 'dist/openapi']),
  },
  {
    name: "web's client",
    inputs: () => [...inputs('apps/web/openapi-ts.config.ts', 'package-lock.json'), ...documents()],
    made: 'apps/web/lib/generated/api/index.ts',
    when: () => existsSync(join(root, 'apps/web/openapi-ts.config.ts')),
    run: () => tool('openapi-ts', ['-f', 'apps/web/openapi-ts.config.ts']),
  },
  {
    name: 'SDK package',
    inputs: () => [
      ...inputs('libs/sdk', 'package-lock.json', 'infra/local/build.mjs'),
      ...['LICENSE', 'libs/sdk/README.md'].map((file) => join(root, file)),
      ...documents(),
    ],
    made: 'dist/sdk/cli/bin.js',
    when: () => !process.argv.includes('--no-sdk'),
    run: () => {
      tool('openapi-ts', ['-f', 'libs/sdk/openapi-ts.config.ts']);
      rmSync(join(root, 'dist/sdk'), { recursive: true, force: true });
      // Without Node's types; its command line alone needs them.
      tool('tsc', ['-p', 'libs/sdk/tsconfig.json']);
      tool('tsc', ['-p', 'libs/sdk/tsconfig.cli.json']);
      for (const file of ['libs/sdk/package.json', 'libs/sdk/README.md', 'LICENSE'])
        cpSync(join(root, file), join(root, 'dist/sdk', basename(file)));
    },
  },
  {
    name: 'web',
    inputs: () => [...inputs('apps/web', 'package.json', 'package-lock.json'), ...documents()],
    made: 'apps/web/.next/standalone/apps/web/server.js',
    when: () => existsSync(join(root, 'apps/web/next.config.ts')) && !process.argv.includes('--planes'),
    run: () => {
      tool('next', ['build', 'apps/web'], { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' });
      const out = join(root, 'apps/web/.next/standalone/apps/web');
      cpSync(join(root, 'apps/web/.next/static'), join(out, '.next/static'), { recursive: true });
      if (existsSync(join(root, 'apps/web/public')))
        cpSync(join(root, 'apps/web/public'), join(out, 'public'), { recursive: true });
    },
  },
];

const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
for (const step of STEPS) {
  if (step.when && !step.when()) continue;
  const now = fingerprint(root, step.inputs());
  if (stamps[step.name] === now && existsSync(join(root, step.made)) && !process.argv.includes('--force'))
    continue;
  const started = performance.now();
  process.stdout.write(`building ${step.name} … `);
  step.run();
  stamps[step.name] = now;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify(stamps));
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function tool(name, args, env = {}) {
  exec(join(root, 'node_modules/.bin', name), args, env);
}

function node(args) {
  exec(process.execPath, args, {});
}

/** Runs a program silently; when it fails, shows all that it said and stops the build. */
function exec(file, args, env) {
  const result = spawnSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: PATHS, ...env },
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  console.error(
    `failed: ${file} ${args.join(' ')}\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`,
  );
  process.exit(1);
}
