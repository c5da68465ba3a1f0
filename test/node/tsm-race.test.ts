import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import { readTsmReport } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";

/** What another writer does at the moment before a file is read. */
const { others } = vi.hoisted(() => ({ others: new Map<string, (folder: string) => Promise<void>>() }));

vi.mock("../../src/node/read-file.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/node/read-file.js")>();
  const readPlainFile = async (path: string, maxBytes: number) => {
    await others.get(basename(path))?.(dirname(path));
    return await original.readPlainFile(path, maxBytes);
  };
  return { ...original, readPlainFile };
});

const { evidence } = (await createForge({ seed: "guest files" })).evidence();
const folder = await mkdtemp(join(tmpdir(), "attestry-race-"));
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  others.clear();
  await writeFile(join(folder, "outblob"), evidence.report);
  await writeFile(join(folder, "provider"), "sev_guest\n");
  await writeFile(join(folder, "generation"), "3\n");
});

const asked = (generation: string) => (path: string) => writeFile(join(path, "generation"), generation);

it.each(["outblob", "auxblob", "provider"])("tells a writer that came before %s was read", async (name) => {
  others.set(name, asked("4\n"));
  await expect(readTsmReport(folder)).toFailWith("ERR_MALFORMED_CONTAINER", {
    where: "generation",
    reason: expect.stringContaining("3 before and 4 after"),
  });
});

it("takes it when the other came before all of it", async () => {
  await asked("4\n")(folder);
  others.set("auxblob", asked("4\n"));
  expect((await readTsmReport(folder)).claims.generation).toBe(4);
});

it("tells that a generation is gone, or came", async () => {
  others.set("auxblob", (path) => rm(join(path, "generation")));
  await expect(readTsmReport(folder)).toFailWith("ERR_MALFORMED_CONTAINER", { where: "generation" });
  others.set("auxblob", asked("1\n"));
  await expect(readTsmReport(folder)).toFailWith("ERR_MALFORMED_CONTAINER", { where: "generation" });
});
