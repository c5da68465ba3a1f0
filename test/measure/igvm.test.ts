import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import { crc32 } from "../../src/measure/crc32.js";
import { computeIgvmDigest, type IgvmOptions } from "../../src/measure/index.js";
import { LaunchChain, type PageType } from "../../src/measure/pages.js";
import { nodeDigests } from "../../src/node/index.js";
import {
  dataAt,
  type FileOptions,
  guestPolicy,
  header,
  igvmFile,
  packed,
  pageData,
  parameterArea,
  parameterInsert,
  platform,
  relocation,
  SNP,
  TDX,
  vpContext,
} from "./igvm-files.js";
import { numbersFrom, readerOf, slowPieces } from "./images.js";

const digests = nodeDigests;
const KVM_GPA = 0xfffffffff000;
const HEADS = [platform(), platform(TDX, 3), guestPolicy()];
const MIB2 = 0x20_0000;

type Page = readonly [type: PageType, gpa: number, contents?: Uint8Array];

/** The digest of a list of pages: what the directives come to, written down by hand. */
function digestOfPages(...pages: readonly Page[]): string {
  const chain = new LaunchChain(digests);
  for (const [type, gpa, contents] of pages) {
    if (contents === undefined) chain.add(type, gpa);
    else chain.add(type, gpa, digests.sha384(contents));
  }
  return chain.hex();
}

function randomBytes(seed: number, length: number): Uint8Array {
  const next = numbersFrom(seed);
  return Uint8Array.from({ length }, () => next() & 0xff);
}

async function digestOf(file: Uint8Array, options: IgvmOptions = {}): Promise<string> {
  return toHex(await computeIgvmDigest(file, { digests, ...options }));
}

/** A file whose directives are made once it is known where the data begin. */
function fileOf(directives: (data: number) => readonly Uint8Array[], data?: Uint8Array, options?: FileOptions) {
  const start = dataAt([...HEADS, ...directives(0)]);
  return igvmFile([...HEADS, ...directives(start)], data, options);
}

const zeros = new Uint8Array(4096);

/** The same with a vCPU behind it, whose registers are all zero and which every loader measures alike. */
function guestOf(directives: (data: number) => readonly Uint8Array[], data: Uint8Array = new Uint8Array(0)) {
  const vcpu = (start: number) => vpContext(KVM_GPA, start + data.length);
  return fileOf((start) => [...directives(start), vcpu(start)], concatBytes(data, new Uint8Array(0x670)));
}

/** The digest of some pages and that vCPU. */
function guestPages(...pages: readonly Page[]): string {
  return digestOfPages(...pages, ["vmsa", KVM_GPA, zeros]);
}

const page = (seed: number) => randomBytes(seed, 4096);
const WRITTEN: IgvmOptions = { loader: "as-written" };

