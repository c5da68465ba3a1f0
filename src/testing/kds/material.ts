import type { ProductLine } from "../../amd/product-lines.js";
import { toBase64, toHex } from "../../bytes/codecs.js";
import type { Forge } from "../index.js";
import type { Wanted } from "./wanted.js";

/** A status with its body. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What the answers are made from. */
export interface MaterialOptions {
  readonly forge: Forge;
  /** Names of the chips that are known, on every product line. */
  readonly chips: ReadonlySet<string>;
  readonly lineEnd: "\n" | "\r\n";
}

const PEM_COLUMNS = 64;

/** An answer that is a word. */
export function textAnswer(status: number, text: string): Answer {
  return { status, contentType: "text/plain", body: new TextEncoder().encode(text) };
}

function binary(body: Uint8Array): Answer {
  return { status: 200, contentType: "application/octet-stream", body };
}

function pemBlock(der: Uint8Array, lineEnd: string): string {
  const text = toBase64(der);
  const rows = Array.from({ length: Math.ceil(text.length / PEM_COLUMNS) }, (_, row) =>
    text.slice(row * PEM_COLUMNS, (row + 1) * PEM_COLUMNS),
  );
  return ["-----BEGIN CERTIFICATE-----", ...rows, "-----END CERTIFICATE-----", ""].join(lineEnd);
}

/** The name of the chip with that hardware id, looked for among those that are known. */
function chipFinder({ forge, chips }: MaterialOptions): (productLine: ProductLine, hwId: string) => string | undefined {
  const names = new Map<string, string>();
  const looked = new Set<string>();
  return (productLine, hwId) => {
    for (const chip of chips) {
      if (looked.has(`${productLine} ${chip}`)) continue;
      looked.add(`${productLine} ${chip}`);
      names.set(`${productLine} ${toHex(forge.chip({ productLine, chip, signingKey: "VCEK" }).hwId)}`, chip);
    }
    return names.get(`${productLine} ${hwId}`);
  };
}

function answerWith(options: MaterialOptions, findChip: ReturnType<typeof chipFinder>, wanted: Wanted): Answer {
  const { forge, lineEnd } = options;
  const { productLine } = wanted;
  switch (wanted.kind) {
    case "vcek": {
      const chip = findChip(productLine, wanted.hwId);
      if (chip === undefined) return textAnswer(404, "no such chip\n");
      return binary(forge.vcek({ productLine, chip, tcb: wanted.tcb }).der);
    }
    case "vlek":
      return textAnswer(401, "only for a provider's credential\n");
    case "crl":
      return binary(forge.crl({ productLine }).der);
    case "cert_chain": {
      const intermediate = wanted.signingKey === "VLEK" ? forge.asvk({ productLine }) : forge.ask({ productLine });
      const pem = [intermediate, forge.ark({ productLine })].map(({ der }) => pemBlock(der, lineEnd)).join("");
      return { status: 200, contentType: "application/x-pem-file", body: new TextEncoder().encode(pem) };
    }
  }
}

/** Answers as AMD's server gives them; each is made once. */
export function createMaterial(options: MaterialOptions): (wanted: Wanted) => Answer {
  const findChip = chipFinder(options);
  const made = new Map<string, Answer>();
  return (wanted) => {
    const key = JSON.stringify(wanted);
    const answer = made.get(key) ?? answerWith(options, findChip, wanted);
    // An unknown chip may be added later, and strangers' ids are without number.
    if (answer.status === 200) made.set(key, answer);
    return answer;
  };
}
