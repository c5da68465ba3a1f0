import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { readSevGuestFiles, readTsmReport, type SevGuestFiles } from "../../src/node/index.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";

const forge = await createForge({ seed: "guest files" });
const { evidence, anchors, now } = forge.evidence();
const table = encodeCertificateTable(certificateTableEntries("VCEK", evidence.certificates ?? {}));

const root = await mkdtemp(join(tmpdir(), "attestry-guest-"));
afterAll(() => rm(root, { recursive: true }));
let folder = root;
let turn = 0;
beforeEach(async () => {
  folder = join(root, String(turn++));
  await mkdir(folder);
});

type Content = Uint8Array | string | null;
const SOUND: Readonly<Record<string, Content>> = {
  outblob: evidence.report,
  auxblob: table,
  provider: "sev_guest\n",
  generation: "3\n",
};

async function entry(changed: Readonly<Record<string, Content>> = {}): Promise<string> {
  for (const [name, content] of Object.entries({ ...SOUND, ...changed })) {
    if (content !== null) await writeFile(join(folder, name), content);
  }
  return folder;
}

describe("readTsmReport", () => {
  it("reads an entry that verifies", async () => {
    const { evidence: found, claims } = await readTsmReport(await entry());
    expect(found).toEqual(evidence);
    expect(claims).toMatchObject({ generation: 3, inblob: null, manifest: null, serviceProvider: null });
    expect(claims.entries.map(({ kind }) => kind)).toEqual(["VCEK", "ASK", "ARK", "CRL"]);
    expect((await verifyEvidence(found, { anchors, now })).signingKey).toBe("VCEK");
  });

  it.each<[string, Readonly<Record<string, Content>>, object, object]>([
    ["no auxblob", { auxblob: null }, { certificates: {} }, { entries: [] }],
    ["an empty auxblob", { auxblob: "" }, { certificates: {} }, { entries: [] }],
    ["no provider, of an old copy", { provider: null }, {}, {}],
    ["a provider without line break", { provider: "sev_guest" }, {}, {}],
    ["no generation", { generation: null }, {}, { generation: null }],
    ["the greatest generation", { generation: "4294967295\n" }, {}, { generation: 0xffffffff }],
    ["an inblob that can be read", { inblob: Uint8Array.of(1, 2) }, {}, { inblob: Uint8Array.of(1, 2) }],
    ["a manifest", { manifestblob: Uint8Array.of(7) }, {}, { manifest: Uint8Array.of(7) }],
  ])("reads an entry with %s", async (_, changed, parts, said) => {
    const opened = await readTsmReport(await entry(changed));
    expect(opened.evidence).toEqual({ ...evidence, ...parts });
    expect(opened.claims).toMatchObject(said);
  });

  it.each<[string, Readonly<Record<string, Content>>, ErrorCode, object]>([
    ["no outblob", { outblob: null }, "ERR_MALFORMED_CONTAINER", { where: "outblob" }],
    ["an empty outblob", { outblob: "" }, "ERR_MALFORMED_LENGTH", { actual: 0 }],
    ["a report cut by a byte", { outblob: evidence.report.subarray(1) }, "ERR_MALFORMED_LENGTH", { actual: 1183 }],
    ["the buffer with its header", { outblob: new Uint8Array(4000) }, "ERR_MALFORMED_LENGTH", { actual: 4000 }],
    ["a huge outblob", { outblob: new Uint8Array(262_145) }, "ERR_MALFORMED_CONTAINER", { where: "outblob" }],
    ["a huge auxblob", { auxblob: new Uint8Array(262_145) }, "ERR_MALFORMED_CONTAINER", { where: "auxblob" }],
    [
      "a huge manifest",
      { manifestblob: new Uint8Array(262_145) },
      "ERR_MALFORMED_CONTAINER",
      { where: "manifestblob" },
    ],
    ["a long inblob", { inblob: new Uint8Array(65) }, "ERR_MALFORMED_CONTAINER", { where: "inblob" }],
    ["a broken table", { auxblob: table.subarray(0, 100) }, "ERR_MALFORMED_CERTIFICATE_TABLE", {}],
    ["TDX", { provider: "tdx_guest\n" }, "ERR_UNSUPPORTED_CONTAINER", { where: "provider" }],
    ["no name of a provider", { provider: "" }, "ERR_UNSUPPORTED_CONTAINER", { where: "provider" }],
    ["a long provider", { provider: "sev_guest".repeat(9) }, "ERR_MALFORMED_CONTAINER", { where: "provider" }],
    ["an empty generation", { generation: "\n" }, "ERR_MALFORMED_CONTAINER", { where: "generation" }],
    ["a generation in hex", { generation: "0x3\n" }, "ERR_MALFORMED_CONTAINER", { where: "generation" }],
    ["a generation below zero", { generation: "-1\n" }, "ERR_MALFORMED_CONTAINER", { where: "generation" }],
  ])("refuses an entry with %s", async (_, changed, code, detail) => {
    await expect(readTsmReport(await entry(changed))).toFailWith(code, detail);
  });

  it.each(["outblob", "auxblob", "provider", "generation"])("follows no link: %s", async (name) => {
    await entry();
    await rename(join(folder, name), join(root, `${turn} ${name}`));
    await symlink(join(root, `${turn} ${name}`), join(folder, name));
    await expect(readTsmReport(folder)).toFailWith("ERR_MALFORMED_CONTAINER", { where: name });
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ["a folder", (path) => mkdir(path)],
    ["a pipe", async (path) => execFileSync("mkfifo", [path])],
  ])("refuses an outblob that is %s", async (_, make) => {
    await entry({ outblob: null });
    await make(join(folder, "outblob"));
    await expect(readTsmReport(folder)).toFailWith("ERR_MALFORMED_CONTAINER", { where: "outblob" });
  });

  it.each([
    ["a folder that is not there", "/nowhere/at/all", "ERR_MALFORMED_CONTAINER"],
    ["a file", "/dev/null", "ERR_MALFORMED_CONTAINER"],
  ] as const)("refuses %s", async (_, path, code) => {
    await expect(readTsmReport(path)).toFailWith(code);
  });

  it("wants a path", async () => {
    await expect(readTsmReport(7 as unknown as string)).rejects.toBeInstanceOf(TypeError);
  });
});

