/** Loaded into a copy before it starts: on SIGUSR2 it collects garbage and writes what is left, one line of JSON. */
process.on("SIGUSR2", () => {
  // Twice, since what a finaliser lets go of is garbage the second time.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ event: "memory", heapUsed, arrayBuffers, rss })}\n`);
});
