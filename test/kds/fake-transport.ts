import type { ProductLine } from "../../src/amd/product-lines.js";
import { toBase64, toHex } from "../../src/bytes/codecs.js";
import type { Transport, TransportRequest, TransportResponse } from "../../src/kds/index.js";
import { parseKdsUrl } from "../../src/kds/index.js";
import type { Forge } from "../../src/testing/index.js";
import type { CollateralRequest } from "../../src/verify/types.js";

type Answer = Partial<TransportResponse> | Promise<Partial<TransportResponse>>;

/** What was asked, and when by the timers' clock. */
export interface Asked {
  readonly request: TransportRequest;
  readonly wanted: CollateralRequest;
  readonly at: number;
}

export interface FakeTransport {
  readonly transport: Transport;
  readonly asked: Asked[];
  /** How many requests there were for a role. */
  count(role: CollateralRequest["role"]): number;
  /** Answers in place of the sound one; undefined leaves it to that. */
  answer: (asked: Asked) => Answer | undefined;
}

export function pem(...certificates: readonly Uint8Array[]): Uint8Array {
  const blocks = certificates.map(
    (der) => `-----BEGIN CERTIFICATE-----\n${toBase64(der)}\n-----END CERTIFICATE-----\n`,
  );
  return new TextEncoder().encode(blocks.join(""));
}

export const status = (status: number, headers: Record<string, string> = {}): Partial<TransportResponse> => ({
  status,
  headers,
  body: new Uint8Array(),
});

export const body = (bytes: Uint8Array): Partial<TransportResponse> => ({ status: 200, headers: {}, body: bytes });

/** Never answers, whatever the signal says. */
export const silence = (): Promise<never> => new Promise(() => undefined);

function soundAnswer(forge: Forge, chip: string | undefined, wanted: CollateralRequest): Partial<TransportResponse> {
  const { role, productLine, signingKey } = wanted;
  if (role === "crl") return body(forge.crl({ productLine }).der);
  if (role === "intermediate") {
    const issuer = signingKey === "VLEK" ? forge.asvk({ productLine }) : forge.ask({ productLine });
    return body(pem(issuer.der, forge.ark({ productLine }).der));
  }
  return chip === undefined ? status(404) : body(forge.vcek({ productLine, chip, tcb: wanted.reportedTcb }).der);
}

/** The names of chips by their hardware ids. */
function chipNames(forge: Forge, chips: readonly string[]): (wanted: CollateralRequest) => string | undefined {
  const nameOf = (productLine: ProductLine) =>
    new Map(chips.map((chip) => [toHex(forge.chip({ productLine, chip, signingKey: "VCEK" }).hwId), chip]));
  const known = new Map<ProductLine, ReturnType<typeof nameOf>>();
  return (wanted) => {
    if (wanted.role !== "leaf") return undefined;
    const names = known.get(wanted.productLine) ?? nameOf(wanted.productLine);
    known.set(wanted.productLine, names);
    return names.get(toHex(wanted.hwId));
  };
}

/** A key server without a network: it answers at once, and what it was asked can be looked at. */
export function fakeTransport(forge: Forge, chips: readonly string[] = ["0"], baseUrl?: string): FakeTransport {
  const made = new Map<string, Partial<TransportResponse>>();
  const asked: Asked[] = [];
  const chipOf = chipNames(forge, chips);
  const fake: FakeTransport = {
    asked,
    count: (role) => asked.filter(({ wanted }) => wanted.role === role).length,
    answer: () => undefined,
    async transport(request) {
      const wanted = parseKdsUrl(request.url, baseUrl);
      const now = { request, wanted, at: Date.now() };
      asked.push(now);
      const own = await fake.answer(now);
      if (own !== undefined) return own as TransportResponse;
      const sound = made.get(request.url) ?? soundAnswer(forge, chipOf(wanted), wanted);
      if (sound.status === 200) made.set(request.url, sound);
      return sound as TransportResponse;
    },
  };
  return fake;
}

/** The request that a verification makes for a chip's certificate. */
export function leafOf(forge: Forge, chip = "0"): CollateralRequest & { role: "leaf" } {
  const { productLine, hwId, tcb } = forge.chip({ chip, signingKey: "VCEK" });
  return { role: "leaf", productLine, signingKey: "VCEK", hwId: hwId.slice(), reportedTcb: tcb };
}
