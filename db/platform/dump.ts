// Makes `db/schema.sql`: the schema as text, from the system catalogue of Postgres, for people to read and CI to compare.
// It is not a backup. Names are in byte order and nothing depends on object ids, so equal schemas give equal text.
import { Client } from 'pg';

// Each query returns one column, `ddl`, in the order of the dump. It covers the schema `public` without objects of extensions.
const OURS = (oid: string, catalogue: string) => `not exists (
  select from pg_depend d where d.objid = ${oid} and d.classid = '${catalogue}'::regclass and d.deptype = 'e')`;

const TYPES = `
  select case t.typtype
      when 'e' then format('create type %I as enum (%s);', t.typname,
        (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid))
      else format('create domain %I as %s%s%s;', t.typname, format_type(t.typbasetype, t.typtypmod),
        case when t.typnotnull then ' not null' else '' end,
        (select string_agg(' ' || pg_get_constraintdef(oid), '' order by conname)
         from pg_constraint where contypid = t.oid and contype = 'c'))
    end as ddl
  from pg_type t
  where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd') and ${OURS('t.oid', 'pg_type')}
  order by t.typname collate "C"`;

const SEQUENCES = `
  select format('create sequence %I as %s;', c.relname, format_type(s.seqtypid, null)) as ddl
  from pg_class c join pg_sequence s on s.seqrelid = c.oid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i', 'e'))
  order by c.relname collate "C"`;

const FUNCTIONS = `
  select trim(trailing from pg_get_functiondef(p.oid), E'\\n') || ';' as ddl
  from pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p') and ${OURS('p.oid', 'pg_proc')}
  order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`;

const TABLES = `
  select format(E'create %stable %I (\\n%s\\n)%s%s;', case c.relpersistence when 'u' then 'unlogged ' else '' end, c.relname,
      columns.ddl || coalesce(constraints.ddl, ''),
      case c.relkind when 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end,
      ' with (' || array_to_string(c.reloptions, ', ') || ')')
      || coalesce(indexes.ddl, '') || coalesce(triggers.ddl, '') || coalesce(comments.ddl, '') as ddl
  from pg_class c
  cross join lateral (
    select string_agg('  ' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then ' not null' else '' end
      || case when a.attidentity <> '' then ' generated '
           || case a.attidentity when 'a' then 'always' else 'by default' end || ' as identity'
           when a.attgenerated <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ')'
             || case a.attgenerated when 's' then ' stored' else '' end
           when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid)
           else '' end, E',\\n' order by a.attnum) as ddl
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) columns
  left join lateral (
    select string_agg(format(E',\\n  constraint %I %s', conname, pg_get_constraintdef(oid)), ''
      order by array_position(array['p', 'u', 'x', 'c', 'f'], contype::text), conname collate "C") as ddl
    from pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'x', 'c', 'f')
  ) constraints on true
  left join lateral (
    select string_agg(E'\\n' || pg_get_indexdef(i.indexrelid) || ';', '' order by pg_get_indexdef(i.indexrelid)
      collate "C") as ddl
    from pg_index i
    where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid
      and k.conrelid = c.oid)
  ) indexes on true
  left join lateral (
    select string_agg(E'\\n' || pg_get_triggerdef(t.oid) || ';', '' order by t.tgname collate "C") as ddl
    from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal
  ) triggers on true
  left join lateral (
    select string_agg(E'\\ncomment on ' || case d.objsubid when 0 then format('table %I', c.relname)
      else format('column %I.%I', c.relname, a.attname) end || ' is ' || quote_literal(d.description) || ';', ''
      order by d.objsubid) as ddl
    from pg_description d left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
    where d.objoid = c.oid and d.classoid = 'pg_class'::regclass
  ) comments on true
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and ${OURS('c.oid', 'pg_class')}
  order by c.relname collate "C"`;

const VIEWS = `
  select format(E'create %sview %I as\\n%s', case relkind when 'm' then 'materialized ' else '' end, relname,
    pg_get_viewdef(oid)) as ddl
  from pg_class c
  where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and ${OURS('c.oid', 'pg_class')}
  order by relname collate "C"`;

const EXTENSIONS = `
  select format('create extension %I;', extname) as ddl from pg_extension
  where extname <> 'plpgsql' order by extname collate "C"`;

/** The schema `public` of the database as readable SQL; ends in a line break. */
export async function dumpSchema(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const parts = ['-- Generated by `npm run schema` from the migrations; do not edit.'];
    for (const query of [EXTENSIONS, TYPES, SEQUENCES, FUNCTIONS, TABLES, VIEWS]) {
      const { rows } = await client.query<{ ddl: string }>(query);
      parts.push(...rows.map((row) => row.ddl.replaceAll(/[ \t]+$/gm, '')));
    }
    return `${parts.join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}
