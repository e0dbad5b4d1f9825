import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { load } from './load.js';
import { processesField } from './processes.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing.js';

const read = (env: Record<string, string>): TracingConfig | null =>
  tracingConfig(load('engine', tracingFields, env).values);

function faultsOf(env: Record<string, string>): string[] {
  try {
    read(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ variable }) => variable).sort();
  }
}

const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the settings of spans', () => {
  it('are OpenTelemetry’s own: off without an endpoint, whatever else is set for other programs', () => {
    expect(read({})).toBeNull();
    expect(read({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_SAMPLER: 'jaeger_remote' })).toBeNull();
    expect(read({ ...BASE, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    expect(read({ ...BASE, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  });

  it('have the defaults of the specification, and take the endpoint of traces as it is', () => {
    expect(read(BASE)).toMatchObject({
      url: 'http://collector:4318/v1/traces',
      protocol: 'http/protobuf',
      timeoutMs: 10_000,
      resource: { 'service.name': 'claviger-engine' },
      sampler: { parentBased: true, root: 'always_on', ratio: 1 },
    });
    const whole = { ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example.com/in' };
    expect(read(whole)?.url).toBe('https://otel.example.com/in');
    const more = {
      ...BASE,
      OTEL_SERVICE_NAME: 'gateway',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,team=a%20b',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc',
    };
    expect(read(more)).toMatchObject({
      resource: { 'service.name': 'gateway', 'deployment.environment.name': 'prod', team: 'a b' },
      sampler: { parentBased: false, root: 'traceidratio', ratio: 0.25 },
    });
    expect(read(more)?.headers()).toEqual({ authorization: 'Basic abc' });
    expect(JSON.stringify(read(more))).not.toContain('abc');
  });

  it('are faults all at once, and say nothing of what they hold', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'hunter2',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
    };
    expect(faultsOf(env)).toEqual(Object.keys(env).sort());
    expect(() => read(env)).toThrow(expect.not.stringContaining('hunter2'));
    expect(faultsOf({ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' })).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS',
    ]);
    expect(faultsOf({ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: 'a=b%0d%0ac' })).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS',
    ]);
  });
});

describe('the number of processes', () => {
  const count = (text: string | undefined) => z.object({ n: processesField }).safeParse({ n: text }).data?.n;

  it('is a whole number from 1, or one for each core', () => {
    expect(count(undefined)).toBe(1);
    expect(count('3')).toBe(3);
    expect(count('auto')).toBeGreaterThanOrEqual(1);
    for (const wrong of ['0', '-1', '1.5', 'many', '1000']) expect(count(wrong)).toBeUndefined();
  });
});
