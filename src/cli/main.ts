#!/usr/bin/env node
import { EXIT } from "./exit-codes.js";
import { reportFailure } from "./failure.js";
import { processIo } from "./process-io.js";
import { run } from "./run.js";

const io = processIo();

// Whatever ends the process from outside `run` is a fault and no verdict; without this Node would exit with 1.
process.exitCode = EXIT.internal;
process.on("uncaughtException", (error) => {
  void reportFailure(io, error, { verb: undefined, json: false }).then(() => process.exit(EXIT.internal));
});

process.exitCode = await run(process.argv.slice(2), io);
