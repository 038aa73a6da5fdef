/** URLs of PostgreSQL as vendors hand them out: kept, or refused by name. */
import { describe, expect, it } from 'vitest';
import { readPostgresUrl } from '../../src/net/postgres-url.ts';

const read = (query: string) => readPostgresUrl(`postgres://ana:p%40w@db.test:6543/app${query}`);

describe('a URL of PostgreSQL', () => {
  it.each([
    ['', null],
    ['?sslmode=disable', null],
    ['?sslmode=disable&sslrootcert=/ca.pem', null],
    ['?sslmode=require', { mode: 'require', rootCert: null }],
    ['?sslmode=require&sslrootcert=/ca.pem', { mode: 'verify-ca', rootCert: '/ca.pem' }],
    ['?sslmode=verify-ca&sslrootcert=/ca.pem', { mode: 'verify-ca', rootCert: '/ca.pem' }],
    ['?sslmode=verify-full', { mode: 'verify-full', rootCert: null }],
    ['?sslmode=verify-full&sslrootcert=/ca.pem', { mode: 'verify-full', rootCert: '/ca.pem' }],
    ['?sslmode=verify-full&sslrootcert=/a+b%20c.pem', { mode: 'verify-full', rootCert: '/a+b c.pem' }],
    ['?sslmode=verify-full&sslrootcert=system', { mode: 'verify-full', rootCert: null }],
    ['?sslrootcert=system', { mode: 'verify-full', rootCert: null }],
    ['?sslmode=verify-full&channel_binding=require', { mode: 'verify-full', rootCert: null }],
    ['?sslmode=require&channel_binding=prefer&connect_timeout=15', { mode: 'require', rootCert: null }],
  ])('with %j encrypts like that', (query, tls) => {
    expect(read(query)).toMatchObject({ host: 'db.test', port: 6543, user: 'ana', password: 'p@w', tls });
  });

  it.each([
    ['?sslmode=prefer', 'sslmode=prefer'],
    ['?sslmode=allow', 'sslmode=allow'],
    ['?sslmode=yes', 'sslmode'],
    ['?ssl=true', 'the parameter ssl,'],
    ['?sslrootcert=/ca.pem', 'sslrootcert without sslmode'],
    ['?sslmode=require&sslrootcert=system', 'verify-full only'],
    ['?sslmode=verify-ca', 'without sslrootcert'],
    ['?sslmode=require&sslrootcert=', 'empty sslrootcert'],
    ['?sslmode=require&channel_binding=require', 'channel_binding=require'],
    ['?channel_binding=require', 'channel_binding=require'],
    ['?sslmode=require&sslmode=disable', 'sslmode twice'],
    ['?options=endpoint%3Dx', 'the parameter options,'],
    ['?pgbouncer=maybe', 'pgbouncer'],
    ['?application_name=a%0Ab', 'application_name'],
    ['?application_name=a#1&sslmode=verify-full', 'a # in it'],
    ['#x?sslmode=verify-full', 'a # in it'],
  ])('with %j is refused by name', (query, words) => {
    expect(read(query)).toEqual({ problem: expect.stringContaining(words) });
    expect(JSON.stringify(read(query))).not.toMatch(/p@w|p%40w/);
  });

  it('says when it stands behind a pooler, and under which name it connects', () => {
    expect(read('?pgbouncer=true')).toMatchObject({ pooled: true, applicationName: null });
    expect(read('?application_name=curfew%20eu')).toMatchObject({
      pooled: false,
      applicationName: 'curfew eu',
    });
  });

  it.each([
    '',
    'db.test',
    'mysql://a@b/c',
    'postgres://db.test/app',
    'postgres://a:b@h1,h2/app',
    'postgres://%zz@h/app',
  ])('is not %j', (text) =>
    expect(readPostgresUrl(text)).toMatchObject({ problem: expect.stringContaining('must be a URL') }),
  );
});
