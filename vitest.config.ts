import { defineConfig } from "vitest/config";

/** `ATTESTRY_SUITE` picks a run that needs more than the source: `package` works on the packed tarball. */
const suite = process.env["ATTESTRY_SUITE"] ?? "source";
const reports = process.env["ATTESTRY_TEST_REPORTS"];

export default defineConfig({
  test: {
    include: suite === "package" ? ["test/package/**/*.test.ts"] : ["test/**/*.test.ts"],
    exclude: suite === "package" ? ["**/node_modules/**"] : ["**/node_modules/**", "test/package/**"],
    environment: "node",
    globalSetup: ["test/support/needs.ts"],
    setupFiles: ["test/support/expect.ts"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // No test may lean on another's leftovers.
    restoreMocks: true,
    unstubGlobals: true,
    unstubEnvs: true,
    allowOnly: false,
    passWithNoTests: false,
    ...(reports === undefined ? {} : { reporters: ["default", "json"], outputFile: { json: reports } }),
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text", "json-summary"],
      thresholds: Object.fromEntries(
        ["report", "der", "x509", "verify", "policy"].map((room) => [`src/${room}/**/*.ts`, { branches: 100 }]),
      ),
    },
  },
});
