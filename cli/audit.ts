import type { Finding } from '../db/audit/audit.ts';
import { AuditUnderWay, type Progress, auditInSlices } from '../db/audit/in-slices.ts';
import type { Pool } from '../db/platform/pool.ts';
import { table } from './table.ts';

/** How many findings of a check are printed. Further ones are only counted, as a fault may affect all rows. */
const MOST_FINDINGS = 1_000;
/** The time between two lines about the progress. */
const EVERY_MS = 10_000;

interface Output {
  /** Writes findings and the result. */
  readonly print: (line: string) => void;
  /** Writes the progress. */
  readonly report: (line: string) => void;
}

/**
 * Runs `tenor audit`, and prints each finding as soon as it is found. Returns the exit code: 0 without findings, 1 with findings,
 * 2 if the audit did not finish.
 */
export async function runAudit(
  pool: Pool,
  { anew }: { readonly anew: boolean },
  { print, report }: Output,
): Promise<number> {
  const count = new Map<string, number>();
  let last: Progress | null = null;
  let reported = Date.now();
  try {
    for await (const progress of auditInSlices(pool, { anew })) {
      if (last === null && progress.run.slices > 0)
        report(`Continuing the audit of ${progress.run.began_at}.`);
      for (const finding of progress.findings) {
        const n = (count.get(finding.check) ?? 0) + 1;
        count.set(finding.check, n);
        if (n <= MOST_FINDINGS) print(lineOf(finding));
      }
      if (Date.now() - reported >= EVERY_MS) {
        report(lineOfProgress(progress));
        reported = Date.now();
      }
      last = progress;
    }
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    if (!(error instanceof AuditUnderWay))
      report(`${lineOfProgress(last)} Not finished. Run tenor audit again to continue.`);
    return 2;
  }
  report(lineOfProgress(last));
  if (count.size === 0) {
    print('No findings: the books are in order.');
    return 0;
  }
  print('');
  const counts = [...count].map(([check, n]) => [check, String(n)]);
  for (const line of table(['check', 'findings'], counts)) print(line);
  return 1;
}

const lineOfProgress = (progress: Progress | null): string =>
  progress === null ? 'Nothing was read.' : `${progress.done} of ${progress.of} slices read.`;

function lineOf({ check, merchant_id, id, message }: Finding): string {
  return `${check}  ${merchant_id}  ${id}: ${message}`;
}
