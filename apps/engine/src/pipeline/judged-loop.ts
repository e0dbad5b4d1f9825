import { Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { judgeRefusal, type Direction } from '#lib/limits';
import { violationBy } from '../policies/policy-violation.js';
import { RoutedLoop } from '../routes/routed-loop.js';
import type { RoutedRun } from '../routes/routed-run.js';
import { HeldSink } from './held-sink.js';
import { Judge } from './judge.js';
import { answeredBy, saidBy } from './judge-call.js';

/**
 * The judges of the policies, around the call: what it says is judged before its key is opened, its answer when all of it is there.
 * An answer that a judge may still refuse is told to nobody before; one that was not judged, to nobody at all.
 */
@Injectable()
export class JudgedLoop {
  constructor(
    private readonly loop: RoutedLoop,
    private readonly judge: Judge,
  ) {}

  async run(run: RoutedRun): Promise<unknown> {
    const { course, sink } = run;
    const { request, content } = course.plan;
    await this.#judge(run, 'input', saidBy(request.agent));
    const strict = content.judges.some(
      ({ policy, rule }) => policy.severity === 'HIGH' && rule.on !== 'input',
    );
    const held = strict ? new HeldSink(sink) : null;
    try {
      const output = await this.loop.run({ ...run, sink: held ?? sink });
      await this.#judge(run, 'output', answeredBy(course.leg.record.steps));
      held?.release();
      return output;
    } catch (error) {
      if (!held) throw error;
      course.leg.record.withhold();
      throw error instanceof ClavigerError ? withoutText(error) : error;
    }
  }

  /** Every judge of that side at once. Throws PolicyViolation for the first, in the policies' order, that refuses. */
  async #judge({ course, sink, noted }: RoutedRun, on: Direction, text: string): Promise<void> {
    if (text === '') return;
    const { plan } = course.leg;
    const judges = plan.content.judges.filter(({ rule }) => rule.on === on || rule.on === 'both');
    const { signal, id: runId } = sink;
    const came = await Promise.all(
      judges.map(({ rule }) => this.judge.ask({ plan, rule, on, text, runId, signal })),
    );
    const broken = judges.flatMap((placed, index) => {
      const judgement = came[index] ?? 'respects';
      return judgement === 'respects' ? [] : [judgeRefusal(placed, on, judgement)];
    });
    noted.push(...broken.filter(({ severity }) => severity !== 'HIGH'));
    const refusal = broken.find(({ severity }) => severity === 'HIGH');
    if (refusal) throw violationBy(refusal);
  }
}

/** An answer of no use is quoted in its error; one that was not judged must not be. */
function withoutText(error: ClavigerError): ClavigerError {
  if (!error.extras || !('text' in error.extras)) return error;
  const { text: _, ...extras } = error.extras;
  return new ClavigerError(error.code, error.message, { errors: error.errors, extras });
}
