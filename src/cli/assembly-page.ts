import type { VerifiedEvidence } from "../verify/types.js";
import type { Assembly } from "./assemble.js";
import { roleName } from "./complete.js";
import type { Origin, Role } from "./evidence-input.js";
import { timeText } from "./evidence-page.js";
import type { Section } from "./layout.js";
import { sizeText } from "./size.js";

const FROM: Readonly<Record<Origin, string>> = {
  container: "came with the report",
  files: "from your files",
  kds: "from the key server",
};

/** A certificate or CRL of an assembly, as JSON has it. */
export interface Part {
  readonly role: Role;
  readonly name: string;
  readonly size: number;
  readonly origin: Origin;
}

/** The certificates and the CRL of an assembly, in order. */
export function partsOf({ need, evidence, origins }: Assembly): readonly Part[] {
  return [...origins].map(([role, origin]) => ({
    role,
    name: roleName(role, need.signingKey),
    size: evidence.certificates[role]?.length ?? 0,
    origin,
  }));
}

/** The first moment at which one of the parts is out of date; by default it does not verify after that. */
export function usableUntil({ certificates }: VerifiedEvidence): Date {
  const { leaf, intermediate, root, revocation } = certificates;
  const ends = [leaf.notAfter, intermediate.notAfter, root.notAfter, revocation.nextUpdate ?? root.notAfter];
  return new Date(Math.min(...ends.map((end) => end.getTime())));
}

/** What was put together, where each part came from, and how long it holds. */
export function assemblySections(assembly: Assembly): readonly Section[] {
  const { verified, need, evidence } = assembly;
  const { certificates } = verified;
  const parts = partsOf(assembly);
  const width = Math.max(
    ...[evidence.report.length, ...parts.map(({ size }) => size)].map((size) => sizeText(size).length),
  );
  const report = `version ${need.report.version}, ${need.productLine}`;
  const { status } = certificates.revocation;
  return [
    {
      title: "Contents",
      rows: [
        { name: "Report", value: sizeText(evidence.report.length).padStart(width), note: report },
        ...parts.map(({ name, size, origin }) => ({
          name,
          value: sizeText(size).padStart(width),
          note: FROM[origin],
        })),
      ],
    },
    {
      title: "Verified",
      rows: [
        { name: "Revocation", value: status === "skipped" ? "not checked: no CRL was asked for" : status },
        certificates.anchors === "amd"
          ? { name: "Trust anchor", value: "AMD's published key" }
          : { name: "Trust anchor", value: "the caller's, not AMD's", tone: "warn" },
        { name: "Judged at", value: timeText(certificates.verifiedAt) },
        { name: "Holds until", value: timeText(usableUntil(verified)) },
      ],
    },
  ];
}
