import {
  type Evidence,
  type OpenedEvidence,
  openExtendedReport,
  openGoSevGuest,
  openHex,
  openPem,
  openRatsd,
  openTinfoil,
  openTsmCbor,
  openTsmJson,
} from "attestry/evidence";
import { said, same } from "./assert.js";
import { base64Of, blobOf } from "./input.js";
import type { Suite } from "./suite.js";

/** The openers that lean on the runtime or on third-party code, and two that do not; by name. */
const OPENERS: Readonly<Record<string, (bytes: Uint8Array) => Promise<OpenedEvidence<unknown>>>> = {
  openExtendedReport,
  openGoSevGuest,
  openHex: (bytes) => openHex(new TextDecoder().decode(bytes)),
  openPem: (bytes) => openPem(new TextDecoder().decode(bytes)),
  openRatsd,
  openTinfoil,
  openTsmCbor,
  openTsmJson,
};

/** Evidence as JSON: bytes in base64, in a fixed order. */
export function evidenceJson({ report, certificates = {} }: Evidence): Record<string, string | null> {
  const { leaf, intermediate, root, crl } = certificates;
  const parts = Object.entries({ report, leaf, intermediate, root, crl });
  return Object.fromEntries(parts.map(([part, bytes]) => [part, bytes === undefined ? null : base64Of(bytes)]));
}

/** What is opened by an opener of this name, as JSON, or the code of the refusal. */
export function opened(opener: string, bytes: Uint8Array): Promise<string> {
  const open = OPENERS[opener];
  if (open === undefined) throw new Error(`no opener ${opener}`);
  return said(async () => evidenceJson((await open(bytes)).evidence));
}

/** Containers: text, CBOR, protobuf and gzip. */
export const containerSuite: Suite = {
  name: "containers",
  cases: (input) =>
    input.containers.map(({ name, opener, bytes, expected }) => ({
      name,
      run: async () => same(await opened(opener, blobOf(input, bytes)), expected),
    })),
};
