import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { measureResolution } from '../prove/resolution/measure.js';

const WORLDS = 80;
const SEED = Number(process.env.CLAVIGER_RESOLUTION_SEED ?? Math.floor(Math.random() * 4_294_967_296));

// The proof `resolution` does the same with more of them.
it(`A: on ${WORLDS} random states resolve, a run and the vendor's log say what the reference model says (seed ${SEED})`, async () => {
  const build = join(resolve(import.meta.dirname, '../..'), 'dist');
  const tell = (line: string) => void process.stdout.write(`resolution over HTTP: ${line}\n`);
  const { figures, faults } = await measureResolution({ worlds: WORLDS, seed: SEED, build, tell });
  expect([figures, faults.slice(0, 3)]).toEqual([
    { ...figures, worlds: WORLDS, differences: 0, astray: 0, modelDifferences: 0 },
    [],
  ]);
  expect(Math.min(figures.served, figures.refused, figures.modelsAsked)).toBeGreaterThan(5);
}, 300_000);
