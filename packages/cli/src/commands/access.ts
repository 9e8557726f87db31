/** `fieldcraft access`: keys and a login for a server, which keeps their hashes alone. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the settings alone are always loaded: help names the scopes
import { scopes, type Scope } from '@fieldcraft/serving/config';
import { InvalidArgumentError, type Command } from 'commander';
import type { CommandContext } from '../context.js';
import { UsageError } from '../errors.js';

export function addAccess(program: Command, { stdin, stdout, stderr }: CommandContext): void {
  const access = program
    .command('access')
    .summary('who may ask a server')
    .description(
      'Makes keys for programs and a login for the screen. A server without any is open to whoever reaches it.',
    );

  access
    .command('key')
    .summary('a key for a program')
    .description(
      'Prints a new key, for the program that asks (Authorization: Bearer <key>), and its entry for FIELDCRAFT_API_KEYS, which takes several by commas. ' +
        'The key is kept nowhere.',
    )
    .argument('<name>', 'what the log and feedback call it')
    .option('--scopes <list>', `what it may ask, by commas: ${scopes.join(', ')}`, readScopes, ['predict'])
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ fieldcraft access key crm --scopes predict,feedback\n  $ fieldcraft access key prometheus --scopes admin --json',
    )
    .action(async (name: string, { scopes: allowed, json }: { scopes: Scope[]; json?: boolean }) => {
      const { createKey } = await import('@fieldcraft/serving');
      const { key, entry } = createKey(name, allowed);
      if (json === true) return stdout.line(JSON.stringify({ key, entry }));
      stdout.line(`key    ${key}`);
      stdout.line(`entry  ${entry}`);
    });

  access
    .command('login')
    .summary('a login for the screen')
    .description(
      'Asks for a password, or reads it from standard input, and prints what FIELDCRAFT_LOGIN takes: the user and a salted hash (scrypt).',
    )
    .argument('<user>', 'who logs in')
    .addHelpText(
      'after',
      '\nExamples:\n  $ fieldcraft access login anna\n  $ fieldcraft access login anna < password.txt > login.txt',
    )
    .action(async (user: string) => {
      const password = stdin.isTTY === true ? await askTwice() : (await text(stdin)).replace(/\r?\n$/, '');
      const { createLogin } = await import('@fieldcraft/serving');
      stdout.line(createLogin(user, password));
    });

  /** Without showing it. @throws UsageError where the answers differ, or none is given */
  async function askTwice(): Promise<string> {
    const ended = new AbortController();
    const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stdin, output: unseen, terminal: true });
    lines.once('close', () => ended.abort());
    const ask = async (question: string) => {
      stderr.stream.write(question);
      const answer = await lines.question('', { signal: ended.signal }).catch(() => {
        throw new UsageError('no password was given');
      });
      stderr.line();
      return answer;
    };
    try {
      const password = await ask('Password: ');
      if ((await ask('Once more: ')) !== password) throw new UsageError('the two are not the same');
      return password;
    } finally {
      lines.close();
    }
  }
}

function readScopes(list: string): Scope[] {
  const asked = list.split(',').map((one) => one.trim());
  const known = scopes.filter((scope) => asked.includes(scope));
  if (known.length === asked.length) return known;
  throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}.`);
}