describe("a directive", () => {
  it("PAGE_DATA with content is a NORMAL page", async () => {
    const file = guestOf((data) => [pageData({ gpa: 0x5000, fileOffset: data })], page(1));
    expect(await digestOf(file)).toBe(guestPages(["normal", 0x5000, page(1)]));
  });

  it("PAGE_DATA without content is a ZERO page under QEMU, a NORMAL page of zeros as written", async () => {
    const file = guestOf(() => [pageData({ gpa: 0x5000 })]);
    const zero = guestPages(["zero", 0x5000]);
    const normal = guestPages(["normal", 0x5000, zeros]);
    expect(await digestOf(file)).toBe(zero);
    expect(await digestOf(file, WRITTEN)).toBe(normal);
    expect(await digestOf(file, { nativeZero: false })).toBe(normal);
    expect(await digestOf(file, { ...WRITTEN, nativeZero: true })).toBe(zero);
  });

  it.each<[string, number, PageType]>([
    ["secrets", 1, "secrets"],
    ["CPUID values", 2, "cpuid"],
    ["CPUID values of extended state", 3, "cpuid"],
  ])("PAGE_DATA of %s is a page of that type, content or not", async (_, dataType, type) => {
    const empty = guestOf(() => [pageData({ gpa: 0x6000, dataType })]);
    const full = guestOf((data) => [pageData({ gpa: 0x6000, dataType, fileOffset: data })], page(2));
    for (const file of [empty, full]) expect(await digestOf(file)).toBe(guestPages([type, 0x6000]));
  });

  it("PAGE_DATA that is unmeasured is an UNMEASURED page", async () => {
    const file = guestOf((data) => [pageData({ gpa: 0x7000, flags: 2, fileOffset: data })], page(3));
    expect(await digestOf(file)).toBe(guestPages(["unmeasured", 0x7000]));
  });

  it("PAGE_DATA that is shared is not measured as written; under QEMU it is not known", async () => {
    const file = guestOf(() => [pageData({ gpa: 0x7000, flags: 4 }), pageData({ gpa: 0x8000, dataType: 1 })]);
    expect(await digestOf(file, WRITTEN)).toBe(guestPages(["secrets", 0x8000]));
    await expect(digestOf(file)).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", {
      directive: "PAGE_DATA",
      type: "0x302",
    });
  });

  it("PAGE_DATA of 2 MiB is 512 pages", async () => {
    const data = randomBytes(4, MIB2);
    const pages = Array.from({ length: 512 }, (_, index): Page => {
      const bytes = data.subarray(index * 4096, (index + 1) * 4096);
      return ["normal", 0x40_0000 + index * 4096, bytes];
    });
    const full = guestOf((start) => [pageData({ gpa: 0x40_0000, flags: 1, fileOffset: start })], data);
    expect(await digestOf(full)).toBe(guestPages(...pages));
    const empty = guestOf(() => [pageData({ gpa: 0x40_0000, flags: 1 })]);
    expect(await digestOf(empty)).toBe(guestPages(...pages.map(([, gpa]): Page => ["zero", gpa])));
    const unmeasured = guestOf(() => [pageData({ gpa: 0x40_0000, flags: 3 })]);
    expect(await digestOf(unmeasured)).toBe(guestPages(...pages.map(([, gpa]): Page => ["unmeasured", gpa])));
  });

  it("PARAMETER_INSERT is every page of its area, UNMEASURED, lowest first", async () => {
    const file = guestOf(() => [parameterArea(0x3000, 7), pageData({ gpa: 0 }), parameterInsert(0x9000, 7)]);
    expect(await digestOf(file)).toBe(
      guestPages(["zero", 0], ["unmeasured", 0x9000], ["unmeasured", 0xa000], ["unmeasured", 0xb000]),
    );
  });

  it("VP_CONTEXT is a VMSA page: under QEMU last and at KVM's address, as written where it stands", async () => {
    const registers = randomBytes(5, 0x670);
    const vmsa = Uint8Array.from({ length: 4096 }, (_, index) => registers[index] ?? 0);
    const data = Uint8Array.of(...registers, ...randomBytes(6, 4096));
    const file = fileOf((start) => [vpContext(0x10000, start), pageData({ gpa: 0x5000 })], data);
    expect(await digestOf(file)).toBe(digestOfPages(["zero", 0x5000], ["vmsa", KVM_GPA, vmsa]));
    expect(await digestOf(file, { ...WRITTEN, nativeZero: true })).toBe(
      digestOfPages(["vmsa", 0x10000, vmsa], ["zero", 0x5000]),
    );
  });

  it("VP_CONTEXT of a second vCPU is measured as written; under QEMU it is not supported", async () => {
    const vmsa = Uint8Array.from({ length: 4096 }, (_, index) => (index < 0x670 ? 0xee : 0));
    const data = new Uint8Array(4096).fill(0xee);
    const two = fileOf((start) => [vpContext(0x1000, start), vpContext(0x2000, start, { vpIndex: 1 })], data);
    expect(await digestOf(two, WRITTEN)).toBe(digestOfPages(["vmsa", 0x1000, vmsa], ["vmsa", 0x2000, vmsa]));
    const other = fileOf((start) => [vpContext(0x1000, start, { vpIndex: 1 })], data);
    const twice = fileOf((start) => [vpContext(0x1000, start), vpContext(0x1000, start)], data);
    for (const file of [two, other, twice]) {
      await expect(digestOf(file)).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", { directive: "VP_CONTEXT" });
    }
  });

  it("for another platform does nothing", async () => {
    const file = guestOf((start) => [
      pageData({ gpa: 0x5000, mask: TDX }),
      pageData({ gpa: 0x6000, mask: SNP | TDX }),
      parameterArea(0x1000, 1),
      parameterInsert(0x7000, 1, TDX),
      vpContext(0, start + 1_000_000, { mask: TDX }),
    ]);
    expect(await digestOf(file)).toBe(guestPages(["zero", 0x6000]));
  });

  it.each([0x305, 0x307, 0x308, 0x309, 0x30a, 0x30b, 0x30c, 0x30d, 0x30e, 0x30f, 0x310, 0x311, 0x312, 0x313])(
    "of type 0x%s, which only tells the loader something, changes nothing",
    async (type) => {
      const file = guestOf(() => [header(type, new Uint8Array(24)), pageData({ gpa: 0x5000 })]);
      expect(await digestOf(file)).toBe(guestPages(["zero", 0x5000]));
    },
  );

  it("of an unknown type that may be passed over changes nothing, one that may not is refused by its number", async () => {
    const passed = guestOf(() => [header(0x8000_0399, packed([4, 5])), pageData({ gpa: 0x5000 })]);
    expect(await digestOf(passed)).toBe(guestPages(["zero", 0x5000]));
    for (const type of [0x399, 0x306, 0x500, 0x8000_0302]) {
      const refused = guestOf(() => [header(type, new Uint8Array(24))]);
      const name = `0x${type.toString(16)}`;
      await expect(digestOf(refused)).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", { directive: name, type: name });
    }
  });

  it("that relocates is refused for SEV-SNP alone", async () => {
    const moving = (mask: number) => guestOf(() => [relocation(mask), pageData({ gpa: 0 })]);
    expect(await digestOf(moving(TDX))).toBe(guestPages(["zero", 0]));
    await expect(digestOf(moving(SNP))).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", {
      directive: "RELOCATABLE_REGION",
      type: "0x102",
    });
    const tables = header(0x103, packed([4, SNP], [4, 0], [8, 0], [8, 0], [8, 0]));
    await expect(digestOf(igvmFile([platform(), tables]))).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", {
      directive: "PAGE_TABLE_RELOCATION_REGION",
    });
  });
});

