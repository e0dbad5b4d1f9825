import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Module,
  Res,
  type DynamicModule,
  type InjectionToken,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { IgnoresQuery, PublicRoute } from './route-marks.js';

/** One thing that must work before the process takes calls; `check` throws when it does not. */
export interface ReadinessCheck {
  name: string;
  check(): Promise<void>;
}

export interface HealthAnswer {
  status: 'ok' | 'unavailable';
  checks: Record<string, 'ok' | 'failed'>;
}

export const READINESS_CHECKS = Symbol('READINESS_CHECKS');
const CHECK_TIMEOUT_MS = 2_000;

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(@Inject(READINESS_CHECKS) private readonly checks: ReadinessCheck[]) {}

  @Get('livez')
  @PublicRoute()
  @IgnoresQuery()
  @HttpCode(200)
  @ApiOperation({ operationId: 'livez', summary: 'Whether the process runs' })
  @ApiOkResponse({ schema: healthSchema() })
  livez(): HealthAnswer {
    return { status: 'ok', checks: {} };
  }

  @Get('readyz')
  @PublicRoute()
  @IgnoresQuery()
  @ApiOperation({ operationId: 'readyz', summary: 'Whether the process can serve' })
  @ApiOkResponse({ schema: healthSchema() })
  @ApiServiceUnavailableResponse({ schema: healthSchema() })
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    const answer = await readiness(this.checks);
    void reply.status(answer.status === 'ok' ? 200 : 503);
    return answer;
  }
}

/** `/livez` and `/readyz` over the given checks, for any process. */
@Module({})
export class HealthModule {
  static forRoot(options: {
    imports?: DynamicModule['imports'];
    inject?: InjectionToken[];
    useFactory: (...deps: never[]) => ReadinessCheck[];
  }): DynamicModule {
    return {
      module: HealthModule,
      imports: options.imports ?? [],
      controllers: [HealthController],
      providers: [
        {
          provide: READINESS_CHECKS,
          useFactory: options.useFactory,
          inject: options.inject ?? [],
        },
      ],
    };
  }
}

/** Runs every check side by side; one that hangs counts as failed after two seconds. */
export async function readiness(checks: ReadinessCheck[]): Promise<HealthAnswer> {
  const results = await Promise.all(
    checks.map(async ({ name, check }) => [name, await passes(check)] as const),
  );
  const failed = results.some(([, result]) => result === 'failed');
  return { status: failed ? 'unavailable' : 'ok', checks: Object.fromEntries(results) };
}

async function passes(check: () => Promise<void>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => resolve('failed'), CHECK_TIMEOUT_MS);
  });
  const result = check().then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
  return Promise.race([result, timeout]).finally(() => clearTimeout(timer));
}

function healthSchema() {
  return {
    type: 'object',
    required: ['status', 'checks'],
    properties: {
      status: { type: 'string', enum: ['ok', 'unavailable'] },
      checks: { type: 'object', additionalProperties: { type: 'string', enum: ['ok', 'failed'] } },
    },
  };
}
