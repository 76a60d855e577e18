import { type Finding, findings } from '../db/audit/audit.ts';
import type { Pool } from '../db/platform/pool.ts';
import { table } from './table.ts';

/** Each finding is told as soon as it is found; answers the exit code: 1 if anything is wrong. */
export async function runAudit(pool: Pool, print: (line: string) => void): Promise<number> {
  const count = new Map<string, number>();
  for await (const finding of findings(pool)) {
    print(lineOf(finding));
    count.set(finding.check, (count.get(finding.check) ?? 0) + 1);
  }
  if (count.size === 0) {
    print('The books are in order.');
    return 0;
  }
  print('');
  for (const line of table(
    ['check', 'findings'],
    [...count].map(([check, n]) => [check, String(n)]),
  ))
    print(line);
  return 1;
}

function lineOf({ check, merchant_id, id, message }: Finding): string {
  return `${check}  ${merchant_id}  ${id}: ${message}`;
}
