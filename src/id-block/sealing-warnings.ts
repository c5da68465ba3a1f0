import { compareTcb, tcbShortfalls } from "../amd/tcb.js";
import type { VerifiedRecord } from "../verify/record.js";
import { KEY_FIELDS } from "./sealing-fields.js";
import { type DerivedKeyRoot, KEY_FIELD_NAMES, type KeyRequest } from "./sealing-selection.js";

/** Something to know before one seals: frozen and JSON-safe. */
export interface KeyWarning {
  /** Stable over versions. */
  readonly id: string;
  /** A sentence for a person. */
  readonly text: string;
}

type Situation = Readonly<{ record: VerifiedRecord; request: KeyRequest }>;

/** A remark, and when it is made. */
interface Remark extends KeyWarning {
  when(situation: Situation): boolean;
}

/** REPORT_ID_MA where there is no migration agent. */
const NO_AGENT = 0xff;

function exceedsCommitted({ record, request }: Situation): boolean {
  return request.tcbVersion !== null && tcbShortfalls(record.tcb.committed, request.tcbVersion).length > 0;
}

/** Why firmware would refuse the request of this guest. */
const OBSTACLES: readonly Remark[] = [
  {
    id: "guestSvnTooHigh",
    text: "GUEST_SVN of the request is above that of the report.",
    when: ({ record, request }) => request.guestSvn > record.report.guestSvn,
  },
  {
    id: "tcbVersionTooHigh",
    text: "TCB_VERSION of the request is above COMMITTED_TCB in a component.",
    when: exceedsCommitted,
  },
  {
    id: "noMigrationAgent",
    text: "The root is a migration agent's, and REPORT_ID_MA says that the guest has none.",
    when: ({ record, request }) =>
      request.rootKey === "VMRK" && record.report.reportIdMa.every((byte) => byte === NO_AGENT),
  },
  {
    id: "noMitigationVector",
    text: "The report is of a version without LAUNCH_MIT_VECTOR; firmware that old does not mix it in.",
    when: ({ record, request }) => request.fields.has("launchMitVector") && record.report.launchMitVector === null,
  },
];

