import { readOptions } from "../../bytes/arguments.js";
import type { Forge } from "../index.js";

/** Options of `startFakeKds`; an unknown name is a TypeError. */
export interface FakeKdsOptions {
  /** Whose hierarchies are served, those of all its product lines. */
  forge: Forge;
  /** Names of the forge's chips that are known; default: the forge's own default chip, "0". Any other is a 404. */
  chips?: readonly string[];
  /** Line ends of the chains' PEM; default "\n". */
  lineEnd?: "\n" | "\r\n";
  /** Serves https with this key and certificate, both PEM; default: http. */
  tls?: { readonly key: string; readonly cert: string };
}

const NAMES = ["forge", "chips", "lineEnd", "tls"] as const satisfies readonly (keyof FakeKdsOptions)[];
const DEFAULT_CHIP = "0";

/** The options, whole. */
export interface CheckedFakeKdsOptions extends Required<Pick<FakeKdsOptions, "forge" | "lineEnd">> {
  readonly chips: Set<string>;
  readonly tls: FakeKdsOptions["tls"];
}

/**
 * The options with their defaults.
 *
 * @throws TypeError for one that is unknown or of the wrong kind.
 */
export function checkFakeKdsOptions(options: FakeKdsOptions): CheckedFakeKdsOptions {
  readOptions(options, "options", NAMES);
  const { forge, chips = [DEFAULT_CHIP], lineEnd = "\n", tls } = options;
  if (typeof forge?.vcek !== "function") throw new TypeError("options.forge must be a forge of attestry/testing");
  if (!Array.isArray(chips) || !chips.every((name) => typeof name === "string")) {
    throw new TypeError("options.chips must be an array of names");
  }
  if (lineEnd !== "\n" && lineEnd !== "\r\n") throw new TypeError('options.lineEnd must be "\\n" or "\\r\\n"');
  return { forge, chips: new Set(chips), lineEnd, tls };
}
