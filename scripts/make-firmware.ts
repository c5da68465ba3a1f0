/** Writes the firmware image of vectors/measure. Run: npm run vectors. Its cases are facts and stay as they are. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildFirmware } from "./vectors/firmware.js";

const folder = fileURLToPath(new URL("../vectors/measure/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}firmware.bin`, buildFirmware());
console.log("vectors/measure/firmware.bin");
