import { posix } from "node:path";

/** What a page points at: every href and src. */
export function targetsOf(html: string): readonly string[] {
  return [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, target = ""]) => target.replaceAll("&amp;", "&"));
}

/** The ids that a link into a page may name. */
export function idsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id));
}

/** Files as a link sees them: the text of a page, or undefined where there is nothing. */
export type Lookup = (path: string) => string | undefined;

/** The links of a page that lead nowhere, as `page -> target`. Those to other hosts are left alone. */
export function brokenTargets(path: string, html: string, lookup: Lookup): readonly string[] {
  return targetsOf(html)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = "", fragment] = target.split("#");
      const found = file === "" ? html : lookup(posix.join(posix.dirname(path), decodeURIComponent(file)));
      if (found === undefined) return true;
      // "#" alone is the top of the page.
      return fragment !== undefined && fragment !== "" && !idsOf(found).has(decodeURIComponent(fragment));
    })
    .map((target) => `${path} -> ${target}`);
}
