import { readOptions } from "../bytes/arguments.js";
import { addAt, type IgvmLoader, type Loading, load } from "./igvm-directives.js";
import { type IgvmHeader, malformedIgvm, readIgvmHeaders, unsupportedIgvm } from "./igvm-file.js";
import { SUPPORTED_PLATFORM } from "./igvm-layouts.js";
import { assertGoing, JOB_OPTIONS, jobOf, type MeasureOptions } from "./job.js";
import { LaunchChain, PAGE_BYTES } from "./pages.js";
import { KVM_VMSA_GPA } from "./profiles.js";
import { type ImageReader, openSource } from "./source.js";

/** Options of `computeIgvmDigest`; an unknown name is a TypeError. */
export interface IgvmOptions extends MeasureOptions {
  /** Default `qemu`. */
  loader?: IgvmLoader;
  /** Whether pages without content are measured as ZERO pages or as NORMAL ones full of zeros. Default: the loader's. */
  nativeZero?: boolean;
}

const SEV_SNP = 2;

/** @throws UnsupportedError `ERR_UNSUPPORTED_IGVM` where the file is not for SEV-SNP, or for it in two ways. */
function snpMask(headers: readonly IgvmHeader[]): number {
  const platforms = headers
    .filter(({ type }) => type.effect === "supportedPlatform")
    .map(({ content, offset }) => ({ ...SUPPORTED_PLATFORM.parse(content).values, offset }));
  const [snp, second] = platforms.filter(({ platform }) => platform === SEV_SNP);
  if (snp === undefined) throw unsupportedIgvm("platforms", "none is SEV-SNP");
  if (second !== undefined) throw unsupportedIgvm("platforms", "SEV-SNP stands there twice");
  if (snp.version !== 1) throw unsupportedIgvm("SEV-SNP platform", `version ${snp.version}, expected 1`);
  const { mask } = snp;
  if (mask === 0 || (mask & (mask - 1)) !== 0) throw malformedIgvm(snp.offset, "a compatibility mask of not one bit");
  return mask;
}

function readLoader(loader: unknown, nativeZero: unknown): Pick<Loading, "loader" | "nativeZero"> {
  const chosen = loader === undefined ? "qemu" : loader;
  if (chosen !== "qemu" && chosen !== "as-written") throw new TypeError("options.loader must be qemu or as-written");
  if (nativeZero !== undefined && typeof nativeZero !== "boolean") {
    throw new TypeError("options.nativeZero must be a boolean");
  }
  return { loader: chosen, nativeZero: nativeZero ?? chosen === "qemu" };
}

/**
 * The launch digest of a guest that is launched from an IGVM file, 48 bytes: its directives for SEV-SNP, replayed.
 *
 * What QEMU does to the save area before KVM measures it (CR0, SEV_FEATURES) is not undone or redone here: the file
 * must have it as KVM will. An ID block in the file is not looked at.
 *
 * @param file - bytes or a reader; not a stream, since directives point anywhere into the file
 * @throws TypeError for an argument of the wrong type.
 * @throws MalformedError `ERR_MALFORMED_IGVM` for a file that breaks its format; `ERR_MALFORMED_RESERVED` for reserved
 * bytes of a directive that are not zero.
 * @throws UnsupportedError `ERR_UNSUPPORTED_IGVM` for another version, no SEV-SNP platform, or no vCPU's registers;
 * `ERR_UNSUPPORTED_IGVM_DIRECTIVE`, which names the directive, for one whose effect is not known.
 * @throws CollateralError `ERR_COLLATERAL_ABORTED` when the signal fires.
 *
 * Source: crate igvm_defs; QEMU, backends/igvm.c.
 */
export async function computeIgvmDigest(
  file: Uint8Array | ImageReader,
  options: IgvmOptions = {},
): Promise<Uint8Array> {
  const { loader, nativeZero, ...rest } = readOptions(options, "options", [...JOB_OPTIONS, "loader", "nativeZero"]);
  const job = jobOf(rest);
  const source = openSource(file, "file");
  if (source.kind === "stream") throw new TypeError("file must be a Uint8Array or a reader, not a stream");
  const way = readLoader(loader, nativeZero);
  assertGoing(job);
  const headers = await readIgvmHeaders(source);
  const chain = new LaunchChain(job.digests);
  const zeros = Uint8Array.from(chain.contents(new Uint8Array(PAGE_BYTES)));
  const loading: Loading = {
    file: source,
    zeros,
    job,
    chain,
    mask: snpMask(headers),
    ...way,
    areas: new Map(),
    taken: new Set(),
    deferred: null,
    contexts: 0,
  };
  for (const [index, header] of headers.entries()) {
    await load(loading, header);
    await job.onProgress?.({ part: "igvm", done: index + 1, total: headers.length });
    assertGoing(job);
  }
  if (loading.contexts === 0) throw unsupportedIgvm("VP_CONTEXT", "none for SEV-SNP; the vCPUs begin as the VMM likes");
  if (loading.deferred !== null) addAt(loading, { type: "vmsa", gpa: KVM_VMSA_GPA, contents: loading.deferred });
  return chain.digest();
}
