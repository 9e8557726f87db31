/** What keys and passwords look like, as people hold them and as a server keeps them: it never keeps what opens it. */
import { randomBytes, scrypt, scryptSync } from 'node:crypto';
import { promisify } from 'node:util';
import { FieldcraftError, sha256 } from '@fieldcraft/core';
import { scopes, type Scope } from '../config.js';

export interface Key {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly hash: Buffer;
}

/**
 * A key of 256 random bits, and its entry for `apiKeys`. The entry has its SHA-256, which may lie in the open: nobody guesses what it is of.
 * @throws FieldcraftError FC_CONFIG for a name that an entry cannot hold
 */
export function createKey(name: string, allowed: readonly Scope[]): { key: string; entry: string } {
  checkName(name, 'the name of a key');
  const key = `fc_${randomBytes(32).toString('base64url')}`;
  return { key, entry: `${name}:${allowed.join('+')}:${sha256(key)}` };
}

/**
 * The entry for `login`: a user, and the password as scrypt with its salt (RFC 7914, cost 2^15).
 * @throws FieldcraftError FC_CONFIG for a name that an entry cannot hold, or a password that is soon guessed
 */
export function createLogin(user: string, password: string, salt = randomBytes(16)): string {
  checkName(user, 'the name of a user');
  if (password.length < shortest) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the password is too short',
      expected: `${shortest} characters or more`,
      got: `${password.length}`,
    });
  }
  return `${user}:scrypt.${salt.toString('base64url')}.${stretch(password, salt).toString('base64url')}`;
}

/** Characters of a password (NIST SP 800-63B, 5.1.1.1, asks for at least 8). */
const shortest = 12;

/** Entries are told apart by commas, their parts by colons. */
function checkName(name: string, what: string): void {
  if (/^[\w.@-]{1,64}$/.test(name)) return;
  throw new FieldcraftError('FC_CONFIG', {
    what,
    expected: '1 to 64 of letters, digits, ".", "@", "-" and "_"',
    got: name,
  });
}

const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const stretched = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt);

/** The hash of a password under a salt; the same for the same. */
export const stretch = (password: string, salt: Buffer) => scryptSync(password.normalize('NFKC'), salt, 32, cost);

/** As `stretch`, on another thread: it takes the time of many requests. */
export const stretchAside = (password: string, salt: Buffer) => stretched(password.normalize('NFKC'), salt, 32, cost);

/** @throws FieldcraftError FC_CONFIG */
export function readKeys(text: string): Key[] {
  return text.split(',').map((entry, i) => {
    const [name = '', listed = '', hash = ''] = entry.trim().split(':');
    const asked = listed.split('+');
    const known = scopes.filter((scope) => asked.includes(scope));
    if (name === '' || known.length !== asked.length || !/^[0-9a-f]{64}$/.test(hash)) {
      throw new FieldcraftError('FC_CONFIG', {
        what: 'a key is not understood',
        where: `apiKeys (FIELDCRAFT_API_KEYS), entry ${i + 1}`,
        expected: `what \`fieldcraft access key\` prints: name:scope+scope:sha256, of the scopes ${scopes.join(', ')}`,
      });
    }
    return { name, scopes: known, hash: Buffer.from(hash, 'hex') };
  });
}

export interface Login {
  readonly user: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** @throws FieldcraftError FC_CONFIG */
export function readLogin(text: string): Login {
  const [user = '', stored = ''] = text.split(':');
  const [kind, salt = '', hash = ''] = stored.split('.');
  if (user === '' || kind !== 'scrypt' || salt === '' || hash === '') {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the login is not understood',
      where: 'login (FIELDCRAFT_LOGIN)',
      expected: 'what `fieldcraft access login <user>` prints',
    });
  }
  return { user, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
