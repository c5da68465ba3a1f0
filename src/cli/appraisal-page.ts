import { fromHex } from "../bytes/codecs.js";
import type { Appraisal } from "../policy/appraisal.js";
import type { Check } from "../policy/check.js";
import type { Row, Section } from "./layout.js";
import { printable } from "./printable.js";
import type { Tone } from "./terminal.js";

/** Where a check stands in the policy; checks that no policy can leave out have no place there. */
function placeOf({ pointer, id }: Check): string {
  return pointer === "" ? id : printable(pointer, 200);
}

/** What the command line has to say beyond a check's own words, which speak to programs. */
function notesOf({ rule, expected }: Check): readonly string[] {
  const isScheme = typeof expected === "object" && expected !== null && "scheme" in expected;
  const wantsInput = isScheme && expected["scheme"] === "exact" && !("bytes" in expected);
  const reason = rule?.reason ?? null;
  return [
    ...(wantsInput ? ["At the command line: --report-data HEX."] : []),
    ...(reason === null ? [] : [`[${printable(reason, 500)}]`]),
  ];
}

function checkRow(check: Check, nameTone: Tone): Row {
  const notes = notesOf(check);
  return {
    name: placeOf(check),
    nameTone,
    value: printable(check.reason),
    ...(notes.length === 0 ? {} : { note: notes.join(" ") }),
  };
}

function checkSection(title: string, checks: readonly Check[], tone: Tone): readonly Section[] {
  return checks.length === 0 ? [] : [{ title, rows: checks.map((check) => checkRow(check, tone)) }];
}

function countText(checks: readonly Check[]): string {
  const count = (outcome: Check["outcome"]) => checks.filter((check) => check.outcome === outcome).length;
  const counts = [
    `${count("pass")} passed`,
    `${count("fail")} failed`,
    ...(count("waived") === 0 ? [] : [`${count("waived")} waived`]),
    ...(count("not-applicable") === 0 ? [] : [`${count("not-applicable")} not applicable`]),
  ];
  return counts.join(", ");
}

/** What failed, what was excused, what is only warned of; nothing where all is well. */
export function troubleSections({ failures, waived, warnings }: Appraisal): readonly Section[] {
  return [
    ...checkSection("Failed checks", failures, "bad"),
    ...checkSection("Waived checks", waived, "warn"),
    ...checkSection("Warnings", warnings, "warn"),
  ];
}

/** Which policy it was, and what it looked at. */
export function policySection({ policyId, policyDigest, checks, unexamined }: Appraisal): Section {
  const unseen = unexamined.length === 0 ? "nothing" : unexamined.join(", ");
  return {
    title: "Policy",
    rows: [
      { name: "Id", value: printable(policyId, 500) },
      { name: "SHA-384", value: fromHex(policyDigest) },
      { name: "Checks", value: countText(checks) },
      { name: "Not examined", value: unseen, tone: "dim" },
    ],
  };
}
