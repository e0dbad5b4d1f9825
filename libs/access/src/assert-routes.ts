import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PERMISSIONS } from '#lib/contracts';
import { dumpRoutes } from '#lib/http';

const KNOWN: ReadonlySet<string> = new Set(PERMISSIONS);

/**
 * Stops the boot when any route of the router, raw ones included, declares neither a known permission nor that it is
 * public. Call it after `app.init()` and before `app.listen()`.
 */
export function assertEveryRouteDeclares(app: NestFastifyApplication): void {
  const silent = dumpRoutes(app.getHttpAdapter().getInstance()).filter(
    ({ config }) => config.public !== true && config.operator !== true && !KNOWN.has(config.permission ?? ''),
  );
  if (silent.length === 0) return;
  const names = silent.map(({ method, path }) => `${method} ${path}`).join(', ');
  throw new Error(`these routes declare no permission (use @RequiresPermission or @Public): ${names}`);
}
