import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/**
 * @typedef {object} Workload
 * @property {string} id
 * @property {string} label
 * @property {{name: string, sql: string}[]} files in order; `name` is without ordinal and suffix
 * @property {string} countSql counts what the files leave behind, in one row
 * @property {Record<string, number>} expected that row when every file was applied exactly once
 */

/** @returns {Workload[]} */
export function allWorkloads() {
  return [smallFiles(1000), mixedFiles(300)];
}

/** Small files: a table and an index each. */
function smallFiles(count) {
  const files = numbers(count).map((i) => ({
    name: `item-${i}`,
    sql: `CREATE TABLE item_${i} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX item_${i}_name_idx ON item_${i} (name);
`,
  }));
  return {
    id: 'small',
    label: `${count.toLocaleString('en')} small files, a table and an index each`,
    files,
    countSql: `SELECT count(*) FILTER (WHERE relkind = 'r')::int AS tables,
                      count(*) FILTER (WHERE relkind = 'i' AND relname LIKE '%name_idx')::int AS indexes
                 FROM pg_class WHERE relname LIKE 'item\\_%'`,
    expected: { tables: count, indexes: count },
  };
}

/** What a real folder holds: groups of ten files, of which each builds on those before it. */
function mixedFiles(count) {
  const groups = count / 10;
  const files = numbers(groups).flatMap(mixedGroup);
  return {
    id: 'mixed',
    label: `${count} mixed files (tables, functions, seeds, ALTERs, views, types, grants, comments, DO blocks, triggers)`,
    files,
    countSql: `SELECT
        (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'account\\_%')::int AS tables,
        (SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relname LIKE 'account\\_%')::int AS views,
        (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)::int AS functions,
        (SELECT count(*) FROM pg_type WHERE typtype = 'e')::int AS types,
        (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)::int AS triggers,
        (SELECT count(*) FROM pg_description WHERE description LIKE 'Accounts of region %')::int AS comments,
        (SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'bench_reader')::int AS grants,
        (SELECT sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]::text::int)
           FROM pg_class WHERE relkind = 'r' AND relname LIKE 'account\\_%')::int AS rows`,
    expected: {
      tables: groups,
      views: groups,
      functions: groups * 2,
      types: groups,
      triggers: groups,
      comments: groups,
      grants: groups,
      rows: groups * (SEED_ROWS + CALLED_ROWS + DO_ROWS),
    },
  };
}

const SEED_ROWS = 20;
const CALLED_ROWS = 5;
const DO_ROWS = 10;

function mixedGroup(g) {
  const seeds = numbers(SEED_ROWS).map((i) => `  ('owner-${g}-${i}', ${i * 10}.50)`);
  const calls = numbers(CALLED_ROWS).map(
    (i) => `INSERT INTO account_${g} (owner, balance) VALUES ('called-${g}-${i}', account_fee_${g}(${i}00));`,
  );
  return [
    {
      name: `account-${g}-table`,
      sql: `CREATE TABLE account_${g} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text NOT NULL CHECK (owner <> ''),
  balance numeric(12, 2) NOT NULL DEFAULT 0,
  opened_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner)
);
`,
    },
    {
      name: `account-${g}-fee`,
      sql: `-- The fee of an account: one per cent; nothing from small ones.
CREATE FUNCTION account_fee_${g}(amount numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE AS $fee$
DECLARE
  fee numeric := round(amount * 0.01, 2);
BEGIN
  IF amount < 10 THEN
    RETURN 0;
  END IF;
  RETURN fee;
END;
$fee$;
`,
    },
    { name: `account-${g}-seed`, sql: `INSERT INTO account_${g} (owner, balance) VALUES\n${seeds.join(',\n')};\n` },
    {
      name: `account-${g}-alter`,
      sql: `ALTER TABLE account_${g} ADD COLUMN note text NOT NULL DEFAULT 'none; yet';
ALTER TABLE account_${g} ADD CONSTRAINT account_${g}_balance_check CHECK (balance > -1000000);
CREATE INDEX account_${g}_opened_at_idx ON account_${g} (opened_at DESC);
`,
    },
    {
      name: `account-${g}-view`,
      sql: `CREATE VIEW account_${g}_summary AS
SELECT date_trunc('day', opened_at) AS day, count(*) AS accounts, sum(balance) AS total
  FROM account_${g}
 GROUP BY 1;
`,
    },
    {
      name: `account-${g}-grant`,
      sql: `GRANT SELECT ON account_${g} TO bench_reader;
COMMENT ON TABLE account_${g} IS 'Accounts of region ${g}';
`,
    },
    {
      name: `account-${g}-status`,
      sql: `CREATE TYPE account_status_${g} AS ENUM ('open', 'frozen', 'closed');
ALTER TABLE account_${g} ADD COLUMN status account_status_${g} NOT NULL DEFAULT 'open';
`,
    },
    { name: `account-${g}-calls`, sql: `${calls.join('\n')}\n` },
    {
      name: `account-${g}-do`,
      sql: `DO $$
BEGIN
  FOR i IN 1..${DO_ROWS} LOOP
    INSERT INTO account_${g} (owner, balance) VALUES (format('looped-%s', i), i);
  END LOOP;
END;
$$;
`,
    },
    {
      name: `account-${g}-trigger`,
      sql: `CREATE FUNCTION account_touch_${g}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.note := 'touched';
  RETURN NEW;
END;
$$;
CREATE TRIGGER account_${g}_touch BEFORE UPDATE ON account_${g}
  FOR EACH ROW EXECUTE FUNCTION account_touch_${g}();
UPDATE account_${g} SET balance = balance + 1 WHERE balance > 100;
`,
    },
  ];
}

/**
 * Writes one large file: a table and INSERT statements of about 100 bytes.
 * @returns {Promise<{sizeBytes: number, statements: number}>}
 */
export async function writeLargeFile(path, atLeastBytes) {
  const out = createWriteStream(path);
  let sizeBytes = 0;
  let statements = 0;
  const write = async (text) => {
    sizeBytes += text.length;
    if (!out.write(text)) await once(out, 'drain');
  };
  await write('CREATE TABLE reading (id int, sensor int, taken_at timestamptz, value numeric, note text);\n');
  while (sizeBytes < atLeastBytes) {
    let chunk = '';
    for (let i = 0; i < 500; i++) {
      const id = ++statements;
      chunk += `INSERT INTO reading VALUES (${id}, ${id % 97}, '2024-05-01 12:00:00+00', ${id % 1000}.25, 'reading no ${id}');\n`;
    }
    await write(chunk);
  }
  out.end();
  await once(out, 'finish');
  return { sizeBytes, statements };
}

/** 1, 2, … count */
function numbers(count) {
  return Array.from({ length: count }, (_, index) => index + 1);
}
