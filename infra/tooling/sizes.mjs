// File sizes: no source over 300 lines, no spec over 400; half of the sources within 90, nineteen of twenty within 200.
// Suppressions that a linter cannot see are caught here as well.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from '../local/fingerprint.mjs';

const SOURCE = /\.(ts|tsx|mjs|css|sql|sh)$/;
const SPEC = /\.(spec|int-spec|e2e-spec)\.tsx?$|\/test\/|^infra\/acceptance\//;
const SUPPRESSIONS = /eslint-disable|@ts-(?:ignore|nocheck|expect-error)|prettier-ignore|istanbul ignore/;
const CAPS = { source: 300, spec: 400, median: 90, p95: 200 };

/** Reads the tree under `root` and answers every fault, with the figures. */
export function measure(root) {
  const files = filesUnder(root, (path) => SOURCE.test(path)).map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(root, path), lines: text.split('\n').length - 1, text };
  });
  const sources = files.filter(({ path }) => !SPEC.test(path));
  const sizes = sources.map(({ lines }) => lines).sort((a, b) => a - b);
  const figures = {
    files: sizes.length,
    median: at(sizes, 0.5),
    p95: at(sizes, 0.95),
    max: sizes.at(-1) ?? 0,
  };
  const faults = files
    .filter(({ path, lines }) => lines > (SPEC.test(path) ? CAPS.spec : CAPS.source))
    .map(({ path, lines }) => `${path} has ${lines} lines`);
  if (figures.median > CAPS.median)
    faults.push(`half of the files are longer than ${figures.median} lines (at most ${CAPS.median})`);
  if (figures.p95 > CAPS.p95)
    faults.push(`one file in twenty is longer than ${figures.p95} lines (at most ${CAPS.p95})`);
  for (const { path, text } of files) {
    if (!path.startsWith('infra/tooling/') && SUPPRESSIONS.test(text))
      faults.push(`${path} suppresses a check`);
  }
  return { figures, faults };
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { figures, faults } = measure(resolve(dirname(fileURLToPath(import.meta.url)), '../..'));
  console.log(
    `${figures.files} files: median ${figures.median} lines, 95th percentile ${figures.p95}, longest ${figures.max}`,
  );
  for (const fault of faults) console.error(fault);
  process.exit(faults.length > 0 ? 1 : 0);
}
