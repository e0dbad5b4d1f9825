/** For each layer rule the smallest file that breaks it. `files` are written into one otherwise empty tree. */
export interface BrokenFixture {
  rule: string;
  /** The file that must be reported. */
  file: string;
  content: string;
}

const breaks = (rule: string, file: string, imported: string): BrokenFixture => ({
  rule,
  file,
  content: `import '${imported}';\n`,
});

export const BROKEN_FIXTURES: BrokenFixture[] = [
  breaks('no-cycles', 'libs/kernel/src/cycle.ts', './cycle.js'),
  breaks('no-unresolved', 'libs/kernel/src/nowhere.ts', './missing.js'),
  breaks('apps-apart', 'apps/worker/src/other-app.ts', '../../api/src/main.js'),
  breaks('libs-below-apps', 'libs/http/src/up.ts', '../../../apps/api/src/main.js'),
  breaks('layer-kernel', 'libs/kernel/src/up.ts', '#lib/contracts'),
  breaks('kernel-no-packages', 'libs/kernel/src/package.ts', 'undici'),
  breaks('layer-contracts-config-telemetry', 'libs/contracts/src/neighbour.ts', '#lib/config'),
  breaks('layer-contracts-config-telemetry', 'libs/config/src/up.ts', '#lib/catalog'),
  breaks('layer-pure', 'libs/catalog/src/neighbour.ts', '#lib/limits'),
  breaks('layer-pure', 'libs/limits/src/up.ts', '#lib/persistence'),
  breaks('layer-adapters', 'libs/kms/src/neighbour.ts', '#lib/persistence'),
  breaks('layer-adapters', 'libs/providers/src/up.ts', '#lib/http'),
  breaks('layer-doors', 'libs/access/src/fake.ts', '#lib/testing'),
  breaks('sdk-alone', 'libs/sdk/src/own.ts', '#lib/kernel'),
  breaks('web-alone', 'apps/web/lib/own.ts', '../../../libs/kernel/src/index.js'),
  breaks('testing-stays-out', 'apps/api/src/fake.ts', '#lib/testing'),
  breaks('library-door', 'libs/contracts/src/peeks.ts', '../../kernel/src/inner.js'),
  breaks('library-door-from-outside', 'apps/api/src/peeks.ts', '../../../libs/kernel/src/inner.js'),
  breaks('custody-sealer', 'apps/engine/src/seals.ts', '#lib/custody/sealer'),
  breaks('custody-opener', 'apps/api/src/opens.ts', '#lib/custody/opener'),
  breaks('custody-webhook-opener', 'apps/engine/src/opens-webhooks.ts', '#lib/custody/webhook-opener'),
  breaks('custody-rewrapper', 'apps/api/src/rewraps.ts', '#lib/custody/rewrapper'),
  breaks('prisma-in-repositories', 'apps/api/src/modules/orgs/orgs.service.ts', '#prisma-client'),
  breaks('prisma-packages', 'apps/api/src/prisma.ts', '@prisma/client'),
  breaks('pg-home', 'apps/engine/src/dials.ts', 'pg'),
  breaks('controllers-see-services', 'apps/api/src/modules/orgs/orgs.controller.ts', './orgs.repository.js'),
  breaks('module-door', 'apps/api/src/modules/members/peeks.ts', '../orgs/orgs.repository.js'),
  breaks('vendor-clients', 'apps/engine/src/vendor.ts', '@ai-sdk/openai'),
  breaks('dialer-home', 'apps/engine/src/unguarded.ts', 'undici'),
  breaks('queue-clients', 'apps/worker/src/raw-queue.ts', 'bullmq'),
  breaks('redis-home', 'apps/engine/src/raw-redis.ts', 'ioredis'),
  breaks('layer-pure', 'libs/limits/src/dials.ts', '#lib/rate-store'),
  breaks('layer-adapters', 'libs/rate-store/src/neighbour.ts', '#lib/persistence'),
  breaks('kms-clients', 'apps/engine/src/cloud.ts', '@aws-sdk/client-kms'),
  breaks('no-dev-packages', 'apps/api/src/dev.ts', 'supertest'),
];

/** Targets that the broken files import; none of them breaks a rule. */
export const FIXTURE_TARGETS: string[] = [
  ...'kernel contracts config telemetry catalog limits egress kms persistence queue rate-store providers custody access http sdk testing'
    .split(' ')
    .map((name) => `libs/${name}/src/index.ts`),
  'libs/kernel/src/inner.ts',
  'libs/custody/src/sealer.ts',
  'libs/custody/src/opener.ts',
  'libs/custody/src/rewrapper.ts',
  'libs/custody/src/webhook-opener.ts',
  'libs/persistence/src/generated/client.ts',
  'apps/api/src/main.ts',
  'apps/api/src/modules/orgs/index.ts',
  'apps/api/src/modules/orgs/orgs.repository.ts',
];

/** Packages that the broken files import. */
export const FIXTURE_PACKAGES: string[] = [
  'pg',
  'bullmq',
  'ioredis',
  'undici',
  'supertest',
  '@ai-sdk/openai',
  '@aws-sdk/client-kms',
  '@hpke/core',
  '@prisma/client',
];
