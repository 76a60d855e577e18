import { readFileSync, readdirSync } from 'node:fs';

/** CPU time by whose it is, in milliseconds. */
export interface CpuTime {
  /** This process: API, worker, and the bench itself. */
  readonly node: number;
  /** The server with its backends. */
  readonly postgres: number;
  readonly temporal: number;
}

/** What two readings differ by, for each of so many. */
export function perEach(before: CpuTime, after: CpuTime, count: number): CpuTime {
  const share = (whose: keyof CpuTime): number => (after[whose] - before[whose]) / count;
  return { node: share('node'), postgres: share('postgres'), temporal: share('temporal') };
}

export const sumOf = ({ node, postgres, temporal }: CpuTime): number => node + postgres + temporal;

/** Reads the CPU time that a process and its children have used; zeros where there is no /proc. */
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
  /** Its own, and that of its children that have ended. */
  readonly ms: number;
}

/** Of a process and what descends from it; those that are left out are counted elsewhere. */
function usedBy(
  all: ReadonlyMap<number, Usage>,
  pid: number,
  leftOut: readonly (number | null)[] = [],
): number {
  const children = [...all].filter(([child, { parent }]) => parent === pid && !leftOut.includes(child));
  return children.reduce((sum, [child]) => sum + usedBy(all, child, leftOut), all.get(pid)?.ms ?? 0);
}

/** Linux counts in hundredths of a second, whatever the machine. */
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

/** Null when the process has ended meanwhile. */
function usageOf(pid: string): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What follows the program's name, which may contain anything: state, parent, and from the twelfth on the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    return { parent: Number(fields[1]), ms: ticks * TICK_MS };
  } catch {
    return null;
  }
}
