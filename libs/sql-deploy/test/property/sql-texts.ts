import fc from 'fast-check';

/**
 * Texts that look like what people write in SQL files, with everything that hides a semicolon from a careless
 * splitter. Most of them parse; whoever uses them asks the parser first.
 */

const blank = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\f',
  " -- a; comment with a ' and $$ and /* \n",
  '-- ends at a carriage return;\r',
  '/* a; comment with a \' and " */',
  '/* outer; /* inner; */ $$ -- */',
  '/*/ odd; */',
  '/***/',
  ' -- é ü 日本 🙂;\n',
);

const space = fc.array(blank, { minLength: 1, maxLength: 2 }).map((parts) => ` ${parts.join('')} `);

const name = fc.constantFrom(
  'a',
  't1',
  '_x',
  'e',
  'E',
  'u',
  'Ünïcode',
  '日本',
  'a$b$c',
  'begin',
  'atomic',
  '"quoted; name"',
  '"with "" quote;"',
  '"with \' apostrophe"',
  '"end"',
  '"$$"',
  'U&"\\0441;"',
  's.t',
  's.end',
  't.case',
  't.begin',
);

const innards = fc
  .array(
    fc.constantFrom(
      ';',
      'x',
      ' ',
      '\n',
      '"',
      '--',
      '/*',
      '*/',
      '$$',
      '$a$',
      '$',
      'é',
      '🙂',
      'begin',
      'end;',
      '(',
      ')',
      '\t',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const plainString = innards.chain((text) =>
  fc.constantFrom(`'${text}'`, `'it''s ${text}'`, `'${text}\\'`, `'${text}'''`, `N'${text}'`, `U&'${text}'`),
);

const escapeString = innards.chain((text) =>
  fc.constantFrom(`E'${text}'`, `e'\\'${text}'`, `E'${text}\\\\'`, `E'\\\\\\'${text}'''`, `E'\\n${text}'`),
);

const continuedString = fc
  .tuple(fc.constantFrom('', 'E', 'e'), innards, innards, fc.constantFrom('\n', ' -- c;\n', '\n\n\t', '\r', ' \n--\n'))
  .chain(([prefix, first, second, gap]) =>
    fc.constantFrom(
      `${prefix}'${first}'${gap}'${second}'`,
      prefix === '' ? `'${first}\\'${gap}'${second}\\'` : `${prefix}'${first}\\''${gap}'\\'${second}'`,
    ),
  );

const dollarTag = fc.constantFrom('', 'a', 'tag', '_1', 'é', 'Body', 'q'.repeat(80));

const dollarString = fc
  .tuple(dollarTag, innards, dollarTag, innards)
  .filter(([tag, text, inner, rest]) => tag !== inner && !`${text}$${inner}${rest}`.includes(`$${tag}$`))
  .map(([tag, text, inner, rest]) => `$${tag}$${text}$${inner}$;${rest}$${inner}$$${tag}$`);

const text = fc.oneof(plainString, escapeString, continuedString, dollarString);

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'expression' },
    fc.oneof(
      text,
      name,
      fc.constantFrom('1', '1.5e3', '$1', "B'01'", "X'1F'", 'null', 'true', "date'2020-01-01'", '0x1F'),
    ),
    fc.tuple(tie('expression'), space).map(([inner, gap]) => `(${gap}${inner}${gap})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('||', '+', '*', '-', ' * ', '/', '- -', '<>', '%', '@>'),
        space,
        tie('expression'),
      )
      .map(([left, operator, gap, right]) => `${left}${operator}${gap}${right}`),
    fc
      .tuple(tie('expression'), space, tie('expression'))
      .map(([left, gap, right]) => `case${gap}when ${left} is null then ${right}${gap}end`),
    fc.tuple(name, tie('expression')).map(([called, argument]) => `f(${argument}, ${called} , array[1,2])`),
    fc.tuple(tie('expression'), name).map(([inner]) => `(${inner})::text`),
  ),
}));

const label = fc.constantFrom('', '', ' as end', ' as case', ' as begin', ' as "a;b"', ' as function');

const select = fc
  .tuple(space, expression, label, fc.option(name))
  .map(([gap, value, as, from]) => `select${gap}${value}${as}${from === null ? '' : `${gap}from ${from}`}`);

const change = fc.oneof(
  select,
  fc.tuple(name, expression).map(([table, value]) => `insert into ${table} values (${value}, 2)`),
  fc.tuple(name, expression).map(([table, value]) => `update ${table} set x = ${value} where y = 1`),
  fc.tuple(name, expression).map(([table, value]) => `delete from ${table} where ${value} is null`),
);

const routineHead = fc
  .tuple(fc.constantFrom('create', 'CREATE', 'Create'), space, fc.constantFrom('', 'or replace '), space)
  .map(([create, gap, replace, gap2]) => `${create}${gap}${replace}${gap2}`);

const routine = fc.oneof(
  fc
    .tuple(routineHead, space, text)
    .map(([head, gap, body]) => `${head}function f(a int default 1)${gap}returns int language sql as ${body}`),
  fc
    .tuple(routineHead, space, fc.array(change, { maxLength: 3 }), fc.constantFrom('function', 'PROCEDURE'))
    .map(([head, gap, body, kind]) => {
      const returns = kind === 'function' ? 'returns int' : '';
      return `${head}${kind} f()${gap}${returns} language sql begin${gap}atomic${gap}${body.map((one) => `${one};`).join(gap)}${gap}end`;
    }),
  fc
    .tuple(routineHead, expression)
    .map(([head, value]) => `${head}function f(a int) returns int language sql return ${value}`),
);

const rule = fc
  .tuple(space, fc.array(change, { minLength: 1, maxLength: 3 }), fc.constantFrom('also', 'instead', ''))
  .map(([gap, body, how]) => `create rule r as on insert to t do ${how}${gap}(${body.join(`;${gap}`)})`);

const other = fc.oneof(
  fc.tuple(name, text).map(([table, comment]) => `comment on table ${table} is ${comment}`),
  fc.tuple(name, expression).map(([column, value]) => `create table t (x text default ${value}, ${column} int)`),
  innards
    .filter((body) => !body.includes('$'))
    .map((body) => `do $do$ begin raise notice '${body.replaceAll("'", '')}'; end $do$`),
  fc.constantFrom(
    'begin',
    'commit',
    'end',
    'create table begin (case_ int)',
    'drop function f(int), g',
    'create trigger x after insert on t execute function f()',
  ),
);

const statement = fc.oneof(
  { weight: 4, arbitrary: change },
  { weight: 3, arbitrary: routine },
  { weight: 1, arbitrary: rule },
  { weight: 2, arbitrary: other },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '-- nothing;\n', '/* ; */') },
);

/** A file of several statements. */
export const sqlText: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.tuple(space, statement, blank), { maxLength: 6 }), fc.boolean(), space)
  .map(([statements, lastSemicolon, gap]) => {
    const joined = statements.map(([before, one, after]) => `${before}${one}${after}`).join(';');
    return `${joined}${lastSemicolon ? ';' : ''}${gap}`;
  });

/** Pieces of lexical structure thrown together: what parses of them is odd, and so are the mistakes it finds. */
export const sqlScraps: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(text, name, blank, fc.constantFrom(';', ';', 'select', ',', '(', ')', '||', ' as ', '1', '-', '/', '*')),
    {
      maxLength: 12,
    },
  )
  .map((parts) => `select ${parts.join(' ')}`);
