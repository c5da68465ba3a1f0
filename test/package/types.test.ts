import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, inject, it } from "vitest";
import { projectRoot, subpaths } from "../../scripts/support/packed.js";

const { folder } = inject("installed");

/** How consumers resolve modules, and the globals they have. */
const RESOLUTIONS: Readonly<Record<string, ts.CompilerOptions>> = {
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  node16: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};
const GLOBALS: Readonly<Record<string, ts.CompilerOptions>> = {
  "a browser's globals": { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] },
  "Node's globals": {
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
    typeRoots: [join(projectRoot, "node_modules/@types")],
  },
};
const CASES = Object.keys(RESOLUTIONS).flatMap((resolution) =>
  Object.keys(GLOBALS).map((globals) => [resolution, globals] as const),
);

/** Complaints of the strictest compiler about a consumer's file and about our own types, not about other packages'. */
function complaints(source: string, options: ts.CompilerOptions): string[] {
  const file = join(folder, "consumer.ts");
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file: at }) => at === undefined || at.fileName === file || at.fileName.includes("/attestry/dist/"))
    .map(({ file: at, messageText }) => `${at?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

describe.each(CASES)("types under %s with %s", (resolution, globals) => {
  const options = { ...RESOLUTIONS[resolution], ...GLOBALS[globals] };

  it("hold for every subpath", () => {
    const source = subpaths().map((subpath, index) => `export * as m${index} from "${subpath}";`);
    expect(complaints(source.join("\n"), options)).toEqual([]);
  });

  it("let nothing but verified evidence be appraised", () => {
    const source = `
      import { appraise, type Policy, parseReport } from "attestry";
      declare const policy: Policy;
      appraise(parseReport(new Uint8Array(1184)), policy, { now: new Date() });
    `;
    expect(complaints(source, options)).toEqual([expect.stringContaining("VerifiedEvidence")]);
  });
});
