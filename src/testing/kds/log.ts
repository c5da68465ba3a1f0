import type { ProductLine, SigningKey } from "../../amd/product-lines.js";
import type { FakeKdsKind, Wanted } from "./wanted.js";

/** A request as the fake KDS saw it. */
export interface FakeKdsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case; several values of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly kind: FakeKdsKind;
  readonly productLine: ProductLine | null;
  /** The branch of the path; null where it is not the KDS's. */
  readonly signingKey: SigningKey | null;
  /** When it arrived, milliseconds since 1970. */
  readonly at: number;
}

/** Which requests are counted; what is left out counts all. */
export type FakeKdsFilter = Partial<Pick<FakeKdsRequest, "kind" | "productLine" | "signingKey">>;

/** What a request is about, as far as its path says. */
export function subjectOf(wanted: Wanted | null): Pick<FakeKdsRequest, "kind" | "productLine" | "signingKey"> {
  if (wanted === null) return { kind: "other", productLine: null, signingKey: null };
  const { kind, productLine } = wanted;
  if (wanted.kind === "vcek") return { kind, productLine, signingKey: "VCEK" };
  if (wanted.kind === "vlek") return { kind, productLine, signingKey: "VLEK" };
  return { kind, productLine, signingKey: wanted.signingKey };
}

/** True where every member of the filter stands in the request. */
export function matches(request: FakeKdsRequest, { kind, productLine, signingKey }: FakeKdsFilter): boolean {
  if (kind !== undefined && request.kind !== kind) return false;
  if (productLine !== undefined && request.productLine !== productLine) return false;
  return signingKey === undefined || request.signingKey === signingKey;
}