describe("readSevGuestFiles", () => {
  const response = (report: Uint8Array, length = 4000): Uint8Array => {
    const buffer = Buffer.alloc(length);
    buffer.writeUInt32LE(report.length, 4);
    buffer.set(report, 32);
    return Uint8Array.from(buffer);
  };
  const files = async (answer: Uint8Array, certificates?: Uint8Array): Promise<SevGuestFiles> => {
    const paths: SevGuestFiles = { response: join(folder, "response") };
    await writeFile(paths.response, answer);
    if (certificates === undefined) return paths;
    await writeFile(join(folder, "certs"), certificates);
    return { ...paths, certificates: join(folder, "certs") };
  };

  it("reads a response and its certificates, which verify", async () => {
    const opened = await readSevGuestFiles(await files(response(evidence.report), table));
    expect(opened.evidence).toEqual(evidence);
    expect(opened.claims.entries).toHaveLength(4);
    expect((await verifyEvidence(opened.evidence, { anchors, now })).productLine).toBe("Milan");
  });

  it.each([1216, 4000, 4096])("reads a response of %d bytes without certificates", async (length) => {
    const opened = await readSevGuestFiles(await files(response(evidence.report, length)));
    expect(opened.evidence).toEqual({ report: evidence.report, certificates: {} });
  });

  it("reads a table that is padded to its pages", async () => {
    const padded = new Uint8Array(16_384);
    padded.set(table);
    const opened = await readSevGuestFiles(await files(response(evidence.report), padded));
    expect(opened.evidence).toEqual(evidence);
  });

  it.each<[string, Uint8Array, Uint8Array | undefined, ErrorCode]>([
    ["the report alone", evidence.report, undefined, "ERR_MALFORMED_LENGTH"],
    ["a response of a byte more than a page", response(evidence.report, 4097), undefined, "ERR_MALFORMED_CONTAINER"],
    ["a response of zeros", new Uint8Array(4000), undefined, "ERR_UNSUPPORTED_CONTAINER"],
    ["a table cut short", response(evidence.report), table.subarray(0, 90), "ERR_MALFORMED_CERTIFICATE_TABLE"],
    ["a table without end", response(evidence.report), new Uint8Array(262_145), "ERR_MALFORMED_CONTAINER"],
  ])("refuses %s", async (_, answer, certificates, code) => {
    await expect(readSevGuestFiles(await files(answer, certificates))).toFailWith(code);
  });

  it("refuses a file that is not there", async () => {
    const paths = await files(response(evidence.report));
    await expect(readSevGuestFiles({ response: join(folder, "none") })).toFailWith("ERR_MALFORMED_CONTAINER", {
      container: "sev-guest",
      where: "response",
    });
    const missing = readSevGuestFiles({ ...paths, certificates: join(folder, "none") });
    await expect(missing).toFailWith("ERR_MALFORMED_CONTAINER", { where: "certificates" });
  });

  it.each<[string, unknown]>([
    ["no object", "/dev/sev-guest"],
    ["no response", {}],
    ["an unknown name", { response: "a", report: "b" }],
    ["certificates that are no path", { response: "a", certificates: 7 }],
  ])("wants paths: %s", async (_, paths) => {
    await expect(readSevGuestFiles(paths as SevGuestFiles)).rejects.toBeInstanceOf(TypeError);
  });
});
