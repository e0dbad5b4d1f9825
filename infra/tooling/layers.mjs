// Who may import whom, for dependency-cruiser. Each rule is an error, says why, and is proved by the broken fixture of
// its name in infra/tooling/fixtures (layers.spec.ts).
const SPECS = '\\.(spec|int-spec|e2e-spec)\\.tsx?$';
const TESTS = `${SPECS}|^apps/[^/]+/test/|^libs/testing/|^infra/(acceptance|bench|prove|tooling)/`;
const GENERATED_CLIENT = '^libs/persistence/src/generated/';

const L0 = 'kernel';
const L1 = 'contracts|config|telemetry';
const L2A = 'catalog|limits|egress';
const L2B = 'kms|persistence|queue|rate-store|providers';
const L3 = 'custody|access|http';

/** `layer` may import itself (its own library only unless `each other`) and the layers named in `below`. */
function layer(name, libraries, below, comment, eachOther = false) {
  const own = eachOther ? libraries : '$1';
  const allowed = [own, below].filter(Boolean).join('|');
  return rule(
    name,
    comment,
    { path: `^libs/(${libraries})/`, pathNot: SPECS },
    { path: '^(libs|apps)/', pathNot: `^libs/(${allowed})/` },
  );
}

function rule(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to };
}

/** A package that only the places in `home` may import. */
function packageHome(name, packages, home, comment) {
  return rule(
    name,
    comment,
    { path: '^(apps|libs|infra/local)/', pathNot: `${home}|${TESTS}` },
    { path: `node_modules/(${packages})(/|$)` },
  );
}

