import { Injectable } from '@nestjs/common';
import { judgeRefusal, type Direction } from '#lib/limits';
import { Judge } from '../pipeline/judge.js';
import { violationBy } from '../policies/policy-violation.js';
import type { WireWork } from './call-work.js';
import type { WirePlan } from './preparation.js';

/** The judges of the policies, around a relayed call: what it says is judged before it is sent, its answer before a byte is told. */
@Injectable()
export class OutputJudges {
  constructor(private readonly judge_: Judge) {}

  mustHold({ content }: WirePlan): boolean {
    return content.judges.some(({ rule }) => rule.on !== 'input');
  }

  judge(work: WireWork, text: string): Promise<void> {
    return this.#ask(work, 'output', text);
  }

  async judgeInput(work: Omit<WireWork, 'credential'>): Promise<void> {
    if (work.plan.content.judges.length === 0) return;
    const { model: _, ...said } = work.asked.body.whole();
    await this.#ask(work, 'input', JSON.stringify({ ...said, ...work.plan.changed }));
  }

  /** Every judge of that side at once. Throws PolicyViolation for the first, in the policies' order, that refuses. */
  async #ask(
    { plan, sink, noted }: Omit<WireWork, 'credential'>,
    on: Direction,
    text: string,
  ): Promise<void> {
    if (text === '') return;
    const judges = plan.content.judges.filter(({ rule }) => rule.on === on || rule.on === 'both');
    const { signal, id: runId } = sink;
    const came = await Promise.all(
      judges.map(({ rule }) => this.judge_.ask({ plan, rule, on, text, runId, signal })),
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
