/** `npm run verify -- <name> [...]`: checks of the whole that need other programs, other people's files or much time. */
import { bundleUsage, checkBundles } from './bundle.js';
import { checkContainer, containerUsage } from './container.js';
import { checkDatasets, datasetsUsage } from './datasets.js';
import { checkGenerators, generatorsUsage } from './generators.js';
import { checkInterop } from './interop.js';
import { given } from './own-workspace.js';
import { checkParity } from './parity.js';
import { checkResume, resumeUsage } from './resume.js';
import { checkScreens, screensUsage } from './screens.js';
import { checkServing, servingUsage } from './serving.js';
import { checkStages, stagesUsage } from './stages.js';
import { checkStarter, starterUsage } from './starter.js';

const ifGiven = (path: string | undefined) => (path === undefined ? undefined : given(path));

interface Command {
  readonly usage: string;
  /** True if everything held. */
  run(args: readonly string[], print: (line: string) => void): Promise<boolean>;
}

const commands: Readonly<Record<string, Command>> = {
  parity: {
    usage: 'parity [FOLDER]      outputs, losses, gradients, updates, tokens and metrics against golden files',
    run: ([folder], print) => checkParity(ifGiven(folder), print),
  },
  interop: {
    usage: 'interop [RUN]        a run folder in Python transformers, Python onnxruntime and @huggingface/transformers',
    run: ([folder], print) => checkInterop(ifGiven(folder), print),
  },
  bundle: {
    usage: bundleUsage,
    run: (folders, print) => checkBundles(folders.map(given), print),
  },
  container: {
    usage: containerUsage,
    run: ([field, model], print) => checkContainer({ context: process.cwd(), field, model: ifGiven(model) }, print),
  },
  datasets: { usage: datasetsUsage, run: checkDatasets },
  generators: { usage: generatorsUsage, run: (_, print) => checkGenerators(print) },
  resume: { usage: resumeUsage, run: checkResume },
  screens: { usage: screensUsage, run: checkScreens },
  serving: { usage: servingUsage, run: checkServing },
  stages: { usage: stagesUsage, run: checkStages },
  starter: { usage: starterUsage, run: checkStarter },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  console.error(
    `npm run verify -- <name>\n\n${Object.values(commands)
      .map(({ usage }) => `  ${usage}`)
      .join('\n')}`,
  );
  process.exitCode = 2;
} else {
  try {
    process.exitCode = (await command.run(args, console.log)) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
