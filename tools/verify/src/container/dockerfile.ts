/** A Dockerfile as stages of instructions, with its arguments filled in. Reads what ours uses, and refuses the rest. */
import { DockerfileParser, type ModifiableInstruction } from 'dockerfile-ast';

export interface Instruction {
  readonly keyword: string;
  /** What stands behind it. */
  readonly content: string;
  /** `--from=build` as { from: 'build' } */
  readonly flags: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly name: string | undefined;
  /** An image, or the name of an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** @throws Error for an argument that nothing sets, and for what is not read */
export function readDockerfile(content: string, given: Readonly<Record<string, string>>): Stage[] {
  const stages: { name: string | undefined; from: string; instructions: Instruction[] }[] = [];
  const global: Record<string, string> = {};
  let known = global;
  for (const instruction of DockerfileParser.parse(content).getInstructions()) {
    const keyword = instruction.getKeyword();
    const rest = instruction.getArgumentsContent() ?? '';
    const flags = flagsOf(instruction);
    // Variables that only the running program knows are its own.
    const filled = ['RUN', 'HEALTHCHECK', 'ENTRYPOINT'].includes(keyword)
      ? rest
      : fill(rest, keyword === 'FROM' ? global : known);
    if (keyword === 'ARG') {
      const [name = '', fallback] = filled.split('=');
      const value = given[name] ?? fallback ?? global[name];
      if (value !== undefined) known[name] = value;
      stages.at(-1)?.instructions.push({ keyword, content: value === undefined ? name : `${name}=${value}`, flags });
    } else if (keyword === 'FROM') {
      const [from = '', , name] = filled.split(/\s+/);
      stages.push({ name, from, instructions: [] });
      known = {};
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${keyword} before FROM`);
      stage.instructions.push({ keyword, content: filled, flags });
    }
  }
  return stages;
}

/** `["node", "-e", "..."]` as a list. @throws Error for the form that a shell runs */
export function execForm(content: string): string[] {
  const words: unknown = JSON.parse(content);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`no list of words: ${content}`);
}

/** `A=1 B=2` as an object. */
export const pairs = (content: string): Record<string, string> =>
  Object.fromEntries(
    content.split(/\s+/).map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')];
    }),
  );

/** The parser keeps them apart from the arguments, and its types say so of some instructions alone. */
function flagsOf(instruction: object): Record<string, string> {
  const { getFlags } = instruction as Partial<ModifiableInstruction>;
  const flags = getFlags?.call(instruction) ?? [];
  return Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? '']));
}

function fill(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = known[name];
    if (value === undefined) throw new Error(`nothing sets ${name}: --build-arg ${name}=...`);
    return value;
  });
}
