import { type IgvmFile, type IgvmHeader, malformedIgvm, unsupportedDirective, unsupportedIgvm } from "./igvm-file.js";
import { PAGE_DATA, PARAMETER_AREA, PARAMETER_INSERT, VP_CONTEXT } from "./igvm-layouts.js";
import { assertGoing, type Job } from "./job.js";
import { type LaunchChain, PAGE_BYTES, type PageType } from "./pages.js";
import { VMSA_BYTES } from "./vmsa-layout.js";

/**
 * Who loads an IGVM file: QEMU with KVM, which measures pages without content as ZERO pages and one save area, last
 * and at KVM's own address; or a loader that does what the file says, as Hyper-V's.
 */
export type IgvmLoader = "qemu" | "as-written";

const PAGES_OF_2_MIB = 512;
const MAX_GPA = 2n ** 52n;
/** 1 GiB. */
const MAX_PAGES = 262_144;
/** So many pages are measured between two looks at the signal: 256 KiB. */
const PAGES_PER_LOOK = 64;

/** A file being loaded. */
export interface Loading {
  readonly file: IgvmFile;
  /** The contents of a page of zeros. */
  readonly zeros: Uint8Array;
  readonly job: Job;
  readonly chain: LaunchChain;
  /** The bit of SEV-SNP. */
  readonly mask: number;
  readonly loader: IgvmLoader;
  readonly nativeZero: boolean;
  /** The addresses of the pages so far: no launch takes one twice, save areas apart, which KVM puts at one place. */
  readonly taken: Set<number>;
  /** Sizes of the areas that were declared and not yet inserted, in bytes. */
  readonly areas: Map<number, bigint>;
  /** A save area that is measured at the end. */
  deferred: Uint8Array | null;
  /** How many save areas the file has for SEV-SNP. */
  contexts: number;
}

function checkedGpa(gpa: bigint, header: IgvmHeader, alignment = PAGE_BYTES): number {
  if (gpa < MAX_GPA && gpa % BigInt(alignment) === 0n) return Number(gpa);
  throw malformedIgvm(header.offset, `${header.type.name} at 0x${gpa.toString(16)}, which is no address of a page`);
}

/** Takes a page, as long as there are not too many. */
export function addAt(
  loading: Loading,
  { type, gpa, contents }: { type: PageType; gpa: number; contents?: Uint8Array },
): void {
  const { chain, job, taken } = loading;
  if (chain.steps >= MAX_PAGES) throw unsupportedIgvm("pages", `more than ${MAX_PAGES}`);
  if (chain.steps % PAGES_PER_LOOK === 0) assertGoing(job);
  if (type !== "vmsa" && taken.has(gpa)) throw malformedIgvm(null, `a second page at 0x${gpa.toString(16)}`);
  taken.add(gpa);
  chain.add(type, gpa, contents);
}

/** The bits of PAGE_DATA's flags. */
const FLAG = { is2MiB: 1, unmeasured: 2, shared: 4 } as const;
const DATA_TYPES: readonly (PageType | undefined)[] = ["normal", "secrets", "cpuid", "cpuid"];

/** How pages of this data are measured; null for a type that is not known. */
function pageTypeOf(dataType: number, flags: number): PageType | null {
  const type = DATA_TYPES[dataType];
  if (type === undefined) return null;
  return type === "normal" && (flags & FLAG.unmeasured) !== 0 ? "unmeasured" : type;
}

async function contentOf(
  loading: Loading,
  header: IgvmHeader,
  place: { at: number; length: number },
): Promise<Uint8Array> {
  const { file } = loading;
  const { at, length } = place;
  if (at + length > file.size) {
    throw malformedIgvm(header.offset, `the content of ${header.type.name} at ${at} goes beyond the file's end`);
  }
  return await file.read(at, length);
}

async function addNormal(
  loading: Loading,
  header: IgvmHeader,
  page: { gpa: number; fileOffset: number },
): Promise<void> {
  const { gpa, fileOffset } = page;
  const { chain, nativeZero, zeros } = loading;
  if (fileOffset === 0 && nativeZero) {
    addAt(loading, { type: "zero", gpa });
    return;
  }
  const contents =
    fileOffset === 0 ? zeros : chain.contents(await contentOf(loading, header, { at: fileOffset, length: PAGE_BYTES }));
  addAt(loading, { type: "normal", gpa, contents });
}

