/** `fieldcraft serve`: a model over HTTP. */
import { basename, join } from 'node:path';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the settings alone are always loaded: a command's options are made of them
import { environmentName, readServingConfig, servingConfigSchema } from '@fieldcraft/serving/config';
import { Option, type Command } from 'commander';
import type { CommandContext } from '../context.js';
import { UsageError } from '../errors.js';
import { kebabCase, pickFields } from '../options-from-schema.js';

export function addServe(program: Command, { stderr }: CommandContext): void {
  const command = program
    .command('serve')
    .summary('a model over HTTP')
    .description(
      'Serves a model: POST /v1/predict/{task}, POST /v1/analyze, GET /v1/model, /docs, /metrics. SIGTERM answers what is there and ends; SIGHUP loads ' +
        'the model again without losing a request.',
    )
    .argument('[model]', 'bundle, run folder, or a model such as dist/models/legal; default: FIELDCRAFT_MODEL')
    .action(async (named: string | undefined, values: Record<string, string | boolean>) => {
      const model = named ?? process.env['FIELDCRAFT_MODEL'];
      if (model === undefined) throw new UsageError('name the model to serve');
      const given = pickFields(servingConfigSchema, values);
      const config = {
        dataFolder: join('data', 'feedback', basename(model)),
        ...readServingConfig(given, process.env),
      };
      // Other commands need none of the libraries of a server.
      const { serveUntilSignal } = await import('@fieldcraft/serving');
      const server = await serveUntilSignal({ model, config });
      stderr.line(`serving ${server.model.folder} on ${server.address}`);
    });
  for (const [name, { description = '' }] of Object.entries(servingConfigSchema.shape))
    command.addOption(
      new Option(`--${kebabCase(name)} <value>`, `${description} [${environmentName(name)}]`.trim()).helpGroup(
        'Server:',
      ),
    );
}
