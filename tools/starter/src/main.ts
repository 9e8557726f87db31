/** `npm run starter`: makes the encoder that comes with Fieldcraft by its recipe, or the heads of a field on it, or goes on making them; tells its scores. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkpoint, data, foundation } from '@fieldcraft/core/internals';
import { buildHeads } from './build-heads.js';
import { buildStarter, type Sources } from './build-starter.js';
import { readHeadsRecipe, readRecipe, recipeKey, type Recipe } from './recipe.js';
import { writeScores } from './scores.js';
import { loadCorpora, loadCounted } from './texts.js';

const usage = `npm run starter -- [heads FIELD | scores] [--recipe FILE] [--out FOLDER] [--work FOLDER] [--threads N]

  Makes the encoder that comes with Fieldcraft by tools/starter/recipe.json, in hours; stopped with Ctrl+C, it goes on where it was.
  heads FIELD  makes the heads of a field on that encoder instead, by tools/starter/heads.json
  scores       puts what \`npm run bench -- series starter\` measured into the encoder's card
  --recipe     another recipe
  --out        where it is put; default packages/core/models/starter, where it is found as fieldcraft/starter,
               or packages/FIELD/models/starter, which the app of the field serves where nothing was trained
  --work       where its steps are kept; default runs/starter/ and a hash of the recipe
  --threads    of the engine; default one a physical core`;

const root = foundation.workspaceRoot();
const ownStarter = join(root, 'packages', 'core', 'models', 'starter');
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
  console.log('Stopping: the state is being saved. The same command goes on with it.');
});

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      recipe: { type: 'string' },
      out: { type: 'string' },
      work: { type: 'string' },
      threads: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [what, field, ...more] = positionals;
  const isHeads = what === 'heads' && field !== undefined && more.length === 0;
  const isScores = what === 'scores' && positionals.length === 1;
  if (what !== undefined && !isHeads && !isScores)
    throw new foundation.FieldcraftError('FC_CONFIG', { what: `what is ${positionals.join(' ')}?` });
  const { recipe, out, work } = values;
  const given = { recipe, out, work, threads: values.threads === undefined ? undefined : Number(values.threads) };
  if (values.help) console.log(usage);
  else if (isHeads) await makeHeads(field, given);
  else if (isScores) tellScores(out ?? ownStarter);
  else await makeStarter(given);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  const interrupted = error instanceof foundation.FieldcraftError && error.code === 'FC_INTERRUPTED';
  if (!interrupted) console.error(`\n${usage}`);
  process.exitCode = interrupted ? 130 : 1;
}

interface Given {
  readonly recipe: string | undefined;
  readonly out: string | undefined;
  readonly work: string | undefined;
  readonly threads: number | undefined;
}

async function makeStarter({ recipe: path, out, work, threads }: Given): Promise<void> {
  const recipe = readRecipe(path ?? join(root, 'tools', 'starter', 'recipe.json'));
  const { folder: teacher } = await checkpoint.resolveModel(recipe.teacher);
  const facts = await buildStarter({
    ...{ recipe, teacher, threads, open: () => openSources(recipe) },
    work: work ?? join(root, 'runs', 'starter', recipeKey(recipe)),
    out: out ?? ownStarter,
    stopRequested: () => stopped,
    say: console.log,
  });
  console.log(`${facts.parameters} parameters in ${facts.bytes} bytes, SHA-256 ${facts.sha256}`);
}

function tellScores(folder: string): void {
  for (const { task, metric, starter, teacher } of writeScores(folder, join(root, 'docs', 'results', 'starter.jsonl')))
    console.log(`${task}: ${metric} ${starter.toFixed(3)}, its teacher ${teacher.toFixed(3)}`);
}

async function makeHeads(field: string, { recipe: path, out, work, threads }: Given): Promise<void> {
  const recipe = readHeadsRecipe(path ?? join(root, 'tools', 'starter', 'heads.json'), field);
  const { folder: base } = checkpoint.resolveOwnModel(checkpoint.starterId);
  const key = recipeKey({ ...recipe, base: await foundation.sha256File(join(base, 'model.safetensors')) });
  const place = `packages/${field}/models/starter`;
  const { bytes, scores } = await buildHeads({
    ...{ field, recipe, place, threads, base: checkpoint.starterId },
    verticalModule: new URL(`../../../packages/${field}/dist/vertical.js`, import.meta.url).href,
    work: work ?? join(root, 'runs', 'starter', `${field}-${key}`),
    out: out ?? join(root, place),
    stopRequested: () => stopped,
    say: console.log,
  });
  for (const { task, metric, trained, kept } of scores)
    console.log(`${task}: ${metric} ${kept.toFixed(4)}, ${trained.toFixed(4)} before its weights became bytes`);
  console.log(`${bytes} bytes`);
}

async function openSources(recipe: Recipe): Promise<Sources> {
  const cards = join(root, 'data-cards');
  const corpora = await loadCorpora(recipe, cards);
  console.log('reading what must not be learnt from');
  const { texts, missing } = await data.knownEvaluations(undefined, cards);
  for (const { card, why } of missing) console.log(`not left out, since it is not here: ${card} (${why})`);
  return { corpora, alsoCounted: await loadCounted(recipe, cards), evaluationTexts: texts };
}
