import { afterEach, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { samplesOf } from '#lib/testing';
import { countRequests, gatherMetrics, Metrics, MetricsServer } from '../index.js';

const COUNT = 'claviger_http_request_duration_seconds_count';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

/** Metrics over real HTTP, as Prometheus reads them. */
async function served(metrics: Metrics): Promise<string> {
  const server = new MetricsServer(metrics);
  open.push(server);
  return `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
}

describe('the metrics of a process', () => {
  it('are served as Prometheus text at GET /metrics, and nothing else is', async () => {
    const url = await served(new Metrics('engine'));
    const answer = await fetch(`${url}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
    ])
      expect(text).toMatch(new RegExp(`^${name}\\{plane="engine"\\} \\S+$`, 'm'));
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/readyz`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('count a request under its route’s pattern, method and class of status: never the path that was asked for', async () => {
    const metrics = new Metrics('api');
    const app = fastify();
    open.push(app);
    countRequests(app, metrics);
    app.get('/things/:id', async () => ({}));
    app.get('/broken', async () => {
      throw new Error('x');
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    await fetch(`${url}/things/org_0123?key=planted`);
    await fetch(`${url}/things/sec_4567`);
    await fetch(`${url}/broken`);
    await fetch(`${url}/planted/path`);
    await fetch(`${url}/planted`, { method: 'PROPFIND' });
    const { text } = await metrics.print();
    const counts = samplesOf(text).filter((line) => line.startsWith(COUNT));
    expect(counts.map((line) => line.slice(COUNT.length)).sort()).toEqual([
      '{method="GET",plane="api",route="/broken",status="5xx"} 1',
      '{method="GET",plane="api",route="/things/:id",status="2xx"} 2',
      '{method="GET",plane="api",route="unmatched",status="4xx"} 1',
      '{method="other",plane="api",route="unmatched",status="4xx"} 1',
    ]);
    expect(text).not.toMatch(/planted|org_0123|sec_4567/);
  });

  it('of two processes in one are apart', async () => {
    const [one, other] = [new Metrics('api'), new Metrics('engine')];
    one.agentRun('succeeded');
    expect((await one.print()).text).toContain(
      'claviger_agent_runs_total{outcome="succeeded",plane="api"} 1',
    );
    expect((await other.print()).text).not.toContain('claviger_agent_runs_total{');
  });

  it('of several processes are one text: each metric once, each sample with its process, nonsense left out', async () => {
    const [one, other] = [new Metrics('engine'), new Metrics('engine')];
    one.agentRun('succeeded', 2);
    other.agentRun('succeeded', 3);
    one.upstreamCall('openai', 'ok', 0.2);
    const { text, contentType } = await gatherMetrics([
      { process: '1', samples: await one.samples() },
      { process: '2', samples: await other.samples() },
      ...[undefined, 'x', [{ name: 1 }, null, { name: 'x', help: '', type: 'gauge', values: [null] }]].map(
        (samples) => ({ process: '3', samples }),
      ),
    ]);
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = samplesOf(text);
    expect(lines).toContain('claviger_agent_runs_total{outcome="succeeded",plane="engine",process="1"} 2');
    expect(lines).toContain('claviger_agent_runs_total{outcome="succeeded",plane="engine",process="2"} 3');
    expect(lines.filter((line) => line.includes('upstream_call_duration_seconds_bucket'))).toHaveLength(13);
    const types = text.match(/^# TYPE \S+/gm) ?? [];
    expect(types).toHaveLength(new Set(types).size);
    expect(text).not.toContain('process="3"');
  });

  it('leave a value out that cannot be read now, and serve the others', async () => {
    const metrics = new Metrics('worker');
    let fails = false;
    const read = async () => {
      if (fails) throw new Error('the database is away');
      return [{ labels: { queue: 'shredding' }, value: 3 }];
    };
    metrics.gauge({ name: 'claviger_queue_jobs', help: 'Jobs.', labels: ['queue'], read });
    const line = 'claviger_queue_jobs{queue="shredding",plane="worker"} 3';
    expect((await metrics.print()).text).toContain(line);
    fails = true;
    const { text } = await metrics.print();
    expect(text).not.toContain('claviger_queue_jobs{');
    expect(text).toContain('process_cpu_seconds_total');
  });
});
