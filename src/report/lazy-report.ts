import type { Cpuid } from "../amd/product-lines.js";
import type { ReservedBytes } from "../bytes/layout.js";
import type { AttestationReport, FirmwareVersion, ReportSignature } from "./fields.js";
import { decodeGuestPolicy, type GuestPolicy } from "./guest-policy.js";
import { decodeKeyInfo, type KeyInfo } from "./key-info.js";
import type { REPORT_LAYOUTS, ReportVersion } from "./layouts.js";
import { decodePlatformInfo, type PlatformInfo } from "./platform-info.js";

type OpenReport = ReturnType<(typeof REPORT_LAYOUTS)[ReportVersion]["open"]>;

/** A report whose fields are decoded where they are asked for; words of bits once, all else every time anew. */
export class LazyReport implements AttestationReport {
  readonly #open: OpenReport;
  #policy: GuestPolicy | undefined;
  #platformInfo: PlatformInfo | undefined;
  #keyInfo: KeyInfo | undefined;

  constructor(open: OpenReport) {
    this.#open = open;
  }

  get version(): number {
    return this.#open.values.version;
  }

  get guestSvn(): number {
    return this.#open.values.guestSvn;
  }

  get policy(): GuestPolicy {
    this.#policy ??= decodeGuestPolicy(this.#open.values.policy);
    return this.#policy;
  }

  get familyId(): Uint8Array {
    return this.#open.values.familyId;
  }

  get imageId(): Uint8Array {
    return this.#open.values.imageId;
  }

  get vmpl(): number {
    return this.#open.values.vmpl;
  }

  get signatureAlgo(): number {
    return this.#open.values.signatureAlgo;
  }

  get currentTcb(): Uint8Array {
    return this.#open.values.currentTcb;
  }

  get platformInfo(): PlatformInfo {
    this.#platformInfo ??= decodePlatformInfo(this.#open.values.platformInfo);
    return this.#platformInfo;
  }

  get keyInfo(): KeyInfo {
    this.#keyInfo ??= decodeKeyInfo(this.#open.values.keyInfo);
    return this.#keyInfo;
  }

  get reportData(): Uint8Array {
    return this.#open.values.reportData;
  }

  get measurement(): Uint8Array {
    return this.#open.values.measurement;
  }

  get hostData(): Uint8Array {
    return this.#open.values.hostData;
  }

  get idKeyDigest(): Uint8Array {
    return this.#open.values.idKeyDigest;
  }

  get authorKeyDigest(): Uint8Array {
    return this.#open.values.authorKeyDigest;
  }

  get reportId(): Uint8Array {
    return this.#open.values.reportId;
  }

  get reportIdMa(): Uint8Array {
    return this.#open.values.reportIdMa;
  }

  get reportedTcb(): Uint8Array {
    return this.#open.values.reportedTcb;
  }

  get cpuid(): Cpuid | null {
    const { values } = this.#open;
    if (!("cpuidFamId" in values)) return null;
    return { family: values.cpuidFamId, model: values.cpuidModId, stepping: values.cpuidStep };
  }

  get chipId(): Uint8Array {
    return this.#open.values.chipId;
  }

  get committedTcb(): Uint8Array {
    return this.#open.values.committedTcb;
  }

  get currentFirmware(): FirmwareVersion {
    const { currentMajor: major, currentMinor: minor, currentBuild: build } = this.#open.values;
    return { major, minor, build };
  }

  get committedFirmware(): FirmwareVersion {
    const { committedMajor: major, committedMinor: minor, committedBuild: build } = this.#open.values;
    return { major, minor, build };
  }

  get launchTcb(): Uint8Array {
    return this.#open.values.launchTcb;
  }

  get launchMitVector(): bigint | null {
    const { values } = this.#open;
    return "launchMitVector" in values ? values.launchMitVector : null;
  }

  get currentMitVector(): bigint | null {
    const { values } = this.#open;
    return "currentMitVector" in values ? values.currentMitVector : null;
  }

  get signature(): ReportSignature {
    const { signatureR, signatureS } = this.#open.values;
    // The layout made these arrays for us alone, so reversing them in place changes nobody's bytes.
    return { r: signatureR.reverse(), s: signatureS.reverse() };
  }

  get reserved(): readonly ReservedBytes[] {
    return this.#open.reserved();
  }
}
