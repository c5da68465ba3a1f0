import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { definePolicy, isAttestationError, type Policy } from "attestry";
import type { LogLine, PolicySet } from "../config.js";

/** A folder that cannot be served as it is: one file is bad, or two files have one id. */
export class PolicyFolderError extends Error {
  override name = "PolicyFolderError";
}

/** The policies of a folder, and the newest state of it. */
export interface PolicyFolder {
  /** All policies of one moment; the same set until a whole new one is there. */
  present(): PolicySet;
  /** Why the newest state of the folder is not served; null when it is. */
  complaint(): string | null;
  /** Looks at the folder now. Never throws: what is wrong is reported, and the old set stays. */
  reload(): Promise<void>;
  close(): void;
}

type Files = readonly (readonly [name: string, text: string])[];

async function readFolder(folder: string): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const));
}

async function define([name, text]: Files[number]): Promise<Policy> {
  try {
    return await definePolicy(JSON.parse(text));
  } catch (error) {
    if (!isAttestationError(error) && !(error instanceof SyntaxError)) throw error;
    throw new PolicyFolderError(`${name}: ${error.message}`);
  }
}

async function defineAll(files: Files): Promise<PolicySet> {
  if (files.length === 0) throw new PolicyFolderError("the folder has no .json file");
  const set = new Map<string, Policy>();
  for (const file of files) {
    const policy = await define(file);
    if (set.has(policy.id)) throw new PolicyFolderError(`${file[0]}: a second policy ${JSON.stringify(policy.id)}`);
    set.set(policy.id, policy);
  }
  return set;
}

/** Options of `openPolicyFolder`. */
export interface PolicyFolderOptions {
  readonly folder: string;
  readonly everyMs: number;
  readonly log: (line: LogLine) => void;
}

/**
 * The policies of a folder, one in each file `*.json`. The folder is read again every so often; when its text is
 * another, and every file of it is a policy, the whole set is swapped at once. Otherwise the old set stays.
 *
 * Reading is preferred to watching: it sees what network volumes and swapped symbolic links do, and misses nothing.
 *
 * @throws PolicyFolderError when the folder is bad to begin with
 */
export async function openPolicyFolder({ folder, everyMs, log }: PolicyFolderOptions): Promise<PolicyFolder> {
  let seen = "";
  let complaint: string | null = null;
  const load = async (): Promise<PolicySet | null> => {
    const files = await readFolder(folder);
    const text = JSON.stringify(files);
    if (text === seen) return null;
    seen = text;
    return defineAll(files);
  };
  let present = (await load()) ?? new Map();
  const reload = async (): Promise<void> => {
    try {
      const next = await load();
      if (next === null) return;
      present = next;
      complaint = null;
      log({ event: "policies", policies: [...next.keys()].join(", ") });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complaint) log({ event: "policies-kept", reason });
      complaint = reason;
    }
  };
  const timer = setInterval(() => void reload(), everyMs);
  timer.unref();
  return { present: () => present, complaint: () => complaint, reload, close: () => clearInterval(timer) };
}
