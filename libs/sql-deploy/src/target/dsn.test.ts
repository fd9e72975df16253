import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SqlDeployError } from '../errors.ts';
import { defaultTls } from './default-tls.ts';
import { describeConnection, parseDsn } from './dsn.ts';

function faultOf(text: string): SqlDeployError {
  try {
    parseDsn(text);
  } catch (error) {
    if (error instanceof SqlDeployError) return error;
    throw error;
  }
  throw new Error('this DSN was expected to be refused');
}

describe('what is accepted', () => {
  const all = { host: 'db', port: 6432, database: 'shop', user: 'ann', password: "it's", tls: 'disable' };

  test.each([
    ["postgres://ann:it's@db:6432/shop"],
    ['postgresql://ann:it%27s@db:6432/shop?sslmode=disable'],
    ['POSTGRES://ann:it%27s@db:6432/shop'],
    ['  postgres://ann:it%27s@db:6432/shop\n'],
    ['postgres:///shop?host=db&port=6432&user=ann&password=it%27s'],
    ["host=db port=6432 dbname=shop user=ann password='it\\'s'"],
    ["host = db port= 6432 dbname ='shop'\tuser='ann'\npassword=it\\'s sslmode=disable"],
    ["host=db port=6432 dbname=shop user=ann password=it's"],
  ])('%s', (text) => {
    expect(parseDsn(text)).toEqual(all);
  });

  test('defaults: localhost, 5432, the database of the user, no password', () => {
    const settings = { host: 'localhost', port: 5432, database: 'ann', user: 'ann', password: null, tls: 'disable' };
    expect(parseDsn('postgres://ann@')).toEqual(settings);
    expect(parseDsn('postgres://ann:@/')).toEqual(settings);
    expect(parseDsn('user=ann')).toEqual(settings);
    expect(parseDsn("user=ann password='' dbname='' host=''")).toEqual(settings);
  });

  test('every part of a URL is percent-decoded, and + is no blank', () => {
    const { user, password, database } = parseDsn('postgres://a%40b:%2F%3F%23%40%20%25%C3%A9+@db/my%2Fdb');
    expect([user, password, database]).toEqual(['a@b', '/?#@ %é+', 'my/db']);
  });

  test('IPv6 addresses stand in brackets in a URL and bare in keywords', () => {
    expect(parseDsn('postgres://a@[::1]:5433/x')).toMatchObject({ host: '::1', port: 5433 });
    expect(parseDsn('postgres://a@[fe80::1%25eth0]/x').host).toBe('fe80::1%eth0');
    expect(parseDsn('host=::1 user=a').host).toBe('::1');
  });

  test('the directory of a Unix socket', () => {
    for (const text of ['postgres://a@%2Fvar%2Frun%2Fpg:5433/x', 'postgres://a@/x?host=/var/run/pg&port=5433']) {
      expect(parseDsn(text)).toMatchObject({ host: '/var/run/pg', port: 5433, tls: 'disable' });
    }
    expect(parseDsn('host=/tmp user=a').host).toBe('/tmp');
  });

  test('a raw colon in a password needs no encoding', () => {
    expect(parseDsn('postgres://a:b:c@db/x').password).toBe('b:c');
  });

  test('any value written by the rules comes back', () => {
    const value = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(value, (password) => {
        expect(parseDsn(`postgres://u:${encodeURIComponent(password)}@h/d`).password).toBe(password);
        const quoted = password.replace(/['\\]/g, '\\$&');
        expect(parseDsn(`user=u password='${quoted}' host=h`).password).toBe(password);
      }),
    );
  });

  test('describeConnection shows no password', () => {
    expect(describeConnection(parseDsn('postgres://ann:CANARY@db/shop'))).toBe('ann@db:5432/shop');
  });
});

describe('TLS', () => {
  test.each([
    ['localhost', 'disable'],
    ['127.0.0.1', 'disable'],
    ['127.9.9.9', 'disable'],
    ['::1', 'disable'],
    ['/var/run/postgresql', 'disable'],
    ['db', 'disable'],
    ['10.1.2.3', 'disable'],
    ['172.31.0.1', 'disable'],
    ['192.168.1.1', 'disable'],
    ['100.100.1.1', 'disable'],
    ['fd00::1', 'disable'],
    ['fe80::1%eth0', 'disable'],
    ['pg.default.svc.cluster.local', 'disable'],
    ['db.prod.internal.', 'disable'],
    ['172.32.0.1', 'verify-full'],
    ['8.8.8.8', 'verify-full'],
    ['2001:db8::1', 'verify-full'],
    ['134744072', 'verify-full'],
    ['0x8080808', 'verify-full'],
    ['127.1', 'verify-full'],
    ['db.example.com', 'verify-full'],
    ['notlocal', 'disable'],
    ['db.notlocal', 'verify-full'],
  ])('without sslmode, %s gets %s', (host, tls) => {
    expect(defaultTls(host)).toBe(tls);
  });

  test('sslmode decides where it is given', () => {
    expect(parseDsn('postgres://a@localhost/x?sslmode=verify-full').tls).toBe('verify-full');
    expect(parseDsn('host=db.example.com user=a sslmode=no-verify').tls).toBe('no-verify');
    expect(parseDsn('host=db.example.com user=a sslmode=disable').tls).toBe('disable');
  });

  test.each(['require', 'prefer', 'allow', 'verify-ca', 'CANARY'])('sslmode=%s is refused', (mode) => {
    const { message, hint } = faultOf(`postgres://a@db/x?sslmode=${mode}`);
    expect(message).toMatch(/sslmode/);
    expect(hint).toMatch(/verify-full.*no-verify.*disable/);
    expect(message + hint).not.toContain('CANARY');
  });
});

describe('what is refused, and how it is explained', () => {
  test.each([
    ['', /empty/],
    ['   ', /empty/],
    ['localhost', /neither/],
    ['mysql://a@b/c', /another kind/],
    ['jdbc:postgresql://a/b', /another kind/],
    ['"postgres://a@b/c"', /quotation mark/],
    ['postgres://db/x', /no user/],
    ['host=db', /no user/],
    ['postgres://a:p@ss@db/x', /more than one @/],
    ['postgres://a:p/ss@db/x', /@ behind/],
    ['postgres://a:p?ss@db/x', /@ behind/],
    ['postgres://a:p#ss@db/x', /#/],
    ['postgres://a:p ss@db/x', /space/],
    ['postgres://a:p%ss@db/x', /password.*%/],
    ['postgres://a:p%FFss@db/x', /password.*UTF-8/],
    ['postgres://a:p%00ss@db/x', /password.*NUL/],
    ['postgres://a%0Ab:pss@db/x', /user.*control/],
    ['postgres://a@db1,db2/x', /several hosts/],
    ['postgres://a@db1:1,db2:2/x', /several hosts/],
    ['host=db1,db2 user=a', /several hosts/],
    ['host=db port=1,2 user=a', /several hosts/],
    ['postgres://a@::1/x', /colon/],
    ['postgres://a@[db]/x', /brackets/],
    ['postgres://a@db:0/x', /port/],
    ['postgres://a@db:65536/x', /port/],
    ['postgres://a@db:5432x/x', /port/],
    ['postgres://a@d%20b/x', /host/],
    ['host=a:b user=a', /host/],
    ['postgres://a@db/x?user=b', /user twice/],
    ['host=a host=b user=a', /host twice/],
    ['postgres://a@db/x?sslrootcert=/CANARY', /sslrootcert/],
    ['postgres://a@db/x?flag', /without a value/],
    ['host=db user=a password=my secret', /no name=value/],
    ["host=db user=a password='secret", /not ended/],
    ["host=db user=a password='se'cret", /not ended/],
    ['host=db user=a password=secret\\', /backslash/],
  ])('%s', (text, expected) => {
    const error = faultOf(text);
    expect(error.code).toBe('dsn_invalid');
    expect(error.message).toMatch(expected);
    expect(error.hint).not.toBe('');
  });

  test.each([
    ['options=-c%20x', 'options', /SET LOCAL/],
    ['sslrootcert=/x', 'sslrootcert', /NODE_EXTRA_CA_CERTS/],
    ['hostaddr=1.2.3.4', 'hostaddr', /host/],
    ['target_session_attrs=any', 'target_session_attrs', /primary/],
    ['application_name=x', 'application_name', /take it out/],
    ['connect_timeout=3', 'connect_timeout', /--connect-timeout/],
    ['ssl=true', 'ssl', /sslmode/],
  ])('the parameter of %s is named, with what to do instead', (pair, name, hint) => {
    for (const text of [`postgres://a@db/x?${pair}`, `host=db user=a ${pair}`]) {
      expect(faultOf(text).message).toContain(` ${name},`);
      expect(faultOf(text).hint).toMatch(hint);
    }
  });

  test('an unknown parameter is not named: it may be a piece of a password', () => {
    const error = faultOf('postgres://a@db/x?password=SEC&CANARY=1');
    expect(error.message + error.hint).not.toMatch(/CANARY|SEC/);
  });
});

test('no error holds four characters of the password in a row', () => {
  const letters = fc.constantFrom(...'QXZJKW0379#/?@%& =\'\\:[],;"\n\t');
  const passwords = fc.string({ unit: letters, minLength: 4, maxLength: 24 });
  const shapes = fc.constantFrom<(password: string) => string>(
    (p) => `postgres://user:${p}@host:5432/db`,
    (p) => `postgres://user:${p}@host:bad/db?sslmode=${p}`,
    (p) => `postgres://${p}@host/db`,
    (p) => `postgres://user:x@${p}/${p}?${p}=${p}`,
    (p) => `postgres://user@host/db?password=${p}&port=x`,
    (p) => `host=host user=user password=${p} port=x`,
    (p) => `host=host user=user password='${p}' ${p}=${p}`,
    (p) => `${p}=${p} ${p}`,
    (p) => `${p}://user:${p}@host`,
    (p) => p,
  );
  fc.assert(
    fc.property(shapes, passwords, (shape, password) => {
      let error: unknown = null;
      try {
        parseDsn(shape(password));
      } catch (thrown) {
        error = thrown;
      }
      if (error === null) return;
      if (!(error instanceof SqlDeployError)) throw new Error('another error than dsn_invalid');
      expect(error.cause).toBeUndefined();
      // The lines of the call stack hold numbers of lines and columns, which digits of a password may equal.
      const shown = `${error.message}\n${error.hint}\n${error.stack?.replace(/^ +at .*$/gm, '')}`;
      for (let i = 0; i + 4 <= password.length; i++) {
        const piece = password.slice(i, i + 4);
        // Runs of signs such as "://" stand in the fixed texts; two letters make a piece one's own.
        if (/[QXZJKW0379].*[QXZJKW0379]/s.test(piece)) expect(shown).not.toContain(piece);
      }
    }),
    { numRuns: 3000 },
  );
});
