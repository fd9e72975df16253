import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SqlDeployError } from '../errors.ts';
import { MAX_FILE_BYTES } from './bundle.ts';
import { bundleFromFiles } from './bundle-from-files.ts';

function faultOf(paths: readonly string[]): SqlDeployError {
  try {
    bundleFromFiles(paths.map((path) => ({ path, content: '' })));
  } catch (error) {
    if (error instanceof SqlDeployError) return error;
    throw error;
  }
  throw new Error('these paths were expected to be refused');
}

describe('paths are never trusted', () => {
  test.each([
    ['', 'is empty'],
    ['/etc/passwd', 'absolute'],
    ['C:/x.sql', 'absolute'],
    ['deployment/../../x.sql', '..'],
    ['deployment/./x.sql', '..'],
    ['deployment//x.sql', 'empty part'],
    ['deployment/', 'empty part'],
    ['deployment', 'does not lie in'],
    ['Deployment/x.sql', 'does not lie in'],
    ['other/x.sql', 'does not lie in'],
    ['deployment\\x.sql', 'backslash'],
    ['deployment/a\0.sql', 'control'],
    ['deployment/a\n.sql', 'control'],
    ['deployment/\ud800.sql', 'surrogate'],
    ['deployment/.x.sql', 'dot'],
    ['create/.git/x.sql', 'dot'],
    [`deployment/${'é'.repeat(128)}.sql`, 'longer than 255 bytes'],
  ])('%j', (path, expected) => {
    const { code, message } = faultOf([path]);
    expect(code).toBe('bundle_path_invalid');
    expect(message).toContain(expected);
  });

  test('all faults are named at once', () => {
    const { message } = faultOf(['/a', 'deployment/../b', 'deployment/c.sql', 'deployment/c.sql', 'x/y']);
    expect(message).toMatch(/^4 paths .*"\/a".*"deployment\/\.\.\/b".*"deployment\/c\.sql" is given twice.*"x\/y"/);
  });

  test('a path is either a file or a directory', () => {
    expect(faultOf(['create/a', 'create/a/b.sql']).message).toContain('"create/a" is both a file and a directory');
    expect(faultOf(['create/a', 'create/a/b/c/d/e.sql']).message).toContain('both');
  });

  test('a flood of faults and an endless path stay readable', () => {
    const { message } = faultOf(Array.from({ length: 5000 }, (_, i) => `/${i}${'x'.repeat(5000)}`));
    expect(message).toContain('and 4900 more');
    expect(message.length).toBeLessThan(50_000);
  });

  test('whatever is accepted lies in one of the three folders', () => {
    const parts = fc.constantFrom('create', 'deployment', '..', '.', '', 'a.sql', '.git', 'C:', '\\', '\0', 'é', '/');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 5 }), (segments) => {
        const path = segments.join('/');
        try {
          bundleFromFiles([{ path, content: '' }]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bundle_path_invalid' });
          return;
        }
        expect(new URL(path, 'file:///root/').pathname).toBe(encodeURI(`/root/${path}`));
        expect(path).toMatch(/^(create|deployment|manual-deployment)\/[^/]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('content', () => {
  const bundle = (content: string | Uint8Array, path = 'deployment/00000-a.sql') =>
    bundleFromFiles([{ path, content }]);

  test('a text and its UTF-8 bytes give the same bundle', () => {
    expect(bundle('sélect').digest).toBe(bundle(new TextEncoder().encode('sélect')).digest);
  });

  test('the digest changes with any byte, any path and any stray file', () => {
    const stray = bundleFromFiles([
      { path: 'deployment/00000-a.sql', content: 'x' },
      { path: 'deployment/00001-a.txt', content: 'y' },
    ]);
    const digests = [
      bundle('x'),
      bundle('y'),
      bundle('x', 'deployment/00000-b.sql'),
      bundle('x', 'manual-deployment/00000-a.sql'),
      stray,
    ];
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(5);
  });

  test('the digest is that of the documented list', () => {
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(bundle('abc').files[0]?.sha256).toBe(sha256);
    // printf 'deployment/00000-a.sql\0<sha256>\n' | sha256sum
    expect(bundle('abc').digest).toBe('f48b4cf70b85c684bc654cc3d6fb1f11e7b53f04dc90825d4791a3707c153ee5');
  });

  test('half a surrogate pair is kept as invalid UTF-8, not silently replaced', () => {
    const [file] = bundle("select '\ud83d', '😀'").files;
    expect(isUtf8(file?.bytes ?? Buffer.of())).toBe(false);
    expect(Buffer.from(file?.bytes ?? []).includes(Buffer.from([0xed, 0xa0, 0xbd]))).toBe(true);
    expect(Buffer.from(file?.bytes ?? []).includes('😀')).toBe(true);
  });

  test('too large a file is named and not taken', () => {
    const { files, unusable } = bundle(Buffer.alloc(MAX_FILE_BYTES + 1));
    expect(files).toEqual([]);
    expect(unusable).toMatchObject([{ path: 'deployment/00000-a.sql', reason: 'too-large', detail: '52428801' }]);
  });
});
