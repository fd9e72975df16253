import { describe, expect, test } from 'vitest';
import { assertRunId, runIdIn, sessionName, sessionNameAt } from './session-name.ts';

const LONGEST_ID = 'f'.repeat(24);
const PATHS = [
  'deployment/00000-a.sql',
  `deployment/00000-${'long-'.repeat(30)}.sql`,
  `deployment/00000-${'日本'.repeat(30)}.sql`,
  'create/1-Größe/ü.sql',
  'create/1-all/a name with spaces.sql',
];

describe.each([null, 'r', '3f2a9c1b7d4e/3', LONGEST_ID])('the name of a session of run %s', (runId) => {
  test.each(PATHS)('is kept by the server as it is, and gives the run back: %s', (path) => {
    const name = sessionNameAt(path, runId);
    // The server cuts it to 63 bytes and replaces what is not printable ASCII (check_application_name).
    expect(name).toMatch(/^postgres-manager [\x20-\x7e]+$/);
    expect(name.length).toBeLessThanOrEqual(63);
    expect(runIdIn(name)).toBe(runId);
    expect(runIdIn(sessionName(runId))).toBe(runId);
  });
});

test('long paths that end alike are told apart within a run', () => {
  const end = `${'same-'.repeat(20)}.sql`;
  const names = ['create/1-a/', 'create/2-b/', 'create/1-b/'].map((folder) => sessionNameAt(folder + end, LONGEST_ID));
  expect(new Set(names).size).toBe(3);
});

test('a run without an id is called as ever', () => {
  expect(sessionName(null)).toBe('postgres-manager');
  expect(sessionNameAt('deployment/00000-a.sql', null)).toBe('postgres-manager deployment/00000-a.sql');
  expect(sessionNameAt(`deployment/00000-${'x'.repeat(40)}.sql`, null)).toBe(
    `postgres-manager ...${'x'.repeat(33)}.sql`,
  );
});

test.each(['psql', '', 'postgres-manager', 'postgres-manager-2 abc', 'postgres-manager  abc'])(
  'no run is seen in the name of another program: %s',
  (name) => {
    expect(runIdIn(name)).toBeNull();
  },
);

test.each(['', 'a b', 'é', 'x'.repeat(25), 'deployment/1', 'create/1', 'manual-deployment/', '...abc', 'a\n'])(
  'an id that could not be found again is refused: %j',
  (runId) => {
    expect(() => assertRunId(runId)).toThrow(RangeError);
  },
);
