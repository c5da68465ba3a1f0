import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

const LOG = new URL("../../../examples/relying-party/node/log.ts", import.meta.url).href;

/** Runs a program that has `log`; it is alive until it ends itself. */
function start(program: string) {
  const script = `const { createLog } = await import(${JSON.stringify(LOG)}); const log = createLog("info"); ${program}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  child.stdout.setEncoding("utf8");
  return child;
}

async function linesOf(program: string): Promise<string[]> {
  const child = start(program);
  let text = "";
  child.stdout.on("data", (piece: string) => {
    text += piece;
  });
  await once(child, "close");
  return text.split("\n").slice(0, -1);
}

describe("the log", () => {
  it("has every line at the end, however soon that comes", async () => {
    const lines = await linesOf(`for (let n = 0; n < 500; n++) log({ event: "request", n }); process.exit(3);`);
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  it.each([
    ["says what is no request at once", "listening"],
    ["says what happens to requests a moment later", "request"],
  ])("%s", async (_, event) => {
    const child = start(`log({ event: ${JSON.stringify(event)} }); setInterval(() => {}, 1000);`);
    const [line] = await once(child.stdout, "data");
    child.kill("SIGKILL");
    expect(JSON.parse(String(line))).toMatchObject({ event });
  });

  it("does not end the service when nobody reads it any more", async () => {
    const child = start(`
      log({ event: "listening" });
      process.stdin.once("data", () => {
        for (let n = 0; n < 500; n++) log({ event: "request", n });
        setTimeout(() => process.exit(4), 500);
      });`);
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stdin.write("go on\n");
    expect(await once(child, "exit")).toEqual([4, null]);
  });
});
