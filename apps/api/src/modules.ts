import type { ModuleMetadata } from '@nestjs/common';
import { CustodyModule } from './custody.module.js';
import { AssignmentsModule } from './modules/assignments/index.js';
import { AuditModule } from './modules/audit/index.js';
import { AuthModule } from './modules/auth/index.js';
import { CatalogModule } from './modules/catalog/index.js';
import { InstallationModule } from './modules/installation/index.js';
import { InvitesModule } from './modules/invites/index.js';
import { KeyImportModule } from './modules/key-import/index.js';
import { McpServersModule } from './modules/mcp-servers/index.js';
import { MembersModule } from './modules/members/index.js';
import { ModelAliasesModule } from './modules/model-aliases/index.js';
import { NoticesModule } from './modules/notices/index.js';
import { OnboardingModule } from './modules/onboarding/index.js';
import { OrgKillSwitchModule } from './modules/org-kill-switch/index.js';
import { OrgsModule } from './modules/orgs/index.js';
import { OwnKmsModule } from './modules/own-kms/index.js';
import { PlanLimitsModule } from './modules/plan-limits/index.js';
import { PlatformCatalogueModule } from './modules/platform-catalogue/index.js';
import { PlatformModule } from './modules/platform/index.js';
import { PoliciesModule } from './modules/policies/index.js';
import { PriceBookModule } from './modules/price-book/index.js';
import { QuotasModule } from './modules/quotas/index.js';
import { ProviderKeysModule } from './modules/provider-keys/index.js';
import { SecretsModule } from './modules/secrets/index.js';
import { TokensModule } from './modules/tokens/index.js';
import { UsageModule } from './modules/usage/index.js';
import { WebhooksModule } from './modules/webhooks/index.js';
import { WorkspacesModule } from './modules/workspaces/index.js';

/** The rooms of the control plane. A new one is added here and nowhere else. */
export const MODULES: NonNullable<ModuleMetadata['imports']> = [
  CustodyModule,
  AuthModule,
  OnboardingModule,
  OrgsModule,
  OrgKillSwitchModule,
  OwnKmsModule,
  MembersModule,
  InvitesModule,
  TokensModule,
  AuditModule,
  PlanLimitsModule,
  CatalogModule,
  WorkspacesModule,
  AssignmentsModule,
  SecretsModule,
  ProviderKeysModule,
  McpServersModule,
  NoticesModule,
  InstallationModule,
  PoliciesModule,
  PriceBookModule,
  QuotasModule,
  WebhooksModule,
  UsageModule,
  PlatformModule,
  PlatformCatalogueModule,
  ModelAliasesModule,
  KeyImportModule,
];
