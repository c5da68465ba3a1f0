import { checkText, copyBytes, readOptions } from "../bytes/arguments.js";
import type { OpenedEvidence } from "./opened.js";
import { promised } from "./promised.js";
import { MAX_BLOB_BYTES, openTsm, type TsmClaims } from "./tsm.js";

/** The files of one report below `/sys/kernel/config/tsm/report/`, as far as they were read. */
export interface ConfigfsTsmFiles {
  /** The report. */
  outblob: Uint8Array;
  /** The certificate table; empty on many hosts. */
  auxblob?: Uint8Array;
  /** The manifest of an SVSM's services. */
  manifestblob?: Uint8Array;
  /** Who made the report; must be `sev_guest`. */
  provider?: string;
}

/**
 * Unverified: the files of configfs-tsm: the report in `outblob`, the host's certificate table in `auxblob`.
 *
 * The attribute `generation` is not looked at: whoever reads the files compares it before and after.
 *
 * @param input - outblob of exactly 1184 bytes; auxblob and manifestblob of at most 256 KiB
 * @param options - none are known
 * @throws TypeError for anything but such an object, an unknown name in it, or an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`; what `parseCertificateTable` throws.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another provider.
 *
 * Source: Linux, Documentation/ABI/testing/configfs-tsm-report.
 */
export function openConfigfsTsm(
  input: ConfigfsTsmFiles,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<TsmClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const files = readOptions(input, "input", ["outblob", "auxblob", "manifestblob", "provider"]);
    const blob = (name: "outblob" | "auxblob" | "manifestblob") =>
      files[name] === undefined ? undefined : copyBytes(files[name], `input.${name}`, MAX_BLOB_BYTES);
    return openTsm("configfs-tsm", {
      outblob: copyBytes(files.outblob, "input.outblob", MAX_BLOB_BYTES),
      auxblob: blob("auxblob"),
      manifestblob: blob("manifestblob"),
      provider: files.provider === undefined ? undefined : checkText(files.provider, "input.provider"),
      serviceProvider: undefined,
      privlevel: undefined,
    });
  });
}
