/** Compiles every `ts` block of the documentation against the packed tarball, strictly, runs it, and follows links. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import { collectExamples, type Example } from "./support/examples.js";
import { brokenLinks } from "./support/links.js";
import { installPacked, pack, projectRoot, temporaryFolder } from "./support/packed.js";

const SECONDS_PER_EXAMPLE = 60;

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  types: ["node"],
  typeRoots: [join(projectRoot, "node_modules/@types")],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** The complaints of the compiler, each told at the line of the page it is about. */
function compile(examples: ReadonlyMap<string, Example>): string[] {
  const program = ts.createProgram([...examples.keys()], COMPILER_OPTIONS);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    const example = examples.get(diagnostic.file?.fileName ?? "");
    if (example === undefined) return `${diagnostic.file?.fileName ?? "tsc"}: ${message}`;
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file as ts.SourceFile, diagnostic.start ?? 0);
    return `${example.file}:${example.line + line}: ${message}`;
  });
}

/** Runs one block in a process of its own; the complaint if it ends in any way but well. */
function run(path: string, example: Example): Promise<string | undefined> {
  const { code } = transformSync(example.code, { loader: "ts", format: "esm", target: "es2022" });
  const script = path.replace(/\.ts$/, ".mjs");
  writeFileSync(script, code);
  return new Promise((done) => {
    const options = { cwd: join(path, ".."), timeout: SECONDS_PER_EXAMPLE * 1000 };
    execFile(process.execPath, [basename(script)], options, (error, _, stderr) => {
      done(
        error === null ? undefined : `${example.file}:${example.line}: the example fails\n${stderr || error.message}`,
      );
    });
  });
}

const folder = temporaryFolder("docs");
installPacked(folder, pack(temporaryFolder("tarball")).tarball);

const examples = new Map<string, Example>();
for (const [index, example] of collectExamples(projectRoot).entries()) {
  const home = join(folder, `example-${index}`);
  mkdirSync(home);
  const path = join(home, "example.ts");
  writeFileSync(path, example.code);
  examples.set(path, example);
}

const complaints = [...brokenLinks(projectRoot).map((link) => `broken link: ${link}`), ...compile(examples)];
for (const [path, example] of examples) {
  const complaint = await run(path, example);
  if (complaint !== undefined) complaints.push(complaint);
}

for (const complaint of complaints) console.error(complaint);
console.log(`${examples.size} examples, ${complaints.length} complaints`);
if (examples.size === 0 || complaints.length > 0) process.exitCode = 1;
