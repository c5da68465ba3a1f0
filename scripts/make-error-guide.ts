/** Writes docs/errors.md anew from src/errors.ts and the causes in scripts/support. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorGuide } from "./support/error-guide.js";
import { projectRoot } from "./support/packed.js";

writeFileSync(join(projectRoot, "docs/errors.md"), errorGuide());
