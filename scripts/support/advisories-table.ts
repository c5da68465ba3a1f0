import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import type { Advisory, AdvisoryProof } from "../../src/advisories/schema.js";

/** A check in short, and how sure its number is. */
function checkText(proof: AdvisoryProof): string {
  const sure = `(${proof.confidence})`;
  switch (proof.check) {
    case "tcb":
      return `${proof.component} ${proof.minimum} = 0x${proof.minimum.toString(16)} ${sure}`;
    case "firmware":
      return `firmware ${proof.minimum} ${sure}`;
    case "mitigation":
      return `mitigation bit ${proof.bit} ${sure}`;
    default:
      return `\`${proof.check}.${proof.bit}\` ${proof.state} ${sure}`;
  }
}

function proofRows(advisory: Advisory): readonly string[] {
  if (!advisory.provable) return [`| ${advisory.affected.join(", ")} | not provable: ${advisory.why} |`];
  return advisory.proofs.map(({ for: keys, anyOf }) => {
    const ways = anyOf.map((way) => way.map(checkText).join(", "));
    return `| ${keys.join(", ")} | ${ways.join("; or ")} |`;
  });
}

function headOf({ id, title, cves, published, reference }: Advisory): string {
  const name = reference === undefined ? id : `[${id}](${reference})`;
  const more = [...cves, ...(published === null ? [] : [published])].join(", ");
  return `| ${name}: ${title}${more === "" ? "" : ` (${more})`} `;
}

/** One row for each advisory and the processors that have the same numbers. */
function rowsOf(advisory: Advisory): readonly string[] {
  return proofRows(advisory).map((row, index) => `${index === 0 ? headOf(advisory) : "| "}${row}`);
}

/** The page with its table made anew from the built-in data set. */
export function renewAdvisoriesTable(page: string): string {
  const head = ["| advisory | processors | what the report must show |", "| --- | --- | --- |"];
  const table = [...head, ...ADVISORIES.advisories.flatMap(rowsOf)].join("\n");
  return page.replace(/(<!-- table: advisories -->\n\n)[\s\S]*?\n?(<!-- end -->)/, (_, start, end) => {
    return `${start}${table}\n\n${end}`;
  });
}
