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
import { ClavigerError } from '#lib/contracts';
import { IgnoresQuery, PublicRoute } from './route-marks.js';

/** One thing that must work before the process takes calls; `check` throws when it does not. */
export interface ReadinessCheck {
  name: string;
  check(): Promise<void>;
}

export interface HealthAnswer {
  status: 'ok' | 'unavailable';
  checks: Record<string, 'ok' | 'failed'>;
  /** Of failed checks that know what to do next, in words that anybody may read. */
  reasons?: Record<string, string>;
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
    checks.map(async ({ name, check }) => [name, await outcome(check)] as const),
  );
  const failed = results.some(([, { result }]) => result === 'failed');
  const reasons = results.flatMap(([name, { reason }]) => (reason === undefined ? [] : [[name, reason]]));
  return {
    status: failed ? 'unavailable' : 'ok',
    checks: Object.fromEntries(results.map(([name, { result }]) => [name, result])),
    ...(reasons.length > 0 && { reasons: Object.fromEntries(reasons) as Record<string, string> }),
  };
}

interface Outcome {
  result: 'ok' | 'failed';
  reason?: string;
}

async function outcome(check: () => Promise<void>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ result: 'failed' }), CHECK_TIMEOUT_MS);
  });
  const result = check().then(
    (): Outcome => ({ result: 'ok' }),
    // Only what is made to be read by callers: a driver's message may name a host.
    (error: unknown): Outcome => ({
      result: 'failed',
      ...(error instanceof ClavigerError && { reason: error.message }),
    }),
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
      reasons: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
}
