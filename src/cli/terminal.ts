import type { CliIo, TextOutput } from "./io.js";

/** How a piece of text is meant; on a terminal each has its colour. */
export type Tone = "good" | "bad" | "warn" | "dim" | "strong" | "heading";

/** Puts a tone on text, or leaves the text alone. */
export type Paint = (tone: Tone, text: string) => string;

/** How a verb may write: with which colours and how wide. */
export interface Look {
  readonly paint: Paint;
  readonly width: number;
}

const SEQUENCES: Readonly<Record<Tone, string>> = {
  good: "\u001b[32m",
  bad: "\u001b[1;31m",
  warn: "\u001b[33m",
  dim: "\u001b[2m",
  strong: "\u001b[1m",
  heading: "\u001b[1;36m",
};
const RESET = "\u001b[0m";

/** Where nobody says how wide: the output of a pipe is the same on every machine. */
const DEFAULT_WIDTH = 108;
const LEAST_WIDTH = 40;
const GREATEST_WIDTH = 120;

const plain: Paint = (_tone, text) => text;
const coloured: Paint = (tone, text) => (text === "" ? "" : `${SEQUENCES[tone]}${text}${RESET}`);

/** Colours only on a terminal that can show them and unless NO_COLOR is set to anything (https://no-color.org). */
export function lookOf(output: TextOutput, env: CliIo["env"]): Look {
  const noColour = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const columns = output.isTerminal ? (output.columns ?? DEFAULT_WIDTH) : DEFAULT_WIDTH;
  return {
    paint: output.isTerminal && !noColour ? coloured : plain,
    width: Math.min(Math.max(columns, LEAST_WIDTH), GREATEST_WIDTH),
  };
}
