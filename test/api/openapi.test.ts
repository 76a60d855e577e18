import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../api/errors.ts';
import { openApiDocument } from '../../api/openapi.ts';
import { ROUTES } from '../../api/routes/index.ts';
import { COUNTRIES } from '../../api/schemas/countries.ts';

describe('the OpenAPI document', () => {
  it('has every route once, with a summary and its error answers', () => {
    const { paths = {} } = openApiDocument();
    const operations = Object.values(paths).flatMap((item) => Object.values(item as object));
    expect(operations).toHaveLength(ROUTES.length + 1);
    const ids = operations.map((each) => each.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = openApiDocument().tags?.map(({ name }) => name);
    for (const each of operations) {
      expect(tags).toContain(each.tags[0]);
      expect(each.summary).toBeTruthy();
      expect(Object.keys(each.responses).some((status) => status.startsWith('4'))).toBe(true);
    }
  });

  it('has a valid example of each request', () => {
    const wrong = ROUTES.flatMap(({ spec }) => {
      if (spec.body === undefined) return [];
      const example: unknown = spec.body.meta()?.['example'];
      if (example === undefined) return [`${spec.path}: no example`];
      return spec.body.safeParse(example).success ? [] : [`${spec.path}: refused`];
    });
    expect(wrong).toEqual([]);
  });

  it('forbids unknown fields in requests, and allows them in answers', () => {
    const schemas = openApiDocument().components?.schemas as Record<
      string,
      { additionalProperties?: boolean }
    >;
    expect(schemas['OrderRequest']?.additionalProperties).toBe(false);
    expect(schemas['Invoice']).not.toHaveProperty('additionalProperties');
  });
});

describe('error codes', () => {
  it('that the code throws are all in `ERROR_CODES`', () => {
    const thrown = new Set<string>();
    for (const folder of ['domain', 'db', 'psp', 'engine', 'relay', 'api', 'activities']) {
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const text = readFileSync(`${folder}/${file}`, 'utf8');
        for (const [, code] of text.matchAll(/new DomainError\(\s*'([a-z_]+)'/g)) thrown.add(code ?? '');
      }
    }
    expect(thrown.size).toBeGreaterThan(20);
    expect([...thrown].filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
  });
});

describe('countries', () => {
  it('are the 249 codes that have an English name', () => {
    const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
    expect([...COUNTRIES].filter((code) => names.of(code) === undefined)).toEqual([]);
    expect(COUNTRIES.size).toBe(249);
  });
});
