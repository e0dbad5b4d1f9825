-- Each process compares the ledger with the migrations that it was built with before it serves (ADR 0016): names and
-- times only, never the logs. The installation's own facts are rows of platform_settings, which they may read already.

GRANT SELECT (migration_name, finished_at) ON _prisma_migrations TO claviger_api, claviger_engine, claviger_worker;
