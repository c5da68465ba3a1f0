import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { ROLES, type Role, readEvidence } from "../../src/cli/evidence-input.js";
import type { EvidencePlan } from "../../src/cli/evidence-plan.js";
import { encodeCertificateTable } from "../../src/evidence/certificate-table-encode.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import { createForge } from "../../src/testing/index.js";
import { type FakeSetting, fakeIo } from "./fake-io.js";

const maker = await createForge({ seed: "attestry/cli/evidence-input" });
const own = maker.evidence();
const others = maker.evidence({ chip: "another", crl: { number: 5 } });
const { report } = own.evidence;

/** Certificates of two origins, every one told apart from the other. */
const INSIDE: Required<EvidenceCertificates> = {
  leaf: own.leaf.der,
  intermediate: own.intermediate.der,
  root: own.root.der,
  crl: own.crl.der,
};
const OUTSIDE: Required<EvidenceCertificates> = {
  leaf: others.leaf.der,
  intermediate: maker.ask({ serial: 77n }).der,
  root: maker.ark({ serial: 78n }).der,
  crl: others.crl.der,
};
const NAMES: Readonly<Record<Role, string>> = { leaf: "vcek", intermediate: "ask", root: "ark", crl: "crl" };

const PLAN: EvidencePlan = {
  report: "r",
  format: undefined,
  certs: undefined,
  crl: undefined,
  kds: undefined,
  productLine: undefined,
  anchors: undefined,
  at: undefined,
};

const only = (certificates: EvidenceCertificates, roles: readonly Role[]): EvidenceCertificates =>
  Object.fromEntries(roles.map((role) => [role, certificates[role]]));

/** Evidence whose container has some roles and whose folder has some. */
function read(inside: readonly Role[], outside: readonly Role[], plan: Partial<EvidencePlan> = {}) {
  const table = encodeCertificateTable(only(INSIDE, inside), { signingKey: "VCEK" });
  const folder = outside.map((role) => [`d/${NAMES[role]}.der`, OUTSIDE[role]] as const);
  const files: FakeSetting["files"] = { r: concatBytes(report, table), "d/readme": "", ...Object.fromEntries(folder) };
  const { io } = fakeIo({ files: { ...files, list: OUTSIDE.crl } });
  return readEvidence(io, { ...PLAN, certs: "d", ...plan });
}

/** Every set of roles. */
const SETS = Array.from({ length: 16 }, (_, bits) => ROLES.filter((_, index) => (bits & (1 << index)) !== 0));

describe("readEvidence", () => {
  it.each(SETS.map((inside) => [inside]))("takes %j from the container, and the rest from --certs", async (inside) => {
    for (const outside of SETS) {
      const { evidence, origins, container } = await read(inside, outside);
      const rest = outside.filter((role) => !inside.includes(role));
      expect(evidence).toEqual({ report, certificates: { ...only(OUTSIDE, rest), ...only(INSIDE, inside) } });
      expect(container).toEqual({ format: "extended-report", certificates: inside });
      for (const role of ROLES) {
        if (inside.includes(role)) expect(origins.get(role)).toBe("container");
        else expect(origins.get(role)).toBe(outside.includes(role) ? "files" : undefined);
      }
    }
  });

  it("lets --crl win over both", async () => {
    for (const inside of [[], ["crl"]] as const) {
      for (const outside of [[], ["crl"]] as const) {
        const { evidence, origins } = await read(inside, outside, { crl: "list" });
        expect(evidence.certificates).toEqual({ crl: OUTSIDE.crl });
        expect(origins.get("crl")).toBe("files");
      }
    }
  });

  it("does without --certs", async () => {
    const { evidence } = await read(["leaf"], ["leaf", "root"], { certs: undefined });
    expect(evidence.certificates).toEqual({ leaf: INSIDE.leaf });
  });

  it("refuses what is no report before it opens --certs", async () => {
    const { io } = fakeIo({ files: { r: report.slice(1) } });
    await expect(readEvidence(io, { ...PLAN, certs: "gone" })).toFailWith("ERR_MALFORMED_LENGTH");
    const whole = fakeIo({ files: { r: report } }).io;
    await expect(readEvidence(whole, { ...PLAN, certs: "gone" })).rejects.toThrow("cannot read gone: no such file");
  });

  it("hands out a bad certificate as it is: verification says so", async () => {
    const spoiled = { ...INSIDE, leaf: INSIDE.leaf.slice(0, -1) };
    const table = encodeCertificateTable(spoiled, { signingKey: "VCEK" });
    const { io } = fakeIo({ files: { r: concatBytes(report, table), "d/vcek.der": OUTSIDE.leaf } });
    expect((await readEvidence(io, { ...PLAN, certs: "d" })).evidence.certificates).toEqual(spoiled);
  });
});
