import { join, resolve } from "node:path";
import { hwIdLength, isProductLine } from "../amd/product-lines.js";
import { checkText, copyBytes } from "../bytes/arguments.js";
import { toHex } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import { isAttestationError } from "../errors.js";
import { answersRequest } from "../kds/matching.js";
import type { CollateralRequest, CollateralSource } from "../verify/types.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { badFile, type Folder, type FolderFile, openFolder, readAllIn, readIn } from "./folder-files.js";

/** Names of files by what is in them, without their endings; a chain is AMD's, intermediate and root in PEM. */
const NAMES = {
  leaf: { VCEK: ["vcek"], VLEK: ["vlek"] },
  intermediate: { VCEK: ["ask", "vcek_cert_chain", "cert_chain"], VLEK: ["asvk", "vlek_cert_chain", "cert_chain"] },
  crl: { VCEK: ["crl"], VLEK: ["crl"] },
} as const;
const ENDINGS = ["der", "pem", "crt", "crl"];
const CHIP_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(?:der|pem|crt)$/;

function isRole(role: unknown): role is CollateralRequest["role"] {
  return typeof role === "string" && Object.hasOwn(NAMES, role);
}

/** A copy, which the caller can no longer change. @throws TypeError for a request that no path may be made of */
function readRequest(request: CollateralRequest): CollateralRequest {
  const { role, productLine, signingKey } = request;
  if (!isRole(role)) throw new TypeError(`request.role must be leaf, intermediate or crl, found ${textOf(role)}`);
  if (!isProductLine(productLine)) throw new TypeError("request.productLine must be Milan, Genoa or Turin");
  if (signingKey !== "VCEK" && signingKey !== "VLEK") throw new TypeError("request.signingKey must be VCEK or VLEK");
  if (role !== "leaf") return { role, productLine, signingKey };
  const hwId = copyBytes(request.hwId, "request.hwId");
  return { role, productLine, signingKey, hwId, reportedTcb: { ...request.reportedTcb } };
}

/** The folder of a chip, by the digits of its id; null for what has none. */
function chipFolder(request: CollateralRequest): string | null {
  const { role, productLine, signingKey } = request;
  if (role !== "leaf" || signingKey !== "VCEK") return null;
  return request.hwId.length === hwIdLength(productLine) ? join("vcek", toHex(request.hwId)) : null;
}

/** What a file holds, in DER. @throws MalformedError for broken PEM */
function dersOf({ bytes, path }: FolderFile): readonly Uint8Array[] {
  return looksLikePem(bytes) ? pemToDer(bytes, path) : [bytes];
}

function pick(folder: Folder, file: FolderFile, request: CollateralRequest): Uint8Array | undefined {
  try {
    return dersOf(file).find((der) => answersRequest(der, request));
  } catch (cause) {
    if (isAttestationError(cause)) throw badFile(folder, file, cause);
    throw cause;
  }
}

/** The paths of files that may hold the answer, the line's own before the shared ones. */
function pathsFor({ role, productLine, signingKey }: CollateralRequest): readonly string[] {
  const files = NAMES[role][signingKey].flatMap((name) => ENDINGS.map((ending) => `${name}.${ending}`));
  return [productLine, "."].flatMap((place) => files.map((file) => join(place, file)));
}

async function* candidates(folder: Folder, request: CollateralRequest): AsyncGenerator<FolderFile> {
  const chip = chipFolder(request);
  if (chip !== null) yield* await readAllIn(folder, chip, CHIP_FILE);
  for (const path of pathsFor(request)) {
    const file = await readIn(folder, path);
    if (file !== null) yield file;
  }
}

async function find(folder: Folder, request: CollateralRequest): Promise<Uint8Array | undefined> {
  for await (const file of candidates(folder, request)) {
    const der = pick(folder, file, request);
    if (der !== undefined) return der;
  }
  return undefined;
}

/**
 * A source on a folder, for verifiers without a network. It looks for
 *
 * - `vcek/CHIP/*.der`, CHIP in 128 small hex digits, on Turin 16: Trustee's store; a chip may have a file for each TCB,
 * - `LINE/` with the files of one product line, `Milan`, `Genoa` or `Turin`,
 * - the folder itself, as snpguest fills it for one chip;
 *
 * in the latter two for `vcek`, `vlek`, `ask`, `asvk`, `crl`, and `cert_chain`, `vcek_cert_chain`, `vlek_cert_chain`,
 * with the ending `.der`, `.pem`, `.crt` or `.crl`, in DER or PEM whatever the ending says.
 *
 * A file is an answer where it says of itself that it is what was asked for (line, branch, chip, TCB); what it is
 * worth is for verification to say. Files are read anew each time, so that the folder can be filled while in use.
 * Nothing outside of the folder is read: links that lead out of it are refused. (Who may write to the folder can swap a
 * folder inside for a link at the very moment of reading, and have another file taken for a certificate: if it is one.)
 *
 * `get` throws CollateralError `ERR_COLLATERAL_UNAVAILABLE` for a folder that is not there, and for a file that
 * cannot be read, is over 64 KiB, or holds something else than certificates and CRLs; TypeError for what is no
 * request.
 *
 * @throws TypeError for a directory that is no text.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from "node:fs/promises";
 * import { verifyEvidence } from "attestry";
 * import { createDirectorySource } from "attestry/node";
 * import { createForge } from "attestry/testing";
 *
 * const { evidence, leaf, intermediate, crl, anchors, now } = (await createForge({ seed: "a folder" })).evidence();
 * const folder = await mkdtemp("/tmp/attestry-");
 * const files = { "vcek.der": leaf.der, "ask.der": intermediate.der, "crl.der": crl.der };
 * for (const [name, bytes] of Object.entries(files)) await writeFile(`${folder}/${name}`, bytes);
 * const collateral = createDirectorySource(folder);
 * await verifyEvidence({ report: evidence.report }, { now, anchors, collateral });
 * await rm(folder, { recursive: true });
 * ```
 */
export function createDirectorySource(directory: string): CollateralSource {
  const text = checkText(directory, "directory");
  if (text === "" || text.includes("\0")) throw new TypeError("directory must name a folder");
  const root = resolve(text);
  return Object.freeze({
    get: async (request: CollateralRequest) => {
      const wanted = readRequest(request);
      return await find(await openFolder(root, wanted.role), wanted);
    },
  });
}
