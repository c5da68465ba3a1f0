import { MalformedError, UnsupportedError } from "../errors.js";

/** Which image an error speaks of. */
export type FirmwareImage = "firmware" | "svsm";

/** The error for an image whose tables do not fit; `offset` counts from its start. */
export function malformedFirmware(what: FirmwareImage, offset: number | null, reason: string): MalformedError {
  const place = offset === null ? "" : `, at offset 0x${offset.toString(16)}`;
  return new MalformedError("ERR_MALFORMED_FIRMWARE", `${what}: ${reason}${place}`, { what, offset, reason });
}

/** The error for an image that cannot be measured as asked. */
export function unsupportedFirmware(what: FirmwareImage, where: string, found: string): UnsupportedError {
  return new UnsupportedError("ERR_UNSUPPORTED_FIRMWARE", `${what}: ${where}: ${found}`, { what, where, found });
}
