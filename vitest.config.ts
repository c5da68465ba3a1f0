import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

type TestOptions = NonNullable<ViteUserConfig["test"]>;

const packageTests = "test/package/**/*.test.ts";
const runtimeTests = "test/runtimes/**/*.test.ts";
const siteTests = "test/site/**/*.test.ts";
const source: TestOptions = {
  include: ["test/**/*.test.ts"],
  exclude: ["**/node_modules/**", packageTests, runtimeTests, siteTests],
};

/** Rooms whose every branch is covered; no comment may take a line out of the count. */
const WHOLE = ["report", "der", "x509", "verify", "policy"];

/** The tests that speak of these rooms, which is where their coverage has to come from. */
const ABOUT_THEM =
  "advisories,amd,attest,binding,bytes,conformance,crypto,der,kds,policy,report,second-opinion,verify,x509";

const coverage: TestOptions["coverage"] = {
  enabled: true,
  provider: "v8",
  include: ["src/**/*.ts"],
  reporter: [["text", { skipFull: true }], "json-summary"],
  reportOnFailure: true,
  thresholds: Object.fromEntries(WHOLE.map((room) => [`src/${room}/**/*.ts`, { branches: 100 }])),
};

/** What `--mode` picks; plain `vitest run` has the mode "test". */
const SUITES: Readonly<Record<string, TestOptions>> = {
  test: source,
  coverage: { ...source, include: [`test/{${ABOUT_THEM}}/**/*.test.ts`], coverage },
  /** Every bit of the mutation test instead of a stripe. */
  mutations: { include: ["test/mutations/**/*.test.ts"], env: { ATTESTRY_MUTATIONS: "all" }, testTimeout: 1_200_000 },
  /** Twenty seconds of mutants for each reader of strangers' bytes instead of a taste. */
  fuzz: { include: ["test/fuzz/part-*.test.ts"], env: { ATTESTRY_FUZZ_SECONDS: "20" } },
  /** Two hundred killed writers of the file cache instead of twenty. */
  soak: { include: ["test/node/file-cache-kill.test.ts"], env: { ATTESTRY_CACHE_KILLS: "200" } },
  /** Two hundred killed copies of the service instead of twenty. */
  kills: { include: ["test/load/kills.test.ts"], env: { ATTESTRY_FLOW_KILLS: "200" } },
  /** What runs on the packed tarball, and therefore needs a build. */
  package: { include: [packageTests], globalSetup: ["test/support/needs.ts", "test/package/support/install.ts"] },
  /** What a person does on the built page, in Chromium. */
  site: { include: [siteTests], testTimeout: 60_000 },
  /** The packed tarball once more, in every runtime of test/runtimes. */
  runtimes: { include: [runtimeTests], globalSetup: ["test/support/needs.ts", "test/runtimes/support/prepare.ts"] },
};

/** With ATTESTRY_TEST_REPORTS=FOLDER each suite leaves its results there as FOLDER/SUITE.json. */
function reporting(mode: string): TestOptions {
  const folder = process.env["ATTESTRY_TEST_REPORTS"];
  if (folder === undefined) return {};
  return { reporters: ["default", "json"], outputFile: { json: join(folder, `${mode}.json`) } };
}

/** What examples/ calls us by leads to the source, as it does for the compiler. */
const OWN_NAMES = [
  { find: /^attestry$/, replacement: join(import.meta.dirname, "src/index.ts") },
  { find: /^attestry\/(.+)$/, replacement: join(import.meta.dirname, "src/$1/index.ts") },
];

export default defineConfig(({ mode }) => {
  const suite = SUITES[mode];
  if (suite === undefined) throw new Error(`no suite "${mode}"; there are ${Object.keys(SUITES).join(", ")}`);
  return {
    resolve: { alias: OWN_NAMES },
    test: {
      environment: "node",
      // Vitest itself leaves a core free, which is half of a small machine.
      maxWorkers: "100%",
      globalSetup: ["test/support/needs.ts"],
      setupFiles: ["test/support/expect.ts"],
      testTimeout: 30_000,
      hookTimeout: 120_000,
      restoreMocks: true,
      unstubGlobals: true,
      unstubEnvs: true,
      allowOnly: false,
      ...suite,
      ...reporting(mode),
    },
  };
});
