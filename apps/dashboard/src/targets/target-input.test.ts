import { expect, test } from 'vitest';
import { bodyOf, formOf, labelsText, parseLabels } from './target-input.ts';

test('labels are read as they are written, and a fault is named', () => {
  expect(parseLabels(' env:production  region:eu:west\nshard:3 ')).toEqual({
    labels: { env: 'production', region: 'eu:west', shard: '3' },
    fault: null,
  });
  expect(parseLabels(labelsText({ a: '1', b: '2' })).labels).toEqual({ a: '1', b: '2' });
  expect(parseLabels('env').fault).toContain('“env”');
  expect(parseLabels(':x').fault).toContain('“:x”');
  expect(parseLabels('a:1 a:2').fault).toContain('twice');
});

test('an address that was not touched is not sent, and never in the form', () => {
  const target = { name: 'a', labels: {}, dsnEnv: null, acceptPooler: true } as Parameters<typeof formOf>[0];
  expect(formOf(target).dsn).toBe('');
  expect(bodyOf(formOf(target), target)).toEqual({
    labels: {},
    acceptPooler: true,
    lockTimeoutMs: null,
    statementTimeoutMs: null,
  });
  expect(bodyOf({ ...formOf(target), dsn: ' postgres://x ' }, target).dsn).toBe('postgres://x');
});
