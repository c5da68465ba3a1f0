import { MalformedError } from "../errors.js";

/** The tags of the certificate and CRL profile. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific, primitive. */
  implicit: (n: number) => 0x80 | n,
  /** Context-specific, constructed. */
  explicit: (n: number) => 0xa0 | n,
} as const;

/** Nesting that no certificate of the profile needs; each level is a call on the stack. */
const MAX_DEPTH = 12;

/** One element: `bytes.subarray(start, end)` is all of it, from `content` on its content. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** The part of the bytes that a cursor may see. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/**
 * A place in strict DER: single-byte tags, definite lengths in their shortest form, nothing left over.
 *
 * It moves forward only and never leaves the element it was made for. Every refusal is
 * `ERR_MALFORMED_DER` with the offset in the whole input.
 *
 * Source: ITU-T X.690, sections 8.1 and 10.1.
 */
export class DerCursor {
  readonly bytes: Uint8Array;
  readonly what: string;
  private readonly span: Span;
  private position: number;

  private constructor(bytes: Uint8Array, what: string, span: Span) {
    this.bytes = bytes;
    this.what = what;
    this.span = span;
    this.position = span.start;
  }

  /** A cursor over all of `bytes`, which it does not copy; `what` names them in errors. */
  static over(bytes: Uint8Array, what: string): DerCursor {
    return new DerCursor(bytes, what, { start: 0, end: bytes.length, depth: 0 });
  }

  /** The tag of the next element, or undefined at the end. */
  peek(): number | undefined {
    return this.position < this.span.end ? this.bytes[this.position] : undefined;
  }

  /** Takes the next element, which must carry `tag`. */
  take(tag: number): DerElement {
    const start = this.position;
    const found = this.byteAt(start);
    if (found !== tag) this.fail(`expected tag ${hexByte(tag)}, found ${hexByte(found)}`);
    const { length, content } = this.readLength(start + 1);
    if (length > this.span.end - content) this.fail("the length reaches beyond the enclosing element");
    this.position = content + length;
    return { tag, start, content, end: this.position };
  }

  /** Takes the next element and answers a cursor over its content. */
  enter(tag: number): DerCursor {
    const { content, end } = this.take(tag);
    return this.inside(content, end);
  }

  /** A cursor over the content of an OCTET STRING or BIT STRING that holds DER. */
  inside(start: number, end: number): DerCursor {
    const depth = this.span.depth + 1;
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`);
    return new DerCursor(this.bytes, this.what, { start, end, depth });
  }

  /** Content of an element, not copied. */
  contentOf(element: DerElement): Uint8Array {
    return this.bytes.subarray(element.content, element.end);
  }

  /** All of an element, header included, not copied. */
  wholeOf(element: DerElement): Uint8Array {
    return this.bytes.subarray(element.start, element.end);
  }

  /** Refuses anything left. */
  finish(): void {
    if (this.position !== this.span.end) this.fail(`${this.span.end - this.position} bytes left over`);
  }

  /** Refuses, naming the place. */
  fail(reason: string, offset = this.position): never {
    throw new MalformedError(
      "ERR_MALFORMED_DER",
      `${this.what} is not strict DER at byte ${offset}: ${reason}; take the bytes from their source again`,
      { what: this.what, offset, reason },
    );
  }

  private byteAt(offset: number): number {
    const value = offset < this.span.end ? this.bytes[offset] : undefined;
    return value ?? this.fail("the element ends too early", offset);
  }

  /** The length that starts at `at`, in the one form that DER allows. */
  private readLength(at: number): { length: number; content: number } {
    const first = this.byteAt(at);
    if (first < 0x80) return { length: first, content: at + 1 };
    const count = first & 0x7f;
    if (count === 0) this.fail("indefinite length", at);
    if (count > 3) this.fail("a length of more than 24 bits", at);
    let length = 0;
    for (let i = 1; i <= count; i++) length = length * 256 + this.byteAt(at + i);
    if (length < 0x80 || length < 256 ** (count - 1)) this.fail("a length that is not minimal", at);
    return { length, content: at + 1 + count };
  }
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
