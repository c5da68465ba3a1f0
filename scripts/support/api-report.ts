import { relative, sep } from "node:path";
import ts from "typescript";
import { projectRoot } from "./packed.js";

/** The declarations of one subpath, as a text to compare. */
export interface ApiReport {
  /** `attestry`, `attestry/policy`, ... */
  readonly subpath: string;
  readonly text: string;
}

/** An exported name and where it is declared. */
interface Export {
  readonly name: string;
  readonly declarations: readonly ts.Declaration[];
}

/** What the compiler would write as types of each source file, without comments, statement by statement. */
type Emitted = ReadonlyMap<string, ts.SourceFile>;

function compile(entries: readonly string[]): ts.Program {
  const file = ts.readConfigFile(`${projectRoot}/tsconfig.build.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(file.config, ts.sys, projectRoot);
  const emitting = { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true };
  return ts.createProgram([...entries], { ...options, ...emitting });
}

function emit(program: ts.Program): Emitted {
  const emitted = new Map<string, ts.SourceFile>();
  program.emit(
    undefined,
    (path, text, _mark, _error, sources) => {
      const source = sources?.[0]?.fileName;
      if (source !== undefined) emitted.set(source, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
    },
    undefined,
    true,
  );
  return emitted;
}

function exportsOf(program: ts.Program, entry: string): readonly Export[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entry} is no module`);
  const found = checker.getExportsOfModule(module).map((symbol) => {
    const alias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const { declarations = [] } = alias ? checker.getAliasedSymbol(symbol) : symbol;
    return { name: symbol.name, declarations };
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOf(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) {
    const [declaration] = statement.declarationList.declarations;
    return declaration?.name.getText();
  }
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  const typed = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return named || typed ? statement.name?.text : undefined;
}

/** The statements that declare a name in what was emitted for its file; other people's types are named alone. */
function textOf(declaration: ts.Declaration, emitted: Emitted): string {
  const { fileName } = declaration.getSourceFile();
  const file = emitted.get(fileName);
  // A whole file under a name of its own.
  if (file !== undefined && ts.isSourceFile(declaration)) return file.text.trimEnd();
  const name = ts.getNameOfDeclaration(declaration)?.getText();
  const statements = file?.statements.filter((statement) => nameOf(statement) === name) ?? [];
  const place = relative(projectRoot, fileName).split(sep).join("/");
  if (file === undefined) return `// of ${place.replace(/^.*node_modules\//, "")}`;
  if (statements.length === 0) throw new Error(`${place}: no declaration of ${name}`);
  return statements.map((statement) => statement.getText().replace(/^export /, "")).join("\n");
}

function describe({ name, declarations }: Export, emitted: Emitted): string {
  const texts = new Set(declarations.map((declaration) => textOf(declaration, emitted)));
  return [`// ${name}`, ...texts].join("\n");
}

/** The interfaces and types of the source by name; two of one name are both told. */
function typesByName(emitted: Emitted): ReadonlyMap<string, readonly ts.Statement[]> {
  const types = new Map<string, ts.Statement[]>();
  for (const statement of [...emitted.values()].flatMap((file) => [...file.statements])) {
    if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue;
    types.set(statement.name.text, [...(types.get(statement.name.text) ?? []), statement]);
  }
  return types;
}

function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b[A-Z]\w+/g))];
}

/** Types that nobody exports and that the exported ones are made of. */
function partsOf(told: readonly Export[], texts: readonly string[], emitted: Emitted): readonly string[] {
  const types = typesByName(emitted);
  const seen = new Set(told.map(({ name }) => name));
  const parts = new Map<string, string>();
  let found = texts;
  while (found.length > 0) {
    const fresh = found.flatMap(namesIn).filter((name) => types.has(name) && !seen.has(name));
    found = [...new Set(fresh)].map((name) => {
      const all = (types.get(name) ?? []).map((statement) => statement.getText().replace(/^export /, ""));
      const text = [`// part: ${name}`, ...new Set(all)].join("\n");
      seen.add(name);
      parts.set(name, text);
      return text;
    });
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

/** The reports of subpaths, by the source files that they begin with. */
export function apiReports(entries: Readonly<Record<string, string>>): readonly ApiReport[] {
  const paths = Object.values(entries).map((entry) => `${projectRoot}/${entry}`);
  const program = compile(paths);
  const emitted = emit(program);
  return Object.entries(entries).map(([subpath, entry]) => {
    const exported = exportsOf(program, `${projectRoot}/${entry}`);
    const texts = exported.map((one) => describe(one, emitted));
    return { subpath, text: `${[...texts, ...partsOf(exported, texts, emitted)].join("\n\n")}\n` };
  });
}
