import type { Pool } from '../../db/platform/pool.ts';

/** A pool that explains each statement before it runs it. `plan` returns the plans so far. */
export function explaining(pool: Pool): { asked: Pool; plan: () => string } {
  const lines: string[] = [];
  const asked = {
    async query({ text, values }: { text: string; values: unknown[] }) {
      const explained = await pool.query<Record<string, string>>(`explain ${text}`, values);
      lines.push(...explained.rows.flatMap((line) => Object.values(line)));
      return pool.query(text, values);
    },
  } as unknown as Pool;
  return { asked, plan: () => lines.join('\n') };
}
