import { Injectable } from '@nestjs/common';
import type { CatalogueEdits, CatalogueRows } from '#lib/catalog';
import type { TestStatus } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** What a provider's status is made of. */
export interface KeyFacts {
  provider: string;
  enabled: boolean;
  hasSecret: boolean;
  lastTestStatus: TestStatus | null;
  lastTestedAt: Date | null;
  refusedInARow: number;
  lastOkAt: Date | null;
  expiresAt: Date | null;
}

@Injectable()
export class CatalogRepository {
  async rows(tx: TenantTx): Promise<CatalogueRows> {
    const providers = await tx.platformProvider.findMany({ select: { slug: true, record: true } });
    const models = await tx.platformModel.findMany({ select: { provider: true, id: true, record: true } });
    const latest = await tx.catalogueVersion.findFirst({ orderBy: { version: 'desc' } });
    // Only `lookup.save_catalogue` writes it, and only what was judged.
    const edits = latest ? (latest.edits as unknown) : undefined;
    return {
      providers,
      models,
      edits: edits as CatalogueEdits | undefined,
      version: Number(latest?.version ?? 0),
    };
  }

  /** The version of the operator's edits that holds now; 0 while there are none. */
  async version(tx: TenantTx): Promise<number> {
    const { _max } = await tx.catalogueVersion.aggregate({ _max: { version: true } });
    return Number(_max.version ?? 0);
  }

  /** Slugs of the providers whose gate the organization closed. */
  async disabledProviders(tx: TenantTx, orgId: string): Promise<string[]> {
    const rows = await tx.providerGate.findMany({
      where: { orgId: toUuid(orgId), enabled: false },
      select: { provider: true },
      orderBy: { provider: 'asc' },
    });
    return rows.map((row) => row.provider);
  }

  /** Whoever moves a gate of the organization waits for whoever does so already: most have no row of their own to lock. */
  async lockGates(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
  }

  async setGate(tx: TenantTx, orgId: string, provider: string, enabled: boolean): Promise<void> {
    const id = { orgId: toUuid(orgId), provider };
    await tx.providerGate.upsert({
      where: { orgId_provider: id },
      create: { ...id, enabled },
      update: { enabled, updatedAt: new Date() },
    });
  }

  async keyFacts(tx: TenantTx, orgId: string): Promise<KeyFacts[]> {
    const rows = await tx.providerKey.findMany({
      where: { orgId: toUuid(orgId) },
      select: {
        provider: true,
        enabled: true,
        secretId: true,
        lastTestStatus: true,
        lastTestedAt: true,
        refusedInARow: true,
        lastOkAt: true,
        expiresAt: true,
      },
    });
    return rows.map(({ secretId, lastTestStatus, ...row }) => ({
      ...row,
      hasSecret: secretId !== null,
      lastTestStatus: lastTestStatus as TestStatus | null,
    }));
  }
}
