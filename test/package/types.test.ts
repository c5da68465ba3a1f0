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

/** Takes every subpath. */
const USE = subpaths()
  .map((subpath, index) => `export * as m${index} from "${subpath}";`)
  .join("\n");

/** Appraises a report that nobody verified. */
const MISUSE = `
  import { appraise, type Policy, parseReport } from "attestry";
  declare const policy: Policy;
  appraise(parseReport(new Uint8Array(1184)), policy, { now: new Date() });
`;

/** What the strictest compiler says about both consumers and about our own types, not about other packages'. */
function complaints(options: ts.CompilerOptions): { use: string[]; misuse: string[] } {
  const [use, misuse] = [join(folder, "use.ts"), join(folder, "misuse.ts")];
  writeFileSync(use, USE);
  writeFileSync(misuse, MISUSE);
  const program = ts.createProgram([use, misuse], {
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  });
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const said = (test: (file: string | undefined) => boolean) =>
    diagnostics
      .filter(({ file }) => test(file?.fileName))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  return {
    use: said((file) => file === undefined || file === use || file.includes("/attestry/dist/")),
    misuse: said((file) => file === misuse),
  };
}

describe.each(CASES)("types under %s with %s", (resolution, globals) => {
  it("hold for every subpath, and let nothing but verified evidence be appraised", () => {
    expect(complaints({ ...RESOLUTIONS[resolution], ...GLOBALS[globals] })).toEqual({
      use: [],
      misuse: [expect.stringContaining("VerifiedEvidence")],
    });
  });
});
