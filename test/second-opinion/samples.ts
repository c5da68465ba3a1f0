import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { toHex } from "../../src/bytes/codecs.js";
import { createForge, der, type Forge, type ForgedExtension } from "../../src/testing/index.js";
import { corpusFile, corpusFolder, corpusSets } from "../support/corpus.js";

/** DER of one certificate or CRL, and where it comes from. */
export interface Sample {
  readonly name: string;
  readonly der: Uint8Array;
}

export interface Samples {
  readonly certificates: readonly Sample[];
  readonly crls: readonly Sample[];
}

/** The same bytes once, under the first name that they have. */
function unique(samples: readonly Sample[]): Sample[] {
  const byContent = new Map([...samples].reverse().map((sample) => [toHex(sample.der), sample]));
  return samples.filter((sample) => byContent.get(toHex(sample.der)) === sample);
}

function split(all: readonly Sample[]): Samples {
  const isCrl = ({ name }: Sample) => /crl/.test(name);
  return { certificates: unique(all.filter((sample) => !isCrl(sample))), crls: unique(all.filter(isCrl)) };
}

/** Every certificate and CRL that the corpus has in DER: AMD's own, and those of all sets, the refused ones too. */
export function corpusSamples(): Samples {
  const amd = PRODUCT_LINES.flatMap((line) =>
    corpusFolder(`amd/${line}`)
      .filter((name) => name.endsWith(".der"))
      .map((name) => ({ name: `amd/${line}/${name}`, der: corpusFile(`amd/${line}/${name}`) })),
  );
  const sets = corpusSets().flatMap((set) =>
    set.files
      .filter((name) => name.endsWith(".der"))
      .map((name) => ({ name: `${set.id}/${name}`, der: set.read(name) })),
  );
  return split([...amd, ...sets]);
}

const REASON: ForgedExtension = { oid: "2.5.29.21", critical: false, value: Uint8Array.of(0x0a, 0x01, 0x01) };
const CRITICAL: ForgedExtension = { oid: "1.2.3.4.5", critical: true, value: der.octetString(Uint8Array.of(7)) };

function forgedOf(forge: Forge): Sample[] {
  const line = forge.productLine;
  const made = {
    ark: forge.ark(),
    ask: forge.ask(),
    asvk: forge.asvk(),
    vcek: forge.vcek(),
    vlek: forge.vlek(),
    "vcek of another chip": forge.vcek({ chip: "other", serial: 2n ** 159n + 5n, timeForm: "generalized" }),
    "vcek with a critical extension": forge.vcek({ extensions: { add: [CRITICAL] } }),
    "vcek with odd names": forge.vcek({ subject: { commonName: "é\u0000", organization: null, country: null } }),
    "ask without constraints": forge.ask({ basicConstraints: null, keyUsage: null, subjectKeyId: null }),
    "ask to the end of time": forge.ask({ notAfter: new Date("9999-12-31T23:59:59Z"), algorithm: "default-trailer" }),
    crl: forge.crl(),
    "crl without extensions": forge.crl({ number: null, authorityKeyId: null }),
    "crl with entries": forge.crl({
      number: 2n ** 100n,
      revoked: [
        { serial: 0x020001 },
        { serial: 2n ** 158n, at: new Date("2001-02-03T04:05:06Z"), extensions: [REASON] },
        { serial: 0, extensions: [REASON, CRITICAL] },
      ],
    }),
    "crl with a critical extension": forge.crl({ extensions: { add: [CRITICAL] }, timeForm: "generalized" }),
  };
  return Object.entries(made).map(([name, signed]) => ({ name: `${line} ${name}`, der: signed.der }));
}

/** Certificates and CRLs of the forge: AMD's shapes of every line, and shapes that AMD has not yet shown. */
export async function forgedSamples(): Promise<Samples> {
  const forges = await Promise.all(
    PRODUCT_LINES.map((productLine) => createForge({ seed: "second opinion", productLine })),
  );
  return split(forges.flatMap(forgedOf));
}
