import { type RepairDeps, repair } from '../engine/repair/repair.ts';
import { table } from './table.ts';

/** `tenor repair`: applies remedies to workflows, or only shows them. Returns the exit code: 1 if a remedy failed. */
export async function runRepair(
  deps: RepairDeps,
  { dryRun }: { dryRun: boolean },
  print: (line: string) => void,
): Promise<number> {
  const { checked, repaired, failed } = await repair(deps, { dryRun });
  const rows = repaired.map(({ workflow_id, remedy, why }) => [workflow_id, remedy, why]);
  if (rows.length > 0)
    for (const line of table(['workflow', dryRun ? 'would' : 'did', 'why'], rows)) print(line);
  for (const { workflow_id, remedy, error } of failed) print(`${workflow_id}: could not ${remedy}: ${error}`);
  const count = (kind: string): number => repaired.filter(({ remedy }) => remedy === kind).length;
  print(
    `${checked} workflows checked; ${dryRun ? 'needed: ' : ''}${count('start')} started, ${count('wake')} woken, ` +
      `${count('restart')} restarted; ${failed.length} failed.`,
  );
  return failed.length === 0 ? 0 : 1;
}
