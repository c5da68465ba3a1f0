import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const project = resolve(import.meta.dirname, "../..");

/** A file, the one import that stands in it, and the rules that must object to it (none: an open door). */
const PLANTED: readonly [file: string, statement: string, rules: readonly string[]][] = [
  ["src/bytes/codecs.ts", 'import { x } from "../errors.js";', []],
  ["src/bytes/upward.ts", 'import { x } from "../der/node.js";', ["layer-bytes"]],
  ["src/der/node.ts", 'import { x } from "../bytes/codecs.js";', []],
  ["src/der/sideways.ts", 'import { x } from "../crypto/engine.js";', ["layer-der"]],
  ["src/crypto/engine.ts", "export const x = 1;", []],
  ["src/amd/tcb.ts", 'import { x } from "../crypto/engine.js";', []],
  ["src/amd/upward.ts", 'import { x } from "../x509/profile.js";', ["layer-amd"]],
  ["src/x509/profile.ts", 'import { x } from "../amd/tcb.js";', []],
  ["src/report/layout.ts", 'import { x } from "../amd/tcb.js";', []],
  ["src/report/sideways.ts", 'import { x } from "../evidence/evidence.js";', ["layer-report"]],
  ["src/evidence/evidence.ts", 'import { x } from "../report/layout.js";', []],
  ["src/verify/record.ts", 'import { x } from "../evidence/evidence.js";', []],
  ["src/verify/bound.ts", 'import { x } from "../binding/scheme.js";', ["layer-verify"]],
  ["src/verify/fast.ts", 'import type { x } from "../noble/index.js";', ["layer-verify"]],
  ["src/verify/all.ts", 'import { x } from "../index.js";', ["index-is-for-outsiders", "layer-verify"]],
  ["src/binding/scheme.ts", "export const x = 1;", []],
  ["src/binding/expected.ts", "export const x = 1;", []],
  ["src/noble/types.ts", 'import type { x } from "../evidence/evidence.js";', []],
  ["src/noble/values.ts", 'import { x } from "../evidence/evidence.js";', ["layer-noble-types"]],
  ["src/noble/index.ts", 'import { x } from "../verify/record.js";', []],
  ["src/policy/types.ts", 'import type { x } from "../binding/scheme.js";', []],
  ["src/policy/record.ts", 'import { x } from "../verify/record.js";', []],
  ["src/policy/expected.ts", 'import { x } from "../binding/expected.js";', []],
  ["src/policy/values.ts", 'import { x } from "../binding/scheme.js";', ["layer-policy-types"]],
  ["src/policy/define.ts", 'import { x } from "../crypto/engine.js";', []],
  ["src/policy/sub/define.ts", 'import { x } from "../../crypto/engine.js";', ["layer-policy"]],
  ["src/policy/crypto.ts", 'import type { x } from "../crypto/engine.js";', ["layer-policy"]],
  ["src/policy/schema.ts", 'import { object } from "valibot";', []],
  ["src/verify/schema.ts", 'import { object } from "valibot";', ["outside-valibot"]],
  ["src/verify/pki.ts", 'import { Certificate } from "pkijs";', ["outside-asn1js-pkijs"]],
  ["src/testing/pki.ts", 'import { Certificate } from "pkijs";', []],
  ["src/x509/curve.ts", 'import { p384 } from "@noble/curves/nist.js";', ["outside-noble-curves-hashes"]],
  ["src/x509/test.ts", 'import { test } from "vitest";', ["outside-unlisted"]],
  ["src/x509/files.ts", 'import { readFileSync } from "node:fs";', ["outside-node"]],
  ["src/node/files.ts", 'import { readFileSync } from "node:fs";', []],
  ["src/node/pool.ts", 'import { Agent } from "undici";', []],
  ["src/kds/pool.ts", 'import { Agent } from "undici";', ["outside-undici"]],
  ["src/evidence/cbor.ts", 'import { decode } from "cborg";', []],
  ["src/x509/cbor.ts", 'import { decode } from "cborg";', ["outside-cborg"]],
  ["src/release/types.ts", 'import type { x } from "../challenge/types.js";', []],
  ["src/challenge/types.ts", "export const x = 1;", []],
  ["src/challenge/back.ts", 'import { x } from "../release/types.js";', ["layer-challenge"]],
  ["src/result/back.ts", 'import { x } from "../release/types.js";', ["layer-result"]],
  ["src/release/jwe.ts", 'import { flattenedDecrypt } from "jose/jwe/flattened/decrypt";', []],
  ["src/release/hpke.ts", 'import { CipherSuite } from "@hpke/core";', []],
  ["src/result/hpke.ts", 'import { CipherSuite } from "@hpke/core";', ["outside-hpke-core"]],
  ["src/challenge/jwe.ts", 'import { flattenedDecrypt } from "jose";', ["outside-jose"]],
  ["src/id-block/match.ts", 'import { x } from "../verify/record.js";', []],
  ["src/id-block/judge.ts", 'import { x } from "../policy/schema.js";', ["layer-id-block"]],
  ["src/verify/owner.ts", 'import { x } from "../id-block/match.js";', ["layer-verify"]],
  ["src/testing/index.ts", "export const x = 1;", []],
  ["src/testing/kds/server.ts", 'import { createServer } from "node:http";', []],
  ["src/testing/kds/forge.ts", 'import type { x } from "../index.js";', []],
  ["src/testing/kds/command.ts", 'import { x } from "../../cli/run.js";', ["layer-testing-kds"]],
  ["src/cli/run.ts", "export const x = 1;", []],
  ["src/testing/server.ts", 'import { x } from "./kds/forge.js";', ["testing-everywhere"]],
  ["src/verify/gone.ts", 'import { x } from "./nowhere.js";', ["no-dead-imports", "outside-unlisted"]],
  ["src/amd/left.ts", 'import { x } from "./right.js";', ["no-circles"]],
  // A circle is told once, where it was met first.
  ["src/amd/right.ts", 'import { x } from "./left.js";', []],
  ["src/attic/box.ts", 'import { x } from "../errors.js";', ["no-room-without-doors"]],
  ["src/index.ts", 'export { x } from "./verify/record.js";', []],
  ["src/errors.ts", "export const x = 1;", []],
];

interface Cruise {
  summary: { violations: { from: string; rule: { name: string } }[] };
}

/** Runs the layer check on a folder. It exits with the number of errors, so a failing exit is a normal answer. */
function cruise(folder: string): Promise<Cruise> {
  const arguments_ = ["--config", join(project, ".dependency-cruiser.cjs"), "--output-type", "json", "src"];
  const bin = join(project, "node_modules/.bin/depcruise");
  return new Promise((done, fail) => {
    execFile(bin, arguments_, { cwd: folder, maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      if (stdout === "") fail(new Error(`the layer check said nothing but: ${stderr}`));
      else done(JSON.parse(stdout));
    });
  });
}

describe("the layer table", () => {
  const folder = mkdtempSync(join(tmpdir(), "attestry-layers-"));
  let violations: Cruise["summary"]["violations"];

  beforeAll(async () => {
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    for (const [file, statement] of PLANTED) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), `${statement}\nexport const y = 1;\n`);
    }
    violations = (await cruise(folder)).summary.violations;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(PLANTED)("%s with %s meets %j", (file, _, rules) => {
    const met = violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
    expect([...new Set(met)].sort()).toEqual([...rules].sort());
  });
});
