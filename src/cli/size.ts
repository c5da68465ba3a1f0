/** A number of bytes as people read it. */
export function sizeText(size: number): string {
  return `${size.toLocaleString("en-US")} bytes`;
}
