// Source of all tables: google/go-sev-guest, proto/sevsnp.proto.

/** `Attestation` */
export const ATTESTATION = [
  { name: "report", number: 1, type: "bytes" },
  { name: "certificateChain", number: 2, type: "bytes" },
  { name: "product", number: 3, type: "bytes" },
] as const;

/** `Report`, by the names of the report's own table so far as the fields are the same. */
export const REPORT = [
  { name: "version", number: 1, type: "u32" },
  { name: "guestSvn", number: 2, type: "u32" },
  { name: "policy", number: 3, type: "u64" },
  { name: "familyId", number: 4, type: "bytes" },
  { name: "imageId", number: 5, type: "bytes" },
  { name: "vmpl", number: 6, type: "u32" },
  { name: "signatureAlgo", number: 7, type: "u32" },
  { name: "currentTcb", number: 8, type: "u64" },
  { name: "platformInfo", number: 9, type: "u64" },
  { name: "keyInfo", number: 10, type: "u32" },
  { name: "reportData", number: 11, type: "bytes" },
  { name: "measurement", number: 12, type: "bytes" },
  { name: "hostData", number: 13, type: "bytes" },
  { name: "idKeyDigest", number: 14, type: "bytes" },
  { name: "authorKeyDigest", number: 15, type: "bytes" },
  { name: "reportId", number: 16, type: "bytes" },
  { name: "reportIdMa", number: 17, type: "bytes" },
  { name: "reportedTcb", number: 18, type: "u64" },
  { name: "chipId", number: 19, type: "bytes" },
  { name: "committedTcb", number: 20, type: "u64" },
  { name: "currentBuild", number: 21, type: "u32" },
  { name: "currentMinor", number: 22, type: "u32" },
  { name: "currentMajor", number: 23, type: "u32" },
  { name: "committedBuild", number: 24, type: "u32" },
  { name: "committedMinor", number: 25, type: "u32" },
  { name: "committedMajor", number: 26, type: "u32" },
  { name: "launchTcb", number: 27, type: "u64" },
  { name: "signature", number: 28, type: "bytes" },
  { name: "cpuid1eaxFms", number: 29, type: "u32" },
  { name: "launchMitVector", number: 30, type: "u64" },
  { name: "currentMitVector", number: 31, type: "u64" },
] as const;

/** `CertificateChain`; number 5 has never been given out. */
export const CHAIN = [
  { name: "vcekCert", number: 1, type: "bytes" },
  { name: "askCert", number: 2, type: "bytes" },
  { name: "arkCert", number: 3, type: "bytes" },
  { name: "firmwareCert", number: 4, type: "bytes" },
  { name: "vlekCert", number: 6, type: "bytes" },
  { name: "extras", number: 7, type: "repeated bytes" },
] as const;

/** An entry of the map `extras`. */
export const EXTRA = [
  { name: "key", number: 1, type: "bytes" },
  { name: "value", number: 2, type: "bytes" },
] as const;

/** `SevProduct` */
export const PRODUCT = [
  { name: "name", number: 1, type: "u32" },
  { name: "stepping", number: 2, type: "u32" },
  { name: "machineStepping", number: 3, type: "bytes" },
] as const;

/** `UInt32Value` */
export const STEPPING = [{ name: "value", number: 1, type: "u32" }] as const;
