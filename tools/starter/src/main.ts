/** `npm run starter`: makes the encoder that comes with Fieldcraft by its recipe, or goes on making it. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkpoint, data, foundation } from '@fieldcraft/core/internals';
import { buildStarter, type Sources } from './build-starter.js';
import { readRecipe, recipeKey, type Recipe } from './recipe.js';
import { loadCorpora, loadCounted } from './texts.js';

const usage = `npm run starter -- [--recipe FILE] [--out FOLDER] [--work FOLDER] [--threads N]

  Makes the encoder that comes with Fieldcraft by tools/starter/recipe.json, in hours; stopped with Ctrl+C, it goes on where it was.
  --recipe   another recipe
  --out      where the encoder is put; default packages/core/models/starter, where it is found as fieldcraft/starter
  --work     where its steps are kept; default runs/starter/ and a hash of the recipe
  --threads  of the engine; default one a physical core`;

const root = foundation.workspaceRoot();
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
  console.log('Stopping: the state is being saved. The same command goes on with it.');
});

try {
  const { values } = parseArgs({
    options: {
      recipe: { type: 'string' },
      out: { type: 'string' },
      work: { type: 'string' },
      threads: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) console.log(usage);
  else {
    const recipe = readRecipe(values.recipe ?? join(root, 'tools', 'starter', 'recipe.json'));
    const { folder: teacher } = await checkpoint.resolveModel(recipe.teacher);
    const facts = await buildStarter({
      ...{ recipe, teacher, open: () => openSources(recipe) },
      work: values.work ?? join(root, 'runs', 'starter', recipeKey(recipe)),
      out: values.out ?? join(root, 'packages', 'core', 'models', 'starter'),
      threads: values.threads === undefined ? undefined : Number(values.threads),
      stopRequested: () => stopped,
      say: console.log,
    });
    console.log(`${facts.parameters} parameters in ${facts.bytes} bytes, SHA-256 ${facts.sha256}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  const interrupted = error instanceof foundation.FieldcraftError && error.code === 'FC_INTERRUPTED';
  if (!interrupted) console.error(`\n${usage}`);
  process.exitCode = interrupted ? 130 : 1;
}

async function openSources(recipe: Recipe): Promise<Sources> {
  const cards = join(root, 'data-cards');
  const corpora = await loadCorpora(recipe, cards);
  console.log('reading what must not be learnt from');
  const { texts, missing } = await data.knownEvaluations(undefined, cards);
  for (const { card, why } of missing) console.log(`not left out, since it is not here: ${card} (${why})`);
  return { corpora, alsoCounted: await loadCounted(recipe, cards), evaluationTexts: texts };
}
