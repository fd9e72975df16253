import type { Report } from '@postgres-manager/sql-deploy';
import { describe, expect, it } from 'vitest';
import { RunRecorder } from '../run-record.ts';
import { describeFailedRun } from './describe-failed-run.ts';
import { describeSuccess } from './describe-success.ts';
import { formatDuration } from './duration.ts';
import { excerptLines } from './excerpt.ts';
import { fitColumns } from './fit.ts';
import { resultLine } from './json.ts';
import { createPaint } from './paint.ts';
import { progressLine } from './progress-line.ts';
import { block, oneLine, terminalSafeJson } from './sanitize.ts';

const plain = createPaint(false);

describe('formatDuration', () => {
  it.each([
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [4_120, '4.1 s'],
    [59_960, '1 min 00 s'],
    [123_000, '2 min 03 s'],
    [3_720_000, '1 h 02 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('foreign text', () => {
  it('can not rewrite the screen', () => {
    expect(oneLine('a\u001b[2Jb\u0007\u009b1m\r\nc\u202ed')).toBe('a?[2Jb??1m c?d');
    expect(block('one\ntwo\u001b\n')).toBe('one\n  two?');
  });

  it('stays the same value in JSON', () => {
    const text = 'a\u001b\u007f\u009b\u202e';
    const json = terminalSafeJson(JSON.stringify(text));
    expect(json).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(json)).toBe(text);
  });
});

describe('excerptLines', () => {
  it('puts the caret under the column', () => {
    expect(excerptLines('\tselect x;', 9, plain)).toEqual(['    \tselect x;', '    \t       ^']);
  });

  it('shows the part of a long line that holds the column', () => {
    const [line = '', caret = ''] = excerptLines(`${'a'.repeat(300)}X${'b'.repeat(300)}`, 301, plain);
    expect(line.length).toBeLessThan(120);
    expect(line[caret.indexOf('^')]).toBe('X');
  });

  it('gives no caret to a column beyond the line', () => {
    expect(excerptLines('select', 90, plain)).toEqual(['    select']);
    expect(excerptLines(null, null, plain)).toEqual([]);
  });
});

describe('progressLine', () => {
  it('tells bar, n of m, elapsed and the file, in one line of the terminal', () => {
    const record = new RunRecorder(0);
    expect(progressLine(record, false, 300, 80)).toBe('connecting  300 ms');
    record.observe({ type: 'planned', total: 4, skipped: 0, steps: [], appliedEarlier: [] }, 500);
    record.observe({ type: 'step_finished', path: 'deployment/00000-a.sql', index: 1, total: 4, durationMs: 5 }, 600);
    record.observe({ type: 'step_started', path: 'deployment/00001-b.sql', index: 2, total: 4 }, 1_000);
    expect(progressLine(record, false, 1_500, 80)).toBe(
      '[#####---------------]  2 of 4  1.5 s  deployment/00001-b.sql',
    );
    expect(progressLine(record, true, 3_000, 50)).toBe('cancelling  2 of 4  3.0 s  deployment/00001-b.sql');
    expect(progressLine(record, false, 3_000, 20)).toHaveLength(19);
    expect(progressLine(record, false, 3_000, 100)).toContain('deployment/00001-b.sql (2.0 s)');
  });

  it('counts wide characters as two columns', () => {
    expect(fitColumns('日本語', 5)).toBe('日本');
  });
});

const report: Report = {
  mode: 'deployment',
  status: 'succeeded',
  dryRun: false,
  bundleDigest: 'd',
  applied: ['deployment/00000-a.sql'],
  skipped: 2,
  baselined: 0,
  adopted: 0,
  notStarted: [],
  planned: [],
  failed: null,
  failures: [],
  problems: [],
  durationMs: 12.4,
  ledger: null,
};

describe('the summary of a run', () => {
  it('is one line when all is well', () => {
    expect(describeSuccess(report, plain)).toEqual(['succeeded: 1 applied, 2 applied before, in 12 ms']);
  });

  it('tells of a failure where, what, which files, and what to do', () => {
    const failed = {
      file: 'deployment/00001-b.sql',
      line: 2,
      column: 15,
      sourceLine: 'select * from nowhere;',
      sqlstate: '42P01',
      code: 'sql_error',
      message: 'relation "nowhere" does not exist',
      hint: 'Create it first.',
    } as const;
    const stopped: Report = {
      ...report,
      status: 'failed',
      failed,
      failures: [failed],
      notStarted: ['deployment/00002-c.sql'],
    };
    expect(describeFailedRun(stopped, plain)).toEqual([
      'deployment/00001-b.sql:2:15  sql_error 42P01  relation "nowhere" does not exist',
      '    select * from nowhere;',
      '                  ^',
      '  hint: Create it first.',
      '',
      'failed after 12 ms: 1 applied, 1 file failed, 1 not started',
      '  applied        deployment/00000-a.sql',
      '  rolled back    deployment/00001-b.sql',
      '  not started    deployment/00002-c.sql',
      '  applied before 2',
      '  what to do now mend the cause and run the same command again: it carries on with what is not applied',
    ]);
  });

  it('does not call rolled back what may have left traces', () => {
    const failed = {
      file: 'deployment/00001-b.sql',
      line: null,
      column: null,
      sourceLine: null,
      sqlstate: null,
      code: 'hidden_commit',
      message: 'm',
      hint: '',
    } as const;
    const lines = describeFailedRun({ ...report, status: 'failed', failed, failures: [failed] }, plain).join('\n');
    expect(lines).toContain('unfinished     deployment/00001-b.sql');
    expect(lines).not.toContain('rolled back');
  });
});

it('gives the result its keys in the promised order', () => {
  const failed = {
    file: null,
    line: null,
    column: null,
    sourceLine: null,
    sqlstate: null,
    code: 'usage',
    message: 'm',
    hint: 'h',
  } as const;
  expect(JSON.stringify(resultLine({ ...report, status: 'refused', failed }))).toBe(
    '{"type":"result","mode":"deployment","status":"refused","applied":["deployment/00000-a.sql"],"skipped":2,"baselined":0,' +
      '"failed":{"file":null,"line":null,"column":null,"sqlstate":null,"code":"usage","message":"m","hint":"h"},"problems":[],"durationMs":12}',
  );
});
