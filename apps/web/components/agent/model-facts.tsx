import type { AvailableModel } from '@/lib/api/types';
import { money, tokens } from '@/lib/format';
import styles from './agent.module.css';

const TOOLS: Record<string, string> = {
  yes: 'tools',
  no: 'no tools',
  depends: 'tools: depends',
  unknown: 'tools: unknown',
};

function facts({ capabilities, contextWindow, price, lifecycle }: AvailableModel): string[] {
  return [
    TOOLS[capabilities.tools] ?? capabilities.tools,
    ...(capabilities.vision === 'yes' ? ['vision'] : []),
    ...(contextWindow ? [`${tokens(contextWindow)} context`] : []),
    price
      ? `${money(price.inputMicroUsdPerMTok)} in, ${money(price.outputMicroUsdPerMTok)} out per M`
      : 'price unknown',
    ...(price?.tiers ?? []).map(
      (tier) =>
        `above ${tokens(tier.aboveInputTokens)} in: ${money(tier.inputMicroUsdPerMTok)} in, ${money(tier.outputMicroUsdPerMTok)} out per M`,
    ),
    ...(lifecycle === 'active' ? [] : [lifecycle]),
  ];
}

/** What a model can do and costs, as small badges. */
export function ModelFacts({ model }: { model: AvailableModel }) {
  return (
    <span className={styles.facts}>
      {facts(model).map((fact) => (
        <span key={fact} className={styles.fact}>
          {fact}
        </span>
      ))}
    </span>
  );
}
