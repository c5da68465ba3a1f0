import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Everything that the page can ever load, in bytes of gzip. */
const CEILING = 200_000;

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** Prints how large the site is, and fails the build where it has outgrown its ceiling. */
export function sizePlugin(): Plugin {
  return {
    name: "site-size",
    apply: "build",
    enforce: "post",
    writeBundle(_, bundle) {
      const contents = Object.values(bundle).map((file) => (file.type === "chunk" ? file.code : file.source));
      const sum = contents.reduce((total, content) => total + gzipSync(content, { level: 9 }).length, 0);
      console.log(`the whole site: ${kilobytes(sum)} gzip, ceiling ${kilobytes(CEILING)}`);
      if (sum > CEILING) this.error("the site is too large: take something out, or load less");
    },
  };
}