const WARNINGS: readonly Remark[] = [
  {
    id: "measurementNotMixedIn",
    text: "MEASUREMENT is not mixed in: any other image that agrees in what is mixed in derives the same key.",
    when: ({ request }) => !request.fields.has("measurement"),
  },
  {
    id: "imageCannotChange",
    text: "MEASUREMENT is mixed in: after an update of firmware, kernel or command line the key is gone. Seal anew before.",
    when: ({ request }) => request.fields.has("measurement"),
  },
  {
    id: "policyNotMixedIn",
    text: "POLICY is not mixed in: the host can launch the same guest with DEBUG allowed and read the key from its memory.",
    when: ({ request }) => !request.fields.has("policy"),
  },
  {
    id: "idsAreClaims",
    text:
      "FAMILY_ID, IMAGE_ID and GUEST_SVN are whatever a signer writes, and no field holds the signer: without " +
      "MEASUREMENT anyone may sign an ID block with the same ones.",
    when: ({ request: { fields } }) =>
      !fields.has("measurement") && (["familyId", "imageId", "guestSvn"] as const).some((name) => fields.has(name)),
  },
  {
    id: "noIdBlock",
    text: "The guest has no ID block: FAMILY_ID, IMAGE_ID and GUEST_SVN are zero for every such guest.",
    when: ({ record, request: { fields } }) =>
      record.report.idKeyDigest.every((byte) => byte === 0) &&
      (["familyId", "imageId", "guestSvn"] as const).some((name) => fields.has(name)),
  },
  {
    id: "genericImage",
    text:
      "MEASUREMENT covers what was loaded at launch. Firmware of a cloud that boots any disk has one measurement for " +
      "all customers, and then so has the key.",
    when: ({ request }) => request.fields.has("measurement"),
  },
  {
    id: "hostDataNotMixedIn",
    text: "HOST_DATA, and whatever configuration it stands for, is never part of the key.",
    when: () => true,
  },
  {
    id: "tcbNotMixedIn",
    text: "TCB_VERSION is not mixed in: a guest on firmware that has since been broken derives the same key.",
    when: ({ request }) => !request.fields.has("tcbVersion"),
  },
  {
    id: "firmwareNotCommitted",
    text: "COMMITTED_TCB is below CURRENT_TCB: the host can go back to the older firmware, and derive there.",
    when: ({ record: { tcb } }) => compareTcb(tcb.committed, tcb.current) !== "equal",
  },
  {
    id: "debugAllowed",
    text: "POLICY of this guest allows DEBUG: the host reads its memory, and every key in it.",
    when: ({ record }) => record.report.policy.debug,
  },
  {
    id: "rootMayBeVlek",
    text:
      "The report is signed by a VLEK. A request that does not choose between the two, as Linux sends it, is then " +
      "answered from the VLEK and not from the VCEK.",
    when: ({ record, request }) => request.rootKey === "VCEK" && record.signingKey === "VLEK",
  },
  {
    id: "vlekNotSeen",
    text: "The report is signed by a VCEK; nothing shows that this chip has a VLEK at all.",
    when: ({ record, request }) => request.rootKey === "VLEK" && record.signingKey === "VCEK",
  },
  {
    id: "levelNotShown",
    text: "The report was asked for at a less privileged VMPL than the request's; it does not show who may ask for that.",
    when: ({ record, request }) => request.vmpl < record.report.vmpl,
  },
  {
    id: "providerHoldsRoot",
    text: "The root is a key of the provider: its other chips, and whoever obtains that key, are not kept out.",
    when: ({ request }) => request.rootKey === "VLEK",
  },
  {
    id: "agentHoldsRoot",
    text: "The root is in the hands of the migration agent: whoever controls that, or its own sealing, has the key.",
    when: ({ request }) => request.rootKey === "VMRK",
  },
  {
    id: "milanRootExtracted",
    text:
      "For Milan there is a published attack that reads the chip's root secret by software alone: whoever ever had " +
      "control over the machine may derive its keys elsewhere.",
    when: ({ record, request }) => request.rootKey === "VCEK" && record.productLine === "Milan",
  },
  {
    id: "zeroKeyIsFailure",
    text: "A key of zeros is a request that failed and was not noticed; check STATUS, and refuse such a key.",
    when: () => true,
  },
];

const ROOT_HOLDERS: Readonly<Record<DerivedKeyRoot, string>> = {
  VCEK: "on this chip",
  VLEK: "on a chip with this provider's key",
  VMRK: "to which a migration agent brings this root",
};

function made(remarks: readonly Remark[], situation: Situation): readonly KeyWarning[] {
  const apply = remarks.filter(({ when }) => when(situation));
  return Object.freeze(apply.map(({ id, text }) => Object.freeze({ id, text })));
}

/** Why firmware would refuse the request; none where nothing in the report speaks against it. */
export function keyObstacles(record: VerifiedRecord, request: KeyRequest): readonly KeyWarning[] {
  return made(OBSTACLES, { record, request });
}

/** What to know before sealing by this key. */
export function keyWarnings(record: VerifiedRecord, request: KeyRequest): readonly KeyWarning[] {
  return made(WARNINGS, { record, request });
}

/** Who derives the same key, one sentence each. */
export function whoElse({ rootKey, fields, vmpl }: KeyRequest): readonly string[] {
  const labels = KEY_FIELD_NAMES.filter((name) => fields.has(name)).map((name) => KEY_FIELDS[name].label);
  const where = ROOT_HOLDERS[rootKey];
  const levels = vmpl === 0 ? "VMPL 0" : `VMPL 0 to ${vmpl}`;
  const guests =
    labels.length === 0
      ? `Every guest ${where}, whatever it runs and whoever launched it: nothing of the guest is mixed in.`
      : `Every guest ${where} that has, or may ask for, the same ${labels.join(", ")}.`;
  return Object.freeze([guests, `In each of these guests all software at ${levels}.`]);
}
