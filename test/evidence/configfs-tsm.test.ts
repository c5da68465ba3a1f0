import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { type ConfigfsTsmFiles, openConfigfsTsm } from "../../src/evidence/index.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { padded, patchedWord } from "./support/bytes.js";
import { describeContainer, describeOptions } from "./support/describe-container.js";

const forged = (await createForge({ seed: "configfs-tsm" })).evidence();
const { report: outblob } = forged.evidence;
const entries = certificateTableEntries("VCEK", forged.evidence.certificates ?? {});
const auxblob = encodeCertificateTable(entries);
const manifestblob = Uint8Array.of(1, 2, 3);
const sound = { outblob, auxblob, manifestblob, provider: "sev_guest\n" };

const LENGTH = "ERR_MALFORMED_LENGTH";
const TABLE = "ERR_MALFORMED_CERTIFICATE_TABLE";

// Its bytes are two files; what holds for bytes is shown for each of them, the other being sound.
describeContainer({
  name: "openConfigfsTsm, outblob",
  open: (bytes) => openConfigfsTsm({ ...sound, outblob: bytes }),
  sound: outblob,
  forged,
  broken: [
    ["nothing", new Uint8Array(0), LENGTH, { what: "configfs-tsm: outblob", expected: 1184, actual: 0 }],
    ["a byte", new Uint8Array(1), LENGTH, { actual: 1 }],
    ["a report a byte short", outblob.subarray(1), LENGTH, { actual: 1183 }],
    ["a report a byte long", padded(outblob, 1185), LENGTH, { actual: 1185 }],
    ["a report with its header", concatBytes(new Uint8Array(32), outblob), LENGTH, { actual: 1216 }],
    ["a report in a buffer", padded(outblob, 4000), LENGTH, { actual: 4000 }],
    ["a report in a page", padded(outblob, 4096), LENGTH, { actual: 4096 }],
    ["two reports", concatBytes(outblob, outblob), LENGTH, { actual: 2368 }],
    ["an extended report", concatBytes(outblob, auxblob), LENGTH],
    ["a certificate table", auxblob, LENGTH],
    ["a certificate", forged.leaf.der, LENGTH],
    ["a byte above the limit", new Uint8Array(262_145), LENGTH, { what: "input.outblob", actual: 262_145 }],
  ],
});

describeContainer({
  name: "openConfigfsTsm, auxblob",
  // A file that is undefined is one that is not there, which is right; all else that is no bytes is wrong.
  open: (bytes) => openConfigfsTsm({ ...sound, auxblob: bytes === undefined ? (null as never) : bytes }),
  sound: auxblob,
  forged,
  // Some kernels give an empty file.
  mayEndAt: (length) => length === 0,
  broken: [
    ["a byte", new Uint8Array(1), TABLE],
    ["a list without its end", auxblob.subarray(0, 96), TABLE],
    ["a byte short", auxblob.subarray(0, -1), TABLE],
    ["rubbish behind it", concatBytes(auxblob, Uint8Array.of(1)), TABLE],
    ["a report in front of it", concatBytes(outblob, auxblob), TABLE],
    ["an offset beyond it", patchedWord(auxblob, 16, 0xffff_fff0), TABLE, { offset: 0 }],
    ["an offset inside the list", patchedWord(auxblob, 16, 0), TABLE, { offset: 0 }],
    ["a length beyond it", patchedWord(auxblob, 20, 0xffff), TABLE, { offset: 0 }],
    ["a length of zero", patchedWord(auxblob, 20, 0), TABLE],
    ["the last length one more", patchedWord(auxblob, 72 + 20, forged.crl.der.length + 1), TABLE, { offset: 72 }],
    ["two ARKs", encodeCertificateTable([...entries, ...entries.slice(2, 3)]), TABLE],
    ["a bare certificate", forged.leaf.der, TABLE],
    ["a byte above the limit", padded(auxblob, 262_145), LENGTH, { what: "input.auxblob" }],
  ],
});

describeOptions("openConfigfsTsm", (options) => openConfigfsTsm(sound, options));

describe("the files of configfs-tsm", () => {
  it("need be no more than the report", async () => {
    expect(await openConfigfsTsm({ outblob })).toEqual({
      evidence: { report: outblob, certificates: {} },
      claims: { entries: [], manifest: null, serviceProvider: null, privlevel: null },
    });
  });

  it("hand on the manifest as a claim, an empty one as none", async () => {
    const { claims, evidence } = await openConfigfsTsm(sound);
    expect(claims.manifest).toEqual(manifestblob);
    expect(claims.entries).toHaveLength(4);
    await verifyEvidence(evidence, { anchors: forged.anchors, now: forged.now });
    expect((await openConfigfsTsm({ ...sound, manifestblob: new Uint8Array(0) })).claims.manifest).toBeNull();
  });

  it.each(["sev_guest", "sev_guest\n"])("may name their provider: %j", async (provider) => {
    await expect(openConfigfsTsm({ outblob, provider })).resolves.toBeDefined();
  });

  it.each(["tdx_guest", "tdx_guest\n", "arm_cca_guest", "", "\n", "sev_guest\n\n", "SEV_GUEST", " sev_guest"])(
    "of provider %j are not handled",
    async (provider) => {
      await expect(openConfigfsTsm({ outblob, provider })).toFailWith("ERR_UNSUPPORTED_CONTAINER", {
        container: "configfs-tsm",
        where: "provider",
      });
    },
  );

  // The casts stand for a caller without types.
  it.each([
    ["no object", 7],
    ["null", null],
    ["bytes", outblob],
    ["an unknown file", { outblob, inblob: outblob }],
    ["no outblob", { auxblob }],
    ["an outblob of text", { outblob: "00" }],
    ["an auxblob that is null", { outblob, auxblob: null }],
    ["a manifest of numbers", { outblob, manifestblob: [1] }],
    ["a provider of bytes", { outblob, provider: outblob }],
    ["an inherited outblob", Object.create({ outblob })],
  ])("as %s are a TypeError", async (_, input) => {
    await expect(openConfigfsTsm(input as ConfigfsTsmFiles)).rejects.toBeInstanceOf(TypeError);
  });

  it("are each read once", async () => {
    let reads = 0;
    const input = {
      get outblob() {
        reads++;
        return outblob;
      },
    };
    await openConfigfsTsm(input);
    expect(reads).toBe(1);
  });
});
