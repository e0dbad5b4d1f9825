#!/usr/bin/env node
import { main } from './main.js';

process.exitCode = await main(
  {
    args: process.argv.slice(2),
    env: process.env,
    stdin: process.stdin,
    say: (line) => void process.stdout.write(`${line}\n`),
    tell: (text) => void process.stdout.write(text),
  },
  (line) => void process.stderr.write(`${line}\n`),
);