async function pageData(loading: Loading, header: IgvmHeader): Promise<void> {
  const { gpa, mask, fileOffset, flags, dataType } = PAGE_DATA.parse(header.content).values;
  if ((mask & loading.mask) === 0) return;
  const type = pageTypeOf(dataType, flags);
  if (type === null) throw unsupportedDirective("PAGE_DATA", header.offset, `data type ${dataType} is not known`);
  if (flags > 7) throw unsupportedDirective("PAGE_DATA", header.offset, `flags 0x${flags.toString(16)} are not known`);
  if ((flags & FLAG.shared) !== 0) {
    if (loading.loader === "as-written") return;
    throw unsupportedDirective("PAGE_DATA", header.offset, "QEMU is not known to load shared pages");
  }
  const count = (flags & FLAG.is2MiB) === 0 ? 1 : PAGES_OF_2_MIB;
  const start = checkedGpa(gpa, header, count * PAGE_BYTES);
  for (let page = 0; page < count; page++) {
    const at = { gpa: start + page * PAGE_BYTES, fileOffset: fileOffset === 0 ? 0 : fileOffset + page * PAGE_BYTES };
    if (type === "normal") await addNormal(loading, header, at);
    else addAt(loading, { type, gpa: at.gpa });
  }
}

function parameterArea({ areas }: Loading, header: IgvmHeader): void {
  const { bytes, index } = PARAMETER_AREA.parse(header.content).values;
  if (bytes % BigInt(PAGE_BYTES) !== 0n) {
    throw malformedIgvm(header.offset, `a parameter area of ${bytes} bytes is not whole pages`);
  }
  if (areas.has(index)) throw malformedIgvm(header.offset, `parameter area ${index} is declared twice`);
  areas.set(index, bytes);
}

function parameterInsert(loading: Loading, header: IgvmHeader): void {
  const { gpa, mask, index } = PARAMETER_INSERT.parse(header.content).values;
  if ((mask & loading.mask) === 0) return;
  const bytes = loading.areas.get(index);
  if (bytes === undefined) throw malformedIgvm(header.offset, `parameter area ${index} is not declared, or is used up`);
  loading.areas.delete(index);
  const start = checkedGpa(gpa, header);
  checkedGpa(gpa + bytes, header);
  for (let at = 0; at < Number(bytes); at += PAGE_BYTES) addAt(loading, { type: "unmeasured", gpa: start + at });
}

/** The registers, in a page of their own: loaders take so much of the file, whatever stands behind it. */
async function saveArea(loading: Loading, header: IgvmHeader, fileOffset: number): Promise<Uint8Array> {
  const page = new Uint8Array(PAGE_BYTES);
  page.set(await contentOf(loading, header, { at: fileOffset, length: VMSA_BYTES }));
  return loading.chain.contents(page).slice();
}

async function vpContext(loading: Loading, header: IgvmHeader): Promise<void> {
  const { gpa, mask, fileOffset, vpIndex } = VP_CONTEXT.parse(header.content).values;
  if ((mask & loading.mask) === 0) return;
  const contents = await saveArea(loading, header, fileOffset);
  const at = checkedGpa(gpa, header);
  loading.contexts++;
  if (loading.loader === "as-written") return addAt(loading, { type: "vmsa", gpa: at, contents });
  if (loading.deferred !== null || vpIndex !== 0) {
    throw unsupportedDirective("VP_CONTEXT", header.offset, "QEMU measures the first vCPU's alone");
  }
  loading.deferred = contents;
}

/** A relocation moves pages of its platform, by as much as a loader likes. */
function refuseRelocation({ mask }: Loading, { type, content, offset }: IgvmHeader): void {
  const own = new DataView(content.buffer, content.byteOffset, content.length).getUint32(0, true);
  if ((own & mask) !== 0)
    throw unsupportedDirective(type.name, offset, "where its pages end up is the loader's choice");
}

/** Does what one header says. */
export async function load(loading: Loading, header: IgvmHeader): Promise<void> {
  switch (header.type.effect) {
    case "pageData":
      return await pageData(loading, header);
    case "parameterArea":
      return parameterArea(loading, header);
    case "parameterInsert":
      return parameterInsert(loading, header);
    case "vpContext":
      return await vpContext(loading, header);
    case "relocates":
      return refuseRelocation(loading, header);
    case "supportedPlatform":
    case "nothing":
      return;
  }
}
