import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { EXIT } from "../../src/cli/exit-codes.js";
import { certificateTableEntries, encodeCertificateTable } from "../../src/testing/index.js";
import { SAMPLES } from "./containers.js";
import { forge } from "./forged.js";
import { runCli } from "./run-cli.js";
import { strictComplaints } from "./schemas.js";

const { forged, files } = await forge();
const policy = JSON.stringify({
  version: 1,
  id: "p",
  snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
});
const all: Record<string, Uint8Array> = { ...files, "policy.json": new TextEncoder().encode(policy) };
const ARGS = ["verify", "report.bin", "--certs", "certs", "--anchors", "anchor.der", "--at", "2026-06-01T00:00:00Z"];

const content = fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.string({ maxLength: 3000, unit: "binary" }));
const place = fc.record({
  name: fc.constantFrom(...Object.keys(all)),
  at: fc.nat(),
  value: fc.nat(255),
  cut: fc.nat(3),
});

/** One file with one byte changed, or with its end cut off. */
function spoil({ name, at, value, cut }: { name: string; at: number; value: number; cut: number }) {
  const bytes = Uint8Array.from(all[name] ?? []);
  bytes[at % bytes.length] = value;
  return { ...all, [name]: cut === 0 ? bytes.slice(0, at % bytes.length) : bytes };
}

describe("whatever is put in", () => {
  it("inspect has an answer of its own", async () => {
    await fc.assert(
      fc.asyncProperty(content, async (stdin) => {
        const { code, stdout, stderr } = await runCli(["inspect", "-"], { stdin });
        expect([EXIT.malformed, EXIT.unsupported]).toContain(code);
        expect(stdout).toBe("");
        expect(stderr).toMatch(/^attestry: ERR_/);
      }),
    );
  });

  it("inspect has an answer of its own to every container with a byte changed or its end cut off", async () => {
    const spoiling = fc.record({
      sample: fc.constantFrom(...SAMPLES),
      at: fc.nat(),
      value: fc.nat(255),
      cut: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(spoiling, async ({ sample, at, value, cut }) => {
        const bytes = Uint8Array.from(sample.bytes);
        bytes[at % bytes.length] = value;
        const stdin = cut === 0 ? bytes.slice(0, at % bytes.length) : bytes;
        for (const args of [
          ["inspect", "-"],
          ["inspect", "-", "--format", sample.format],
        ]) {
          const { code, stderr } = await runCli(args, { stdin });
          expect(code, `${sample.format}, ${sample.what}: ${stderr}`).not.toBe(EXIT.internal);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("verify accepts no bundle with a byte changed, but for the table's own words", async () => {
    const { report, certificates = {} } = forged.evidence;
    const entries = certificateTableEntries("VCEK", certificates);
    const bundle = concatBytes(report, encodeCertificateTable(entries));
    const header = { start: report.length, end: report.length + 24 * (entries.length + 1) };
    await fc.assert(
      fc.asyncProperty(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const twin = bundle.slice();
        twin[at] = (twin[at] ?? 0) ^ change;
        const args = ["verify", "b", "--policy", "policy.json", ...ARGS.slice(ARGS.indexOf("--anchors"))];
        const { code, stderr } = await runCli(args, { files: { ...all, b: twin } });
        expect(code, stderr).not.toBe(EXIT.internal);
        // A GUID that nobody knows hides its entry: the root, which the anchor stands for, is not missed.
        if (at < header.start || at >= header.end) expect(code, `byte ${at}`).not.toBe(EXIT.accepted);
      }),
      { numRuns: 200 },
    );
  });

  it("verify has an answer of its own, and accepts no other evidence", async () => {
    await fc.assert(
      fc.asyncProperty(place, async (change) => {
        const spoiled = spoil(change);
        const { code, stderr } = await runCli([...ARGS, "--policy", "policy.json"], { files: spoiled });
        expect(code, stderr).not.toBe(EXIT.internal);
        // Policy and anchor are the caller's own word; of the evidence no byte may change.
        const isOwnWord = change.name === "policy.json" || change.name === "anchor.der";
        const isSame =
          toHex(spoiled[change.name] ?? new Uint8Array(0)) === toHex(all[change.name] ?? new Uint8Array(0));
        if (!isOwnWord && !isSame) expect(code).not.toBe(EXIT.accepted);
      }),
      { numRuns: 300 },
    );
  });

  it("verify takes any file for any other and finds no fault of its own", async () => {
    const paths = Object.keys(all);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom(...paths),
        fc.constantFrom(...paths),
        async (...[a, b, c]) => {
          const args = ["verify", a, "--certs", b, "--policy", c, "--anchors", "anchor.der"];
          expect((await runCli(args, { files: all })).code).toBeGreaterThan(EXIT.accepted);
          expect((await runCli(args, { files: all })).code).toBeLessThan(EXIT.internal);
        },
      ),
    );
  });

  it("conformance answers each line by its schema", async () => {
    const { report, certificates = {} } = forged.evidence;
    const parts = Object.entries(certificates).map(([name, der]) => [name, toBase64(der)]);
    const terms = { anchors: forged.anchors.map(toBase64), now: forged.now.toISOString(), policy: JSON.parse(policy) };
    const good = { id: "1", report: toBase64(report), ...Object.fromEntries(parts), ...terms };
    const change = fc.record({
      name: fc.constantFrom(...Object.keys(good), "revocation", "productLine", "other"),
      value: fc.oneof(fc.jsonValue(), fc.base64String(), fc.constantFrom("amd", "skip", "Milan", null)),
    });
    const broken = fc.oneof(
      change.map(({ name, value }) => JSON.stringify({ ...good, [name]: value })),
      fc.json(),
      fc.string().map((text) => text.replaceAll("\n", "")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(broken, { minLength: 1, maxLength: 5 }), async (lines) => {
        const { code, stdout } = await runCli(["conformance"], { stdin: `${lines.join("\n")}\n` });
        expect(code).toBe(EXIT.accepted);
        const answers = stdout.trimEnd().split("\n");
        expect(answers).toHaveLength(lines.length);
        for (const answer of answers) expect(strictComplaints("conformance-response", JSON.parse(answer))).toEqual([]);
      }),
    );
  });
});
