import { availableParallelism, totalmem } from 'node:os';

/** What figures depend on: the class of the machine, never which one it was. */
export interface MachineClass {
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
}

export function machineClass(): MachineClass {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
