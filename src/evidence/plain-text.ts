import { readOptions } from "../bytes/arguments.js";
import { fromBase64, fromHex } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import { textBytes } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport } from "./parts.js";
import { promised } from "./promised.js";

/** Plain text holds a report and nothing else. */
export type NoClaims = Readonly<Record<string, never>>;

/** 1184 bytes are 2368 hex digits; line breaks and indentation come on top. */
const MAX_TEXT_BYTES = 8192;
const WHITE_SPACE = /[ \t\r\n]+/g;

/** A text in ASCII with its white space taken out. */
function digitsOf(container: string, input: unknown): string {
  const bytes = textBytes(input, "input", MAX_TEXT_BYTES);
  if (bytes.some((byte) => byte > 0x7e)) {
    const reason = "a byte that is not ASCII";
    throw new MalformedError("ERR_MALFORMED_ENCODING", `${container}: ${reason}`, { what: container, reason });
  }
  return new TextDecoder().decode(bytes).replaceAll(WHITE_SPACE, "");
}

function open(
  container: string,
  decode: (digits: string, what: string) => Uint8Array,
  { input, options }: { readonly input: unknown; readonly options: unknown },
): Promise<OpenedEvidence<NoClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const report = exactReport(container, decode(digitsOf(container, input), container));
    return { evidence: { report }, claims: {} };
  });
}

/**
 * Unverified: a report written as hex, in either case, with white space anywhere and no prefix.
 *
 * @param input - a text of at most 8 KiB
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for anything that is no hex; `ERR_MALFORMED_LENGTH` for other than 1184
 * bytes, or a text above the limit. An extended report is for `openExtendedReport`, once it is bytes.
 */
export function openHex(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<NoClaims>> {
  return open("hex", fromHex, { input, options });
}

/**
 * Unverified: a report written as padded base64 of the standard alphabet, with white space anywhere.
 *
 * @param input - a text of at most 8 KiB
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for anything that is no such base64; `ERR_MALFORMED_LENGTH` for other
 * than 1184 bytes, or a text above the limit. An extended report is for `openExtendedReport`, once it is bytes.
 */
export function openBase64(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<NoClaims>> {
  return open("base64", fromBase64, { input, options });
}
