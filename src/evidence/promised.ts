/**
 * What `open` gives or throws, as a promise. `open` runs at once: openers answer alike, whether they have to wait for
 * something or not, and none of them looks at its input again after the caller has it back.
 */
export function promised<Opened>(open: () => Opened): Promise<Opened> {
  return new Promise((resolve) => resolve(open()));
}
