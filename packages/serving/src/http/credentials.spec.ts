import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createKey, createLogin, readKeys, readLogin, stretch } from './credentials.js';

test('entries of keys are read as what they were made of, and hold no key', () => {
  const [batch, scraper] = [createKey('batch', ['predict', 'feedback']), createKey('prometheus', ['admin'])];
  const keys = readKeys(`${batch.entry}, ${scraper.entry}`);
  expect(keys.map(({ name, scopes }) => [name, scopes])).toEqual([
    ['batch', ['predict', 'feedback']],
    ['prometheus', ['admin']],
  ]);
  expect(keys[0]!.hash).toEqual(createHash('sha256').update(batch.key).digest());
  expect(batch.entry).not.toContain(batch.key);
  expect(batch.key).not.toBe(scraper.key);
});

test('a login is read as the user and the hash of that password alone', () => {
  const { user, salt, hash } = readLogin(createLogin('anna@example.org', 'correct horse battery'));
  expect(user).toBe('anna@example.org');
  expect(stretch('correct horse battery', salt)).toEqual(hash);
  expect(stretch('correct horse batterz', salt)).not.toEqual(hash);
  // The same letters, composed or not.
  expect(stretch('pa\u0308sswort', salt)).toEqual(stretch('p\u00e4sswort', salt));
  expect(createLogin('a', 'correct horse battery')).not.toBe(createLogin('a', 'correct horse battery'));
});

test('what cannot be held, guessed at once or read is refused', () => {
  expect(() => createKey('a:b', ['predict'])).toThrow('the name of a key');
  expect(() => createLogin('a,b', 'correct horse battery')).toThrow('the name of a user');
  expect(() => createLogin('anna', 'short')).toThrow('too short');
  const { entry } = createKey('a', ['predict']);
  for (const text of ['', 'a:predict', entry.replace('predict', 'everything'), `${entry},`, entry.slice(0, -1)])
    expect(() => readKeys(text)).toThrow('a key is not understood');
  for (const text of ['anna', 'anna:secret', ':scrypt.a.b', 'anna:scrypt.a'])
    expect(() => readLogin(text)).toThrow('the login is not understood');
});
