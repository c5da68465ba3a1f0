import type { AdvisoryAssessment, AdvisoryAssessments } from "../advisories/assess.js";
import { fromHex } from "../bytes/codecs.js";
import type { Row, Section } from "./layout.js";
import { printable } from "./printable.js";
import type { Tone } from "./terminal.js";

type Status = AdvisoryAssessment["status"];

const SECONDS_PER_DAY = 86_400;

/** Older than this, a data set may lack what is known by now. */
const OLD_DAYS = 90;

/** What stands first is what has to be looked at first. */
const TITLES: readonly (readonly [status: Status, title: string, tone: Tone])[] = [
  ["vulnerable", "Vulnerable", "bad"],
  ["not-provable", "Not provable", "warn"],
  ["fixed", "Fixed", "good"],
  ["not-affected", "Not affected", "good"],
];

function noteOf({ title, cves, note, decidedBy }: AdvisoryAssessment): string {
  const sure = decidedBy === null ? [] : [`confidence ${decidedBy.confidence}`];
  const aside = [...cves, ...sure].join(", ");
  return [aside === "" ? `${title}.` : `${title} (${aside}).`, ...(note === null ? [] : [note])].join(" ");
}

function rowOf(assessment: AdvisoryAssessment, tone: Tone): Row {
  const { id, reason } = assessment;
  return { name: printable(id, 100), nameTone: tone, value: printable(reason), note: printable(noteOf(assessment)) };
}

/** The advisories by what the report shows of them. */
export function assessmentSections({ advisories }: AdvisoryAssessments): readonly Section[] {
  return TITLES.flatMap(([status, title, tone]) => {
    const rows = advisories.filter((entry) => entry.status === status).map((entry) => rowOf(entry, tone));
    return rows.length === 0 ? [] : [{ title, rows }];
  });
}

function ageRow({ publishedAt, ageSeconds }: AdvisoryAssessments["dataSet"]): Row {
  const days = Math.floor(ageSeconds / SECONDS_PER_DAY);
  const row = { name: "Published", value: publishedAt.replace(".000Z", "Z") };
  if (ageSeconds < 0) return { ...row, tone: "warn", note: "after the time that it is judged by" };
  return days > OLD_DAYS
    ? { ...row, tone: "warn", note: `${days} days ago; look for a newer one` }
    : { ...row, note: `${days} days ago` };
}

/** Which data set it was, and which processor it was asked about. */
export function dataSetSection({ dataSet, productLine, processor }: AdvisoryAssessments): Section {
  return {
    title: "Data set",
    rows: [
      { name: "Id", value: printable(dataSet.id, 500) },
      { name: "SHA-384", value: fromHex(dataSet.digest) },
      ageRow(dataSet),
      {
        name: "Processor",
        value: processor === null ? `${productLine}, which one is not named` : `${productLine}, ${processor}`,
      },
    ],
  };
}

/** The answers counted, worst first. */
export function countText({ advisories }: AdvisoryAssessments): string {
  return TITLES.map(([status, title]) => {
    const count = advisories.filter((entry) => entry.status === status).length;
    return `${count} ${title.toLowerCase()}`;
  }).join(", ");
}
