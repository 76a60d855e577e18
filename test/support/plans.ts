// Plans of statements as Postgres makes them without knowing any value.
import type { Client } from 'pg';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Node[];
}

const MERCHANT_ALONE = /^\(\(?[\w.]*merchant_id\)?(::text)? = \S*\)$/;

/**
 * The tables that the generic plan of a statement reads from end to end, also by an index that it gives no condition, and those
 * of which it reads all rows of a merchant.
 * @param partial indexes of some rows only, which need no condition
 */
export async function scannedTables(
  client: Client,
  text: string,
  partial: ReadonlySet<string>,
): Promise<string[]> {
  // Without values, the text goes by the simple protocol, which leaves `$1` to `generic_plan`.
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: Node }[] }>(
    `explain (generic_plan, format json) ${text}`,
  );
  const found = new Set<string>();
  const visit = (node: Node, limited: boolean): void => {
    if (readsTooMuch(node, limited, partial)) found.add(node['Relation Name'] ?? node['Index Name'] ?? '?');
    for (const child of node.Plans ?? []) visit(child, limited || node['Node Type'] === 'Limit');
  };
  for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) visit(Plan, false);
  return [...found].toSorted();
}

function readsTooMuch(node: Node, limited: boolean, partial: ReadonlySet<string>): boolean {
  const { 'Node Type': type, 'Index Name': index, 'Index Cond': condition } = node;
  if (type === 'Seq Scan') return true;
  if (index === undefined || partial.has(index)) return false;
  return condition === undefined ? type !== 'Bitmap Heap Scan' : !limited && MERCHANT_ALONE.test(condition);
}
