import { defineConfig } from "tsup";

/** The subpaths that can be imported; their types are built as well. */
const subpaths = {
  index: "src/index.ts",
  policy: "src/policy/index.ts",
  "policy/import": "src/policy/import/index.ts",
  advisories: "src/advisories/index.ts",
  evidence: "src/evidence/index.ts",
  challenge: "src/challenge/index.ts",
  kds: "src/kds/index.ts",
  noble: "src/noble/index.ts",
  node: "src/node/index.ts",
  "id-block": "src/id-block/index.ts",
  measure: "src/measure/index.ts",
  release: "src/release/index.ts",
  result: "src/result/index.ts",
  testing: "src/testing/index.ts",
  "testing/kds": "src/testing/kds/index.ts",
};

export default defineConfig({
  entry: { ...subpaths, cli: "src/cli/main.ts" },
  dts: { entry: subpaths },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // One copy of every module for all subpaths: the error classes and the record behind a verified handle are shared.
  splitting: true,
  sourcemap: true,
  clean: true,
  minify: false,
  tsconfig: "tsconfig.build.json",
});