/** One of custody's four entries, and who may import it. */
function custodyEntry(entry, app, comment) {
  return rule(
    `custody-${entry}`,
    comment,
    { pathNot: `^libs/custody/|^apps/${app}/src/|${TESTS}` },
    { path: `^libs/custody/src/${entry}\\.ts$` },
  );
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule(
      'no-cycles',
      'A cycle has no first file to read, and makes the order of module loading matter. Type imports count.',
      {},
      { circular: true },
    ),
    rule(
      'no-unresolved',
      'An import that resolves to nothing fails at run time only.',
      { pathNot: '^apps/web/' },
      { couldNotResolve: true },
    ),
    rule(
      'apps-apart',
      'Processes speak over HTTP and the database, never by import: each is deployed and given rights alone.',
      { path: '^apps/([^/]+)/', pathNot: TESTS },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'libs-below-apps',
      'A library that knows a process cannot be used by another.',
      { path: '^libs/', pathNot: '^libs/testing/' },
      { path: '^apps/' },
    ),
    layer(
      'layer-kernel',
      L0,
      '',
      'L0: the kernel is what everything may import, so it imports nothing of ours.',
    ),
    rule(
      'kernel-no-packages',
      'The kernel is read and trusted by all: it depends on Node alone.',
      { path: '^libs/kernel/', pathNot: SPECS },
      { path: 'node_modules/', pathNot: 'node_modules/@types/node/' },
    ),
    layer(
      'layer-contracts-config-telemetry',
      L1,
      L0,
      'L1: words, settings and logs import the kernel only, never each other.',
    ),
    layer(
      'layer-pure',
      L2A,
      `${L0}|${L1}`,
      'L2a: pure decisions and the dialer import L1 and L0, never each other.',
    ),
    layer(
      'layer-adapters',
      L2B,
      `${L0}|${L1}|${L2A}`,
      'L2b: adapters import what is below, never each other: what needs two of them belongs above.',
    ),
    layer(
      'layer-doors',
      L3,
      `${L0}|${L1}|${L2A}|${L2B}`,
      'L3: custody, access and http import what is below them.',
      true,
    ),
    rule(
      'sdk-alone',
      'The SDK is published: it imports nothing of ours.',
      { path: '^libs/sdk/', pathNot: SPECS },
      { path: '^(libs|apps)/', pathNot: '^libs/sdk/' },
    ),
    rule(
      'web-alone',
      'The web app holds no server code: it imports its generated client only.',
      { path: '^apps/web/', pathNot: TESTS },
      { path: '^(libs|prisma|infra)/' },
    ),
    rule(
      'testing-stays-out',
      'Fakes and factories never reach a process.',
      { pathNot: `${TESTS}|^infra/local/` },
      { path: '^libs/testing/' },
    ),
    rule(
      'library-door',
      'A library is entered through its index.ts (custody: its four entries), so that the rest can change.',
      { path: '^libs/([^/]+)/', pathNot: SPECS },
      {
        path: '^libs/[^/]+/src/',
        pathNot: `^libs/$1/|^libs/[^/]+/src/index\\.ts$|^libs/custody/src/(sealer|opener|rewrapper|webhook-opener)\\.ts$|${GENERATED_CLIENT}`,
      },
    ),
    rule(
      'library-door-from-outside',
      'A library is entered through its index.ts (custody: its four entries), so that the rest can change.',
      { path: '^(apps|infra|prisma)/', pathNot: SPECS },
      {
        path: '^libs/[^/]+/src/',
        pathNot: `^libs/[^/]+/src/index\\.ts$|^libs/custody/src/(sealer|opener|rewrapper|webhook-opener)\\.ts$|${GENERATED_CLIENT}`,
      },
    ),
    custodyEntry('sealer', 'api', 'Only the control plane seals (CUSTODY §2).'),
    custodyEntry('opener', 'engine', 'Only the engine opens what calls need (CUSTODY §2).'),
    custodyEntry(
      'webhook-opener',
      'worker',
      'Only the worker signs webhooks, and opens nothing else (ARCHITECTURE, rule 2).',
    ),
    custodyEntry('rewrapper', 'worker', 'Only the worker re-wraps (CUSTODY §2).'),
    rule(
      'prisma-in-repositories',
      'The generated client runs tenant queries: only persistence and repositories hold it.',
      { pathNot: `^libs/persistence/|^apps/api/src/.*\\.repository\\.ts$|${TESTS}` },
      { path: GENERATED_CLIENT },
    ),
    packageHome('prisma-packages', '@prisma', '^libs/persistence/', 'Prisma is reached through persistence.'),
    packageHome(
      'pg-home',
      'pg',
      '^libs/(persistence|rate-store)/|^infra/local/postgres/',
      'Plain SQL goes through persistence, where the tenant is set first.',
    ),
    rule(
      'controllers-see-services',
      'A controller parses, asks one service and answers.',
      { path: '\\.controller\\.ts$' },
      { path: `\\.repository\\.ts$|^libs/(kms|persistence|custody)/|${GENERATED_CLIENT}` },
    ),
    rule(
      'module-door',
      'Another module is its index.ts: its port, not its insides.',
      { path: '^apps/api/src/modules/([^/]+)/', pathNot: SPECS },
      {
        path: '^apps/api/src/modules/',
        pathNot: '^apps/api/src/modules/$1/|^apps/api/src/modules/[^/]+/index\\.ts$',
      },
    ),
    packageHome(
      'vendor-clients',
      'ai|@ai-sdk',
      '^libs/providers/',
      'Vendor clients read the environment when they can: one library keeps them from it.',
    ),
    packageHome(
      'dialer-home',
      'undici',
      '^libs/(egress|providers)/',
      'Every outgoing call passes the SSRF guard.',
    ),
    packageHome(
      'queue-clients',
      'bullmq',
      '^libs/(queue|persistence)/',
      'Queues are reached through their typed names; persistence migrates their schema.',
    ),
    packageHome(
      'redis-home',
      'ioredis',
      '^libs/(queue|rate-store)/',
      'Redis holds jobs and rate counts, each behind its port; no other code may rely on one being there.',
    ),
    packageHome('kms-clients', '@aws-sdk|@hpke', '^libs/kms/', 'Key handling is in kms alone.'),
    rule(
      'no-dev-packages',
      'A process runs without development packages.',
      { path: '^(apps/(api|engine|worker)|libs)/', pathNot: TESTS },
      { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', GENERATED_CLIENT] },
    // The examples are a reader's code: they import the published package.
    exclude: { path: '(^|/)(dist|\\.next)/|^apps/web/lib/generated/|^infra/examples/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      conditionNames: ['claviger-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