describe("a file", () => {
  const directives = (start: number) => [
    parameterArea(0x1000, 0),
    pageData({ gpa: 0x5000, fileOffset: start }),
    pageData({ gpa: 0x6000, dataType: 1 }),
    parameterInsert(0x7000, 0),
    vpContext(KVM_GPA, start + 4096),
  ];
  const file = fileOf(directives, randomBytes(9, 8192));

  it("is measured alike from bytes, a view, a reader, and by either digests", async () => {
    const whole = await digestOf(file);
    const larger = new Uint8Array(file.length + 100).fill(0xee);
    larger.set(file, 37);
    expect(await digestOf(larger.subarray(37, 37 + file.length))).toBe(whole);
    expect(toHex(await computeIgvmDigest(readerOf(file)))).toBe(whole);
  });

  it("of version 2 for x86-64 is measured as one of version 1", async () => {
    const shifted = igvmFile(
      [...HEADS, ...directives(dataAt([...HEADS, ...directives(0)]) + 8)],
      randomBytes(9, 8192),
      {
        version: 2,
      },
    );
    expect(await digestOf(shifted)).toBe(await digestOf(file));
  });

  it.each<[string, FileOptions, string]>([
    ["version 3", { version: 3 }, "format version"],
    ["version 0", { version: 0 }, "format version"],
    ["another architecture", { version: 2, architecture: 1 }, "architecture"],
    ["another page size", { version: 2, pageSize: 65536 }, "page size"],
  ])("of %s is not supported", async (_, options, where) => {
    await expect(digestOf(igvmFile(HEADS, zeros, options))).toFailWith("ERR_UNSUPPORTED_IGVM", { where });
  });

  it.each<[string, Uint8Array[], string]>([
    ["no SEV-SNP", [platform(TDX, 3)], "platforms"],
    ["SEV-SNP twice", [platform(1), platform(2)], "platforms"],
    ["another version of SEV-SNP", [platform(1, 2, 2)], "SEV-SNP platform"],
  ])("with %s is not supported", async (_, heads, where) => {
    await expect(digestOf(igvmFile(heads))).toFailWith("ERR_UNSUPPORTED_IGVM", { where });
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["23 bytes", file.subarray(0, 23)],
    ["a byte too few", file.subarray(0, -1)],
    ["a byte too many", Uint8Array.of(...file, 0)],
    ["another magic", igvmFile(HEADS, zeros, { patch: (view) => view.setUint32(0, 0x4d564748, true) })],
    ["a wrong checksum", igvmFile(HEADS, zeros, { checksumOff: 1 })],
    ["headers that overlap the fixed one", igvmFile(HEADS, zeros, { patch: (view) => view.setUint32(8, 16, true) })],
    ["headers that are not aligned", igvmFile(HEADS, zeros, { patch: (view) => view.setUint32(8, 28, true) })],
    ["headers beyond the end", igvmFile(HEADS, zeros, { patch: (view) => view.setUint32(12, 8192, true) })],
    [
      "version 2 with headers where its own go on",
      igvmFile(HEADS, zeros, { patch: (view) => view.setUint32(4, 2, true) }),
    ],
    ["a mask of two bits", igvmFile([platform(3)])],
    ["a mask of no bit", igvmFile([platform(0)])],
    ["a header of another length", igvmFile([platform(), header(0x302, new Uint8Array(16))])],
    ["a platform behind a directive", igvmFile([platform(), parameterArea(0x1000, 0), platform(TDX, 3)])],
    ["a policy behind a directive", igvmFile([platform(), parameterArea(0x1000, 0), guestPolicy()])],
    ["half a header", igvmFile([...HEADS, packed([4, 0x302])])],
    ["a header without its content", igvmFile([...HEADS, packed([4, 0x302], [4, 24])])],
    ["padding that is not zero", igvmFile([...HEADS, packed([4, 0x30b], [4, 4], [8, 1n << 40n])])],
    ["a page at no page's address", fileOf(() => [pageData({ gpa: 0x5001 })])],
    ["a page of 2 MiB at no such address", fileOf(() => [pageData({ gpa: 0x5000, flags: 1 })])],
    ["a page beyond 52 bits", fileOf(() => [pageData({ gpa: 1n << 52n })])],
    ["a page beyond the file's end", fileOf((start) => [pageData({ gpa: 0, fileOffset: start + 1 })], zeros)],
    ["a save area beyond the file's end", fileOf((start) => [vpContext(0, start)], new Uint8Array(0x66f))],
    ["a save area at no page's address", fileOf((start) => [vpContext(8, start)], zeros)],
    ["an area of half a page", fileOf(() => [parameterArea(0x800, 0)])],
    ["an area twice", fileOf(() => [parameterArea(0x1000, 0), parameterArea(0x1000, 0)])],
    ["an area that is not there", fileOf(() => [parameterInsert(0, 0)])],
    [
      "an area that was used",
      fileOf(() => [parameterArea(0x1000, 0), parameterInsert(0, 0), parameterInsert(0x1000, 0)]),
    ],
    ["an area beyond 52 bits", fileOf(() => [parameterArea(1n << 60n, 0), parameterInsert(0, 0)])],
  ])("with %s is malformed", async (_, bytes) => {
    await expect(digestOf(bytes)).toFailWith("ERR_MALFORMED_IGVM");
  });

  it.each<[string, Uint8Array, string]>([
    ["reserved bytes of PAGE_DATA", fileOf(() => [pageData({ gpa: 0, reserved: 1 })]), "IGVM page data"],
    ["reserved bytes of VP_CONTEXT", fileOf(() => [vpContext(0, 0, { reserved: 1 })]), "IGVM VP context"],
  ])("with %s is malformed", async (_, bytes, what) => {
    await expect(digestOf(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { what });
  });

  it.each<[string, Uint8Array]>([
    ["an unknown type of data", fileOf(() => [pageData({ gpa: 0, dataType: 4 })])],
    ["an unknown flag", fileOf(() => [pageData({ gpa: 0, flags: 8 })])],
  ])("with %s is not supported", async (_, bytes) => {
    await expect(digestOf(bytes)).toFailWith("ERR_UNSUPPORTED_IGVM_DIRECTIVE", {
      directive: "PAGE_DATA",
      type: "0x302",
    });
  });

  it("of more than a gigabyte of pages is not supported", async () => {
    const many = Array.from({ length: 513 }, (_, index) => pageData({ gpa: index * MIB2, flags: 1 }));
    await expect(digestOf(fileOf(() => many))).toFailWith("ERR_UNSUPPORTED_IGVM", { where: "pages" });
  });

  it("with more than 16 MiB of headers is not supported", async () => {
    const big = header(0x8000_0399, new Uint8Array(17 * 1024 * 1024));
    await expect(digestOf(fileOf(() => [big]))).toFailWith("ERR_UNSUPPORTED_IGVM", { where: "variable headers" });
  });

  it("with more than 300,000 headers is not supported, whatever they say", async () => {
    const empty = header(0x30b, new Uint8Array(0));
    const heads = (count: number) => {
      const all = new Uint8Array(count * empty.length);
      for (let at = 0; at < all.length; at += empty.length) all.set(empty, at);
      return igvmFile([platform(), all]);
    };
    await expect(digestOf(heads(300_000))).toFailWith("ERR_UNSUPPORTED_IGVM", { where: "variable headers" });
    await expect(digestOf(heads(299_999))).toFailWith("ERR_UNSUPPORTED_IGVM", { where: "VP_CONTEXT" });
  });

  it("without a vCPU's registers is not supported: no guest begins so, and zeros are no launch digest", async () => {
    const other = (start: number) => [pageData({ gpa: 0 }), vpContext(KVM_GPA, start, { mask: TDX })];
    for (const bytes of [igvmFile(HEADS), fileOf(() => [pageData({ gpa: 0 })]), fileOf(other, zeros)]) {
      for (const options of [{}, WRITTEN]) {
        await expect(digestOf(bytes, options)).toFailWith("ERR_UNSUPPORTED_IGVM", { where: "VP_CONTEXT" });
      }
    }
    const own = fileOf((start) => [pageData({ gpa: 0 }), vpContext(KVM_GPA, start)], zeros);
    expect(await digestOf(own)).toBe(guestPages(["zero", 0]));
  });

  it("that places a page twice is malformed, in whatever way", async () => {
    const half = pageData({ gpa: 0x5000 });
    const twice: [string, Uint8Array[]][] = [
      ["page and page", [half, half]],
      ["page and secrets", [half, pageData({ gpa: 0x5000, dataType: 1 })]],
      ["page and 2 MiB", [pageData({ gpa: 0, flags: 1 }), half]],
      ["parameters and page", [parameterArea(0x2000, 0), parameterInsert(0x4000, 0), half]],
    ];
    for (const [name, directives] of twice) {
      for (const options of [{}, WRITTEN]) {
        await expect(
          digestOf(
            guestOf(() => directives),
            options,
          ),
          name,
        ).toFailWith("ERR_MALFORMED_IGVM");
      }
    }
    const foreign = guestOf(() => [half, pageData({ gpa: 0x5000, mask: TDX })]);
    expect(await digestOf(foreign)).toBe(guestPages(["zero", 0x5000]));
  });

  it("is left after any header at which the signal fires, and within a page of 2 MiB", async () => {
    const total = HEADS.length + 5;
    for (let last = 1; last <= total; last++) {
      const controller = new AbortController();
      const told: number[] = [];
      const onProgress = ({ done }: { done: number }) => {
        told.push(done);
        if (done === last) controller.abort("enough");
      };
      const ended = digestOf(file, { signal: controller.signal, onProgress });
      await expect(ended).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "enough" });
      expect(told).toHaveLength(last);
    }
    const reader = readerOf(
      guestOf((start) => [pageData({ gpa: 0, flags: 1, fileOffset: start })], new Uint8Array(MIB2)),
    );
    const { read } = reader;
    const controller = new AbortController();
    reader.read = (offset, length) => {
      if (reader.asked.length === 10) controller.abort("enough");
      return read(offset, length);
    };
    await expect(computeIgvmDigest(reader, { digests, signal: controller.signal })).toFailWith(
      "ERR_COLLATERAL_ABORTED",
    );
    expect(reader.asked.length).toBeLessThan(80);
  });

  it("tells its progress by headers", async () => {
    const told: unknown[] = [];
    await digestOf(file, { onProgress: (progress) => void told.push(progress) });
    expect(told).toHaveLength(8);
    expect(told.at(-1)).toEqual({ part: "igvm", done: 8, total: 8 });
  });

  it("is left when the signal fires, before and in between", async () => {
    await expect(digestOf(file, { signal: AbortSignal.abort("late") })).toFailWith("ERR_COLLATERAL_ABORTED");
    const controller = new AbortController();
    const many = Array.from({ length: 20 }, (_, index) => pageData({ gpa: index * MIB2, flags: 1 }));
    const onProgress = () => controller.abort("enough");
    const ended = digestOf(
      fileOf(() => many),
      { signal: controller.signal, onProgress },
    );
    await expect(ended).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "enough" });
  });
});

