/** Adds a task to the source of a vertical: only where it stands as every vertical does, else the person is told what to write. */
import ts from 'typescript';
import { FieldcraftError } from '@fieldcraft/core';

export interface NewTask {
  name: string;
  /** The function of core that declares it, such as `multiLabel`. */
  helper: string;
  /** Name of its data card. */
  data: string;
  /** What it learns, for the comment above it. */
  summary: string;
}

/**
 * The source of `src/vertical.ts` with one more task behind the others, and its function imported.
 * @throws FieldcraftError FC_CONFIG for a task that is there already, and for a source in which it is not clear where tasks stand
 */
export function addTask(source: string, { name, helper, data, summary }: NewTask, path: string): string {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const refuse = (got: string) =>
    new FieldcraftError('FC_CONFIG', {
      what: 'a vertical is not written as the generator knows it, and was left alone',
      where: path,
      expected: '`export default defineVertical({ ..., tasks: { ... } })` with every task written out',
      got,
      fix: `add the task by hand: '${name}': ${helper}({ data: '${data}' })`,
    });
  if ((ts.transpileModule(source, { fileName: path, reportDiagnostics: true }).diagnostics ?? []).length > 0)
    throw refuse('a syntax error');
  const tasks = findTasks(file);
  if (typeof tasks === 'string') throw refuse(tasks);
  const bindings = findImport(file);
  if (bindings === undefined) throw refuse("no `import { ... } from '@fieldcraft/core'`");
  if (namesOf(tasks).includes(name)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is a task "${name}" already`,
      where: path,
      fix: 'choose another name',
    });
  }
  const imported = bindings.elements.find((element) => (element.propertyName ?? element.name).text === helper);
  const entry = `  /** ${summary.replaceAll('*/', '* /')} */\n    '${name}': ${imported?.name.text ?? helper}({ data: '${data}' }),\n  `;
  const edits = [{ at: tasks.getEnd() - 1, text: tasks.properties.length === 0 ? `\n  ${entry}` : entry }];
  if (tasks.properties.length > 0 && !tasks.properties.hasTrailingComma)
    edits.push({ at: tasks.properties.end, text: ',' });
  if (imported === undefined) edits.push(importOf(helper, bindings));
  return edits
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), source);
}

/** The object of the tasks, or what was found instead. */
function findTasks(file: ts.SourceFile): ts.ObjectLiteralExpression | string {
  const exported = file.statements.find((statement) => ts.isExportAssignment(statement))?.expression;
  if (exported === undefined) return 'no default export';
  if (!ts.isCallExpression(exported) || exported.expression.getText(file) !== 'defineVertical')
    return 'a default export that is not a call of defineVertical';
  const [declaration] = exported.arguments;
  if (declaration === undefined || !ts.isObjectLiteralExpression(declaration)) return 'a declaration made elsewhere';
  const tasks = declaration.properties.find(
    (property) => property.name !== undefined && nameOf(property.name) === 'tasks',
  );
  if (tasks === undefined || !ts.isPropertyAssignment(tasks)) return 'no property `tasks`';
  if (!ts.isObjectLiteralExpression(tasks.initializer)) return 'tasks that are made elsewhere';
  const odd = tasks.initializer.properties.find(
    (property) => !ts.isPropertyAssignment(property) || nameOf(property.name) === undefined,
  );
  return odd === undefined ? tasks.initializer : `\`${odd.getText(file)}\` among the tasks`;
}

const namesOf = (tasks: ts.ObjectLiteralExpression): string[] =>
  tasks.properties.flatMap((property) => (property.name === undefined ? [] : (nameOf(property.name) ?? [])));

const nameOf = (name: ts.PropertyName): string | undefined =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;

function findImport(file: ts.SourceFile): ts.NamedImports | undefined {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    const isType = statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    if (statement.moduleSpecifier.text === '@fieldcraft/core' && !isType && bindings && ts.isNamedImports(bindings))
      return bindings;
  }
  return undefined;
}

/** In alphabetical order, as the others stand. */
function importOf(helper: string, { elements }: ts.NamedImports): { at: number; text: string } {
  const next = elements.find((element) => element.name.text.localeCompare(helper) > 0);
  if (next !== undefined) return { at: next.getStart(), text: `${helper}, ` };
  const last = elements.at(-1);
  return { at: last?.getEnd() ?? 0, text: `, ${helper}` };
}
