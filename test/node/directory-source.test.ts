import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createDirectorySource } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralRequest } from "../../src/verify/types.js";
import { HIERARCHIES } from "../verify/forged.js";

const forge = await createForge({ seed: "directory source" });
const { chip, leaf, intermediate, root: ark, crl, now } = forge.evidence();
const other = forge.chip({ chip: "other" });
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const pem = (label: string, ...ders: readonly Uint8Array[]) =>
  ders
    .map((der) => `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`)
    .join("");

const top = await mkdtemp(join(tmpdir(), "attestry-directory-"));
afterAll(() => rm(top, { recursive: true }));
let folder = top;
let turn = 0;
beforeEach(async () => {
  folder = join(top, String(turn++), "store");
  await mkdir(folder, { recursive: true });
});

async function put(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const base = { productLine: "Milan", signingKey: "VCEK" } as const;
const leafRequest: CollateralRequest = { ...base, role: "leaf", hwId: chip.hwId, reportedTcb: chip.tcb };
const askRequest: CollateralRequest = { ...base, role: "intermediate" };
const crlRequest: CollateralRequest = { ...base, role: "crl" };
const ask = (request: CollateralRequest = leafRequest) => createDirectorySource(folder).get(request, {});
const chipFolder = `vcek/${hexOf(chip.hwId)}`;

describe.each(HIERARCHIES)("a folder with the files of $productLine, $signingKey", ({ productLine, signingKey }) => {
  const forged = forge.evidence({ productLine, signingKey });
  const names = signingKey === "VCEK" ? (["vcek", "ask"] as const) : (["vlek", "asvk"] as const);

  it.each<[string, Readonly<Record<string, Uint8Array | string>>]>([
    [
      "by snpguest",
      {
        [`${names[0]}.der`]: forged.leaf.der,
        [`${names[1]}.pem`]: pem("CERTIFICATE", forged.intermediate.der),
        "crl.der": forged.crl.der,
      },
    ],
    [
      "by line",
      {
        [`${productLine}/${names[0]}.pem`]: pem("CERTIFICATE", forged.leaf.der),
        [`${productLine}/${signingKey.toLowerCase()}_cert_chain.pem`]: pem(
          "CERTIFICATE",
          forged.intermediate.der,
          forged.root.der,
        ),
        [`${productLine}/crl.pem`]: pem("X509 CRL", forged.crl.der),
      },
    ],
  ])("completes evidence that then verifies, kept %s", async (_, files) => {
    await put(files);
    const options = { now, anchors: forged.anchors, collateral: createDirectorySource(folder) };
    const verified = await verifyEvidence({ report: forged.evidence.report }, options);
    expect(verified).toMatchObject({ productLine, signingKey, revocation: { status: "checked" } });
  });
});

describe("a folder of many chips", () => {
  it.each(["Milan", "Turin"] as const)("in Trustee's layout serves each of %s", async (productLine) => {
    const chips = ["a", "b", "c"].map((name) => ({ name, chip: forge.chip({ productLine, chip: name }) }));
    for (const {
      name,
      chip: { hwId },
    } of chips) {
      await put({ [`vcek/${hexOf(hwId)}/vcek.der`]: forge.vcek({ productLine, chip: name }).der });
    }
    for (const {
      name,
      chip: { hwId, tcb },
    } of chips) {
      const found = await ask({ ...base, role: "leaf", productLine, hwId, reportedTcb: tcb });
      expect(found).toEqual(forge.vcek({ productLine, chip: name }).der);
    }
    const stranger = forge.chip({ productLine, chip: "stranger" });
    expect(
      await ask({ ...base, role: "leaf", productLine, hwId: stranger.hwId, reportedTcb: stranger.tcb }),
    ).toBeUndefined();
  });

  it("serves several TCBs of a chip", async () => {
    const newer = { ...chip.tcb, snp: chip.tcb.snp + 1 };
    const updated = forge.vcek({ tcb: newer }).der;
    await put({ [`${chipFolder}/vcek.der`]: leaf.der, [`${chipFolder}/2026-10.pem`]: pem("CERTIFICATE", updated) });
    expect(await ask()).toEqual(leaf.der);
    expect(await ask({ ...leafRequest, reportedTcb: newer })).toEqual(updated);
    expect(await ask({ ...leafRequest, reportedTcb: { ...newer, tee: 9 } })).toBeUndefined();
  });

  it("leaves alone what is no certificate by its name", async () => {
    await put({ [`${chipFolder}/vcek.der`]: leaf.der, [`${chipFolder}/.der`]: "x", [`${chipFolder}/notes.txt`]: "x" });
    await mkdir(join(folder, chipFolder, "old"));
    expect(await ask()).toEqual(leaf.der);
  });

  it("is filled while in use", async () => {
    const source = createDirectorySource(folder);
    expect(await source.get(leafRequest, {})).toBeUndefined();
    await put({ [`${chipFolder}/vcek.der`]: leaf.der });
    expect(await source.get(leafRequest, {})).toEqual(leaf.der);
  });
});

describe("a file of the folder answers what it says it is", () => {
  const files = {
    "vcek.der": leaf.der,
    "cert_chain.pem": pem("CERTIFICATE", intermediate.der, ark.der),
    "crl.crl": crl.der,
  };
  it.each<[string, CollateralRequest, Uint8Array | undefined]>([
    ["the leaf", leafRequest, leaf.der],
    ["the intermediate", askRequest, intermediate.der],
    ["the CRL", crlRequest, crl.der],
    ["the CRL of the other branch", { ...crlRequest, signingKey: "VLEK" }, crl.der],
    ["another chip", { ...leafRequest, hwId: other.hwId }, undefined],
    ["another TCB", { ...leafRequest, reportedTcb: { ...chip.tcb, microcode: 1 } }, undefined],
    ["another line's leaf", { ...leafRequest, productLine: "Genoa" }, undefined],
    ["a VLEK", { ...leafRequest, signingKey: "VLEK" }, undefined],
    ["the other branch's intermediate", { ...askRequest, signingKey: "VLEK" }, undefined],
    ["another line's intermediate", { ...askRequest, productLine: "Turin" }, undefined],
    ["another line's CRL", { ...crlRequest, productLine: "Turin" }, undefined],
  ])("for %s", async (_, request, expected) => {
    await put(files);
    expect(await ask(request)).toEqual(expected);
  });

  it("and the line's own comes before the shared one", async () => {
    const newer = forge.crl({ number: 2 }).der;
    await put({ "crl.der": crl.der, "Milan/crl.der": newer });
    expect(await ask(crlRequest)).toEqual(newer);
  });

  it("and what is of another line is stepped over", async () => {
    await put({ "ask.der": forge.ask({ productLine: "Genoa" }).der, "cert_chain.pem": files["cert_chain.pem"] });
    expect(await ask(askRequest)).toEqual(intermediate.der);
    const genoa = await ask({ ...askRequest, productLine: "Genoa" });
    expect(genoa).toEqual(forge.ask({ productLine: "Genoa" }).der);
  });
});

describe("a file that cannot be read", () => {
  it.each<[string, string, Uint8Array | string, CollateralRequest]>([
    ["no certificate", "vcek.der", "hello", leafRequest],
    ["nothing", "vcek.der", "", leafRequest],
    ["a certificate cut short", "vcek.der", leaf.der.subarray(0, -1), leafRequest],
    ["a certificate and a byte", "vcek.der", Buffer.concat([leaf.der, Buffer.alloc(1)]), leafRequest],
    ["broken PEM", "vcek.pem", pem("CERTIFICATE", leaf.der).slice(0, 300), leafRequest],
    ["a CRL for a leaf", "vcek.der", crl.der, leafRequest],
    ["a leaf for a CRL", "crl.der", leaf.der, crlRequest],
    ["a key", "ask.pem", pem("PRIVATE KEY", new Uint8Array(40)), askRequest],
    ["more than 64 KiB", "crl.der", new Uint8Array(65_537), crlRequest],
    ["a broken file of the chip's", `${chipFolder}/vcek.der`, "hello", leafRequest],
  ])("is told: %s", async (_, name, content, request) => {
    await put({ [name]: content });
    await expect(ask(request)).toFailWith("ERR_COLLATERAL_UNAVAILABLE", {
      role: request.role,
      reason: expect.stringContaining(name),
    });
    await expect(ask(request)).rejects.toMatchObject({ retryable: false });
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ["a folder", (path) => mkdir(path)],
    ["a pipe that nobody writes to", async (path) => execFileSync("mkfifo", [path])],
  ])("is told: %s", async (_, make) => {
    await make(join(folder, "vcek.der"));
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("is told: one that may not be read", async () => {
    await put({ "vcek.der": leaf.der });
    await chmod(join(folder, "vcek.der"), 0);
    // Root may read everything.
    if (process.getuid?.() === 0) expect(await ask()).toEqual(leaf.der);
    else await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("is told: too many in a chip's folder", async () => {
    for (let index = 0; index < 65; index++) await put({ [`${chipFolder}/${index}.txt`]: "" });
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { reason: expect.stringContaining("64 files") });
  });

  it("is a folder that is not there", async () => {
    await rm(folder, { recursive: true });
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { reason: "there is no such folder" });
    await expect(createDirectorySource("/dev/null").get(leafRequest, {})).resolves.toBeUndefined();
  });

  it("is no reason against files that are not asked for", async () => {
    await put({ "vcek.der": leaf.der, "crl.der": "hello", "ask.pem": "hello" });
    expect(await ask()).toEqual(leaf.der);
  });
});

describe("links", () => {
  const outside = () => join(folder, "..", "outside");
  beforeEach(async () => {
    await mkdir(outside());
    await writeFile(join(outside(), "vcek.der"), leaf.der);
  });

  it.each<[string, (place: string) => Promise<unknown>]>([
    ["a file", () => symlink(join(outside(), "vcek.der"), join(folder, "vcek.der"))],
    ["a file, by dots", () => symlink("../outside/vcek.der", join(folder, "vcek.der"))],
    ["a line's folder", () => symlink(outside(), join(folder, "Milan"))],
    ["a chip's folder", () => mkdir(join(folder, "vcek")).then(() => symlink(outside(), join(folder, chipFolder)))],
    ["all chips", () => symlink(outside(), join(folder, "vcek")).then(() => mkdir(join(outside(), hexOf(chip.hwId))))],
    ["a device", () => symlink("/dev/zero", join(folder, "vcek.der"))],
    [
      "the folder above",
      () => symlink("..", join(folder, "Milan")).then(() => writeFile(join(folder, "..", "vcek.der"), leaf.der)),
    ],
  ])("that lead out are refused: %s", async (_, make) => {
    await make(folder);
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { reason: expect.stringContaining("leads out") });
  });

  it("out to a folder whose name begins alike are refused", async () => {
    await mkdir(`${folder}-too`);
    await writeFile(join(`${folder}-too`, "vcek.der"), leaf.der);
    await symlink(join(`${folder}-too`, "vcek.der"), join(folder, "vcek.der"));
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("inside are followed, as in a mounted secret", async () => {
    await put({ [`${chipFolder}/..2026/vcek.der`]: leaf.der });
    await symlink("..2026", join(folder, chipFolder, "..data"));
    await symlink("..data/vcek.der", join(folder, chipFolder, "vcek.der"));
    expect(await ask()).toEqual(leaf.der);
  });

  it("to the folder itself are the caller's own", async () => {
    await put({ "vcek.der": leaf.der });
    const link = join(folder, "..", "link");
    await symlink(folder, link);
    expect(await createDirectorySource(link).get(leafRequest, {})).toEqual(leaf.der);
  });

  it("in a circle, and to nowhere, are no answer", async () => {
    await symlink("vcek.der", join(folder, "vcek.der"));
    await expect(ask()).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { reason: expect.stringContaining("ELOOP") });
    await rm(join(folder, "vcek.der"));
    await symlink("gone.der", join(folder, "vcek.der"));
    expect(await ask()).toBeUndefined();
  });

  it("that are swapped all the time let nothing out", async () => {
    const secret = Buffer.from(forge.vcek({ chip: "other" }).der);
    await writeFile(join(outside(), "secret.der"), secret);
    await put({ "inside.der": leaf.der });
    const target = join(folder, "vcek.der");
    let swaps = 0;
    const stop = new AbortController();
    const swapping = (async () => {
      for (; !stop.signal.aborted; swaps++) {
        const from = swaps % 2 === 0 ? join(outside(), "secret.der") : "inside.der";
        await symlink(from, `${target}.new`);
        await rename(`${target}.new`, target);
      }
    })();
    const wanted: CollateralRequest = { ...leafRequest, hwId: other.hwId, reportedTcb: other.tcb };
    for (let turn = 0; turn < 300; turn++) {
      const found = await ask(wanted).catch((error: unknown) => error);
      expect(found instanceof Uint8Array, `turn ${turn}`).toBe(false);
    }
    stop.abort();
    await swapping;
    expect(swaps).toBeGreaterThan(10);
  });
});

describe("arguments of a directory source", () => {
  it.each([7, "", "a\0b", null])("refuse %j as a directory", (directory) => {
    expect(() => createDirectorySource(directory as string)).toThrow(TypeError);
  });

  it.each<[string, object]>([
    ["a role that is none", { role: "root" }],
    ["a role of every object", { role: "toString" }],
    ["a line that is a path", { productLine: "../.." }],
    ["a key that is a path", { signingKey: "../VCEK" }],
    ["a chip that is text", { hwId: "../../etc" }],
    ["a chip that only looks like bytes", { hwId: { length: 64, toString: () => "../.." } }],
  ])("refuse a request with %s", async (_, changed) => {
    await put({ "vcek.der": leaf.der });
    const request = { ...leafRequest, ...changed } as CollateralRequest;
    await expect(ask(request)).rejects.toBeInstanceOf(TypeError);
  });

  it.each([0, 8, 63, 65, 4096])("make no path of a chip id of %d bytes", async (length) => {
    await put({ [`vcek/${"00".repeat(Math.min(length, 100))}/vcek.der`]: "hello", "vcek.der": leaf.der });
    expect(await ask({ ...leafRequest, hwId: new Uint8Array(length) })).toBeUndefined();
  });

  it("are what they were when the question came, whatever becomes of them", async () => {
    await put({ [`${chipFolder}/vcek.der`]: leaf.der, "crl.der": crl.der });
    const request = { ...leafRequest, hwId: chip.hwId.slice(), reportedTcb: { ...chip.tcb } };
    const answer = ask(request);
    request.hwId.fill(0);
    Object.assign(request.reportedTcb, { snp: 0, microcode: 0 });
    Object.assign(request, { role: "crl" });
    expect(await answer).toEqual(leaf.der);
    expect(await ask(request)).toEqual(crl.der);
  });

  it("keep the folder when the process goes elsewhere", async () => {
    await put({ "vcek.der": leaf.der });
    const before = process.cwd();
    process.chdir(join(folder, ".."));
    const source = createDirectorySource("store");
    process.chdir(before);
    expect(await source.get(leafRequest, {})).toEqual(leaf.der);
  });
});