describe("computeIgvmDigest", () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["a stream", () => computeIgvmDigest(slowPieces(zeros, 9) as unknown as Uint8Array), /not a stream/],
    ["text", () => computeIgvmDigest("igvm" as unknown as Uint8Array), /file must be a Uint8Array/],
    ["an unknown loader", () => computeIgvmDigest(zeros, { loader: "xen" as "qemu" }), /options\.loader must be/],
    ["a word for nativeZero", () => computeIgvmDigest(zeros, { nativeZero: "no" as unknown as boolean }), /nativeZero/],
    ["an unknown option", () => computeIgvmDigest(zeros, { mask: 1 } as IgvmOptions), /no option "mask"/],
  ])("refuses %s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(TypeError);
    await expect(call()).rejects.toThrow(message);
  });

  it("gives a digest or one of our errors for any bytes behind a good start", async () => {
    const settled = (bytes: Uint8Array) =>
      digestOf(bytes).then(
        (digest) => digest.length === 96,
        (error: unknown) => isAttestationError(error),
      );
    const pieces = fc.array(
      fc.oneof(
        fc
          .record({
            gpa: fc.integer({ min: 0, max: 64 }).map((at) => at * 4096),
            flags: fc.integer({ min: 0, max: 8 }),
            dataType: fc.integer({ min: 0, max: 4 }),
            fileOffset: fc.integer({ min: 0, max: 9000 }),
          })
          .map(pageData),
        fc
          .tuple(fc.integer({ min: 0x300, max: 0x315 }), fc.uint8Array({ maxLength: 30 }))
          .map(([type, content]) => header(type, content)),
        fc.uint8Array({ minLength: 8, maxLength: 40 }),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(pieces, fc.uint8Array({ maxLength: 5000 }), async (directives, data) => {
        expect(await settled(igvmFile([...HEADS, ...directives], data))).toBe(true);
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await settled(bytes)).toBe(true);
      }),
    );
  });

  it("the CRC-32 is that of zlib", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
  });
});
