/** What a copy had left at one moment. */
export interface Sample {
  /** Since the start. */
  readonly minutes: number;
  readonly chips: number;
  readonly flows: number;
  /** Bytes of each copy's heap, garbage collected. */
  readonly heap: readonly number[];
  /** Bytes of buffers beside the heap. */
  readonly buffers: readonly number[];
}

const MEGABYTE = 1e6;
const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);

/** The samples as rows of Markdown. */
export function soakTable(samples: readonly Sample[]): string {
  const rows = samples.map(({ minutes, chips, flows, heap, buffers }) => {
    const cells = [...heap, ...buffers].map(megabytes);
    return `| ${[minutes.toFixed(1), chips, flows, ...cells].join(" | ")} |`;
  });
  const head = ["minute", "chips", "flows", "heap A, MB", "heap B, MB", "buffers A, MB", "buffers B, MB"];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows].join("\n");
}

/** The sample that the end is compared with: the first one at this minute or later. @throws Error without one */
export function sampleAt(samples: readonly Sample[], minute: number): Sample {
  const found = samples.find(({ minutes }) => minutes >= minute);
  if (found === undefined) throw new Error(`no sample at minute ${minute} or later`);
  return found;
}

/** The greatest growth of any copy's heap between two samples, in percent; below zero when all have shrunk. */
export function growth(from: Sample, to: Sample): number {
  const each = to.heap.map((bytes, copy) => (bytes / Number(from.heap[copy]) - 1) * 100);
  return Math.max(...each);
}

const WIDTH = 640;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 36;
const COLOURS = ["#2f7d5b", "#3d6fb4"] as const;
const ALLOWED = 1.1;

/** Both copies' heaps over time as SVG, and the line that they must stay below. */
export function soakPlot(samples: readonly Sample[], from: Sample): string {
  const last = Number(samples.at(-1)?.minutes);
  const ceiling = Math.max(...from.heap) * ALLOWED;
  const highest = Math.max(ceiling, ...samples.flatMap(({ heap }) => heap)) * 1.1;
  const x = (minutes: number) => (LEFT + (minutes / last) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (bytes: number) => (HEIGHT - BOTTOM - (bytes / highest) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const lines = COLOURS.map((colour, copy) => {
    const points = samples.map(({ minutes, heap }) => `${x(minutes)},${y(Number(heap[copy]))}`).join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const title = "Heap of both copies over time, garbage collected";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif;fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
<line x1="${x(0)}" x2="${x(last)}" y1="${y(0)}" y2="${y(0)}" stroke="#888"/>
<line x1="${x(from.minutes)}" x2="${x(last)}" y1="${y(ceiling)}" y2="${y(ceiling)}" stroke="#b3541e" stroke-dasharray="4 3"/>
<text x="${WIDTH - RIGHT}" y="${Number(y(ceiling)) - 5}" text-anchor="end">10 % above minute ${from.minutes.toFixed(0)}</text>
${lines.join("\n")}
<text x="${LEFT - 6}" y="${Number(y(ceiling)) + 4}" text-anchor="end">${megabytes(ceiling)} MB</text>
<text x="${LEFT - 6}" y="${Number(y(0)) + 4}" text-anchor="end">0</text>
<text x="${x(0)}" y="${HEIGHT - 14}">start</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 14}" text-anchor="end">${last.toFixed(0)} minutes, ${samples.at(-1)?.chips} chips</text>
</svg>
`;
}
