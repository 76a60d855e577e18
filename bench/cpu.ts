import { readFileSync, readdirSync } from 'node:fs';

/** CPU time by process, in milliseconds. */
export interface CpuTime {
  /** This process, with API, worker and the bench itself. */
  readonly node: number;
  /** The Postgres server with its backends. */
  readonly postgres: number;
  readonly temporal: number;
}

/** The difference of two readings, divided by `count`. */
export function perEach(before: CpuTime, after: CpuTime, count: number): CpuTime {
  const share = (whose: keyof CpuTime): number => (after[whose] - before[whose]) / count;
  return { node: share('node'), postgres: share('postgres'), temporal: share('temporal') };
}

/** The CPU time of all processes together. */
export const sumOf = ({ node, postgres, temporal }: CpuTime): number => node + postgres + temporal;

/** Formats CPU time: `20.3 ms (Node 10.1, Temporal 6.3, Postgres 3.9)`. */
export function millis(cpu: CpuTime): string {
  const { node, temporal, postgres } = cpu;
  const parts = `Node ${node.toFixed(1)}, Temporal ${temporal.toFixed(1)}, Postgres ${postgres.toFixed(1)}`;
  return `${sumOf(cpu).toFixed(1)} ms (${parts})`;
}

/** Reads the CPU time that this process and the servers have used. Zeros on systems without /proc. */
export function readCpu({
  postgres,
  temporal,
}: {
  postgres: number | null;
  temporal: number | null;
}): CpuTime {
  const all = processes();
  return {
    node: usedBy(all, process.pid, [postgres, temporal]),
    postgres: postgres === null ? 0 : usedBy(all, postgres),
    temporal: temporal === null ? 0 : usedBy(all, temporal),
  };
}

interface Usage {
  readonly parent: number;
  /** The CPU time of the process and of its ended children. */
  readonly ms: number;
}

/** The CPU time of a process and its descendants, without the processes in `leftOut`. */
function usedBy(
  all: ReadonlyMap<number, Usage>,
  pid: number,
  leftOut: readonly (number | null)[] = [],
): number {
  const children = [...all].filter(([child, { parent }]) => parent === pid && !leftOut.includes(child));
  return children.reduce((sum, [child]) => sum + usedBy(all, child, leftOut), all.get(pid)?.ms ?? 0);
}

/** Linux counts in hundredths of a second on every machine. */
const TICK_MS = 10;

function processes(): Map<number, Usage> {
  const found = new Map<number, Usage>();
  for (const name of folders('/proc')) {
    const usage = /^\d+$/.test(name) ? usageOf(name) : null;
    if (usage !== null) found.set(Number(name), usage);
  }
  return found;
}

function folders(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Reads the usage of a process. Null if it has ended meanwhile. */
function usageOf(pid: string): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name may contain anything, so the fields are counted after it: state, parent, and from the twelfth the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    return { parent: Number(fields[1]), ms: ticks * TICK_MS };
  } catch {
    return null;
  }
}
