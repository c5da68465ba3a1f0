import { join } from "node:path";
import { checkText } from "../bytes/arguments.js";
import { type ConfigfsTsmFiles, openConfigfsTsm } from "../evidence/configfs-tsm.js";
import { malformedContainer } from "../evidence/container-error.js";
import type { OpenedEvidence } from "../evidence/opened.js";
import type { TsmClaims } from "../evidence/tsm.js";
import { needContainerFile, readContainerFile } from "./container-file.js";

/** What an entry of configfs-tsm says beside the report and its certificates. */
export interface TsmReportClaims extends TsmClaims {
  /** How often the entry was written to; null where the folder does not say. */
  readonly generation: number | null;
  /** What was asked to be in the report, where the folder can be asked: the kernel lets nobody read it. */
  readonly inblob: Uint8Array | null;
}

const CONTAINER = "configfs-tsm";
/** The kernel hands out no more than this of outblob and auxblob together. */
const MAX_BLOB_BYTES = 262_144;
const MAX_INBLOB_BYTES = 64;
const MAX_TEXT_BYTES = 64;
const GENERATION = /^\d{1,10}\n?$/;
/** No such attribute: an older kernel, or a copy of some files. */
const ABSENT = ["ENOENT"];
/** What reading an attribute that can only be written comes to. */
const UNREADABLE = [...ABSENT, "EACCES", "EPERM", "EINVAL", "EIO"];

function fileIn(directory: string, name: string, maxBytes: number) {
  return { container: CONTAINER, name, path: join(directory, name), maxBytes };
}

async function readText(directory: string, name: string): Promise<string | null> {
  const bytes = await readContainerFile(fileIn(directory, name, MAX_TEXT_BYTES), ABSENT);
  return bytes === null ? null : Buffer.from(bytes).toString("latin1");
}

async function readGeneration(directory: string): Promise<number | null> {
  const text = await readText(directory, "generation");
  if (text === null || GENERATION.test(text)) return text === null ? null : Number(text);
  throw malformedContainer(CONTAINER, "generation", "expected a decimal number");
}

async function readFiles(directory: string): Promise<ConfigfsTsmFiles> {
  const outblob = await needContainerFile(fileIn(directory, "outblob", MAX_BLOB_BYTES));
  const auxblob = await readContainerFile(fileIn(directory, "auxblob", MAX_BLOB_BYTES), ABSENT);
  const manifestblob = await readContainerFile(fileIn(directory, "manifestblob", MAX_BLOB_BYTES), ABSENT);
  const provider = await readText(directory, "provider");
  return {
    outblob,
    ...(auxblob === null ? {} : { auxblob }),
    ...(manifestblob === null ? {} : { manifestblob }),
    ...(provider === null ? {} : { provider }),
  };
}

/**
 * Unverified: the report of an entry of configfs-tsm (`/sys/kernel/config/tsm/report/NAME`) or of a folder that its
 * attributes were copied to: `outblob`, and as far as they are there `auxblob` (the host's certificate table),
 * `manifestblob`, `provider`, `generation` and `inblob`. Nothing is written: whoever asks for a report writes
 * `inblob` first.
 *
 * `generation` is read before and after, so that a report that another writer asked for meanwhile is not taken for
 * one's own. Whether REPORT_DATA is what was asked for is the policy's to say, never `inblob`'s.
 *
 * @param directory - the entry's folder
 * @throws TypeError for a directory that is no text.
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a missing `outblob`, a file that cannot be read, is a link or
 * too long, or a `generation` that changed; what `openConfigfsTsm` throws.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another provider than `sev_guest`.
 *
 * Source: Linux, Documentation/ABI/testing/configfs-tsm-report.
 */
export async function readTsmReport(directory: string): Promise<OpenedEvidence<TsmReportClaims>> {
  const folder = checkText(directory, "directory");
  const before = await readGeneration(folder);
  const files = await readFiles(folder);
  const inblob = await readContainerFile(fileIn(folder, "inblob", MAX_INBLOB_BYTES), UNREADABLE);
  const generation = await readGeneration(folder);
  if (generation !== before) {
    const found = `${before ?? "none"} before and ${generation ?? "none"} after`;
    const reason = `expected one number, found ${found}: another process writes to the entry; ask for a report again`;
    throw malformedContainer(CONTAINER, "generation", reason);
  }
  const { evidence, claims } = await openConfigfsTsm(files);
  return { evidence, claims: { ...claims, generation, inblob } };
}
