import type { Plugin } from "vite";

/** A module whose exports are data that is computed when the site is built. */
export function dataModule(id: string, make: () => Promise<Readonly<Record<string, unknown>>>): Plugin {
  const resolved = `\0${id}`;
  return {
    name: id,
    resolveId: (wanted) => (wanted === id ? resolved : null),
    async load(wanted) {
      if (wanted !== resolved) return null;
      const lines = Object.entries(await make()).map(([name, value]) => {
        // Parsed from text, since an engine reads JSON faster than the same thing as code.
        return `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))});`;
      });
      return lines.join("\n");
    },
  };
}
