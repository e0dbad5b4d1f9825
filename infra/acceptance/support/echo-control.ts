import { JobQueue, queueBackend } from '#lib/queue';
import { brokenBuild } from './broken-build.js';
import { echoForms } from './echo-forms.js';
import type { EchoStage } from './echo-stage.js';

/** The break that leaves an engine without a scrubber. */
export const SCRUBBER = {
  file: 'libs/providers/src/scrubber.js',
  sound: 'secrets.flatMap((secret) => [secret, secret.trim()])',
  broken: '[]',
};
/** A careless line besides: the log's own layers keep such text out otherwise. */
const LOG = {
  file: 'apps/engine/src/agent-runs/run-teller.js',
  sound: "this.log.info(fields, 'run ended')",
  broken: 'process.stdout.write(`${JSON.stringify(error ?? null)}\\n`)',
};

/** What the sweep finds, per sink, when every wire's vendor gives its key back to an engine without a scrubber. */
export async function findsWithoutScrubber(stage: EchoStage): Promise<Record<string, string[]>> {
  const build = brokenBuild([SCRUBBER, LOG]);
  const broken = stage.engineFrom(build.main);
  try {
    for (const wire of stage.wires) {
      for (const form of echoForms(wire.key).values()) {
        stage.upstream.script(
          { text: [form.slice(0, 9), form.slice(9)] },
          { status: 500, message: `by ${form}` },
        );
        await stage.run(broken, wire, { accept: 'text/event-stream' });
        const problem: unknown = JSON.parse(await stage.run(broken, wire));
        await plantJob(stage, Object.values(Object(problem)).join(' '));
      }
    }
    return stage.findsIn(await stage.sinks([broken]));
  } finally {
    await broken.stop();
    build.remove();
  }
}

/** What the control has to find in each of the sinks, of each wire's key. */
export function expectedFinds({ wires }: EchoStage): string[] {
  const forms = [
    'percent-encoded',
    'percent-encoded, every byte',
    ...['base64 at 0', 'base64 at 1', 'base64 at 2', 'base64url at 0'],
    ...['unicode-escaped, in JSON', 'HTML-escaped throughout', 'hex'],
  ];
  return wires.flatMap(({ name }) => forms.map((form) => `${name}: ${form}`));
}

/** A job as a careless producer would make it, through the real queue. */
async function plantJob({ database }: EchoStage, text: string): Promise<void> {
  const queue = new JobQueue('shredding', queueBackend(database.superuserUrl, null), () => undefined);
  await queue.add({ orgId: 'org_x', secretId: text, version: 1 }, { delayMs: 3_600_000 });
  await queue.close();
}
