import { chromiumPath, type NeedName, RUNTIMES } from "../../support/needs.js";

/** How a runtime is driven. */
export type EngineKind = "node" | "bun" | "deno" | "workerd" | "workerd with nodejs_compat" | "chromium";

/** A row of the matrix. */
export interface Engine {
  readonly title: string;
  readonly kind: EngineKind;
  readonly program: string;
  /** What the machine must have for it; null for what runs this. */
  readonly need: NeedName | null;
}

function row(title: string, kind: EngineKind, need: keyof typeof RUNTIMES): Engine {
  const { path, version } = RUNTIMES[need];
  return { title: title.replace(/^\w+/, `$& ${version}`), kind, program: path, need };
}

/** The matrix, in the order of its rows. */
export const ENGINES: readonly Engine[] = [
  { title: "Node, the machine's own", kind: "node", program: process.execPath, need: null },
  row("Node", "node", "node-20"),
  row("Node", "node", "node-22"),
  row("Node", "node", "node-24"),
  row("Node", "node", "node-26"),
  row("Bun", "bun", "bun"),
  row("Deno", "deno", "deno"),
  row("workerd", "workerd", "workerd"),
  row("workerd with nodejs_compat", "workerd with nodejs_compat", "workerd"),
  { title: "Chromium, Debian's", kind: "chromium", program: chromiumPath, need: "chromium" },
];
