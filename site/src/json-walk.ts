/** A key or an item of a JSON text, and where its value begins and ends. */
export interface Entry {
  readonly pointer: string;
  readonly from: number;
  readonly to: number;
}

/** What may be written at a place of a JSON text. */
export interface Place {
  /** Keys and indices from the top. */
  readonly path: readonly string[];
  readonly expects: "key" | "value";
  /** What stands there already, without quotes, and from where to where with them. */
  readonly prefix: string;
  readonly from: number;
  readonly to: number;
  /** Keys that the object has. */
  readonly used: readonly string[];
}

interface Frame {
  readonly isObject: boolean;
  readonly path: readonly string[];
  readonly used: string[];
  key: string | null;
  index: number;
  start: number;
}

interface Walk {
  readonly entries: Entry[];
  readonly repeated: string[];
  /** Of the place that was asked for. */
  place: Place | null;
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

function pointerOf(path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function stepOf({ isObject, key, index }: Frame): string {
  return isObject ? (key ?? "") : String(index);
}

function inner(frames: readonly Frame[], isObject: boolean, start: number): Frame {
  const around = frames.at(-1);
  const path = around === undefined ? [] : [...around.path, stepOf(around)];
  return { isObject, path, used: [], key: null, index: 0, start };
}

function expectsKey({ isObject, key }: Frame): boolean {
  return isObject && key === null;
}

/** The text of a string token, whole or not. */
function unquoted(token: string): string {
  return token.replace(/^"/, "").replace(/"$/, "");
}

interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

function takeKey(frame: Frame, { text }: Token, walk: Walk): void {
  const key = unquoted(text);
  if (frame.used.includes(key)) walk.repeated.push(pointerOf([...frame.path, key]));
  frame.used.push(key);
  frame.key = key;
}

function endValue(frames: readonly Frame[], { from, to }: Token, walk: Walk): void {
  const frame = frames.at(-1);
  if (frame !== undefined) walk.entries.push({ pointer: pointerOf([...frame.path, stepOf(frame)]), from, to });
}

function nextMember(frame: Frame | undefined): void {
  if (frame === undefined) return;
  frame.key = null;
  frame.index += 1;
}

function close(frames: Frame[], token: Token, walk: Walk): void {
  const closed = frames.pop();
  if (closed !== undefined) endValue(frames, { ...token, from: closed.start }, walk);
}

function take(frames: Frame[], token: Token, walk: Walk): void {
  const frame = frames.at(-1);
  const { text, from } = token;
  if (text === "{" || text === "[") frames.push(inner(frames, text === "{", from));
  else if (text === "}" || text === "]") close(frames, token, walk);
  else if (text === ",") nextMember(frame);
  else if (text === ":") return;
  else if (frame !== undefined && expectsKey(frame)) takeKey(frame, token, walk);
  else endValue(frames, token, walk);
}

function placeIn(frames: readonly Frame[], token: Token | null, caret: number): Place | null {
  const frame = frames.at(-1);
  if (frame === undefined) return null;
  const isKey = expectsKey(frame);
  const prefix = token === null ? "" : unquoted(token.text.slice(0, caret - token.from));
  return {
    path: isKey ? frame.path : [...frame.path, stepOf(frame)],
    expects: isKey ? "key" : "value",
    prefix,
    from: token?.from ?? caret,
    to: token?.to ?? caret,
    used: [...frame.used],
  };
}

function isWord({ text }: Token): boolean {
  return !/^[{}[\],:]$/.test(text);
}

/** Reads a text as far as it is JSON, whatever is wrong with it; `caret` asks what may be written there. */
export function walkJson(text: string, caret = -1): Walk {
  const walk: Walk = { entries: [], repeated: [], place: null };
  const frames: Frame[] = [];
  let isPlaced = caret < 0;
  for (const match of text.matchAll(TOKEN)) {
    const token = { text: match[0], from: match.index, to: match.index + match[0].length };
    if (!isPlaced && token.to >= caret && (token.from >= caret || isWord(token))) {
      walk.place = placeIn(frames, isWord(token) && token.from < caret ? token : null, caret);
      isPlaced = true;
    }
    take(frames, token, walk);
  }
  if (!isPlaced) walk.place = placeIn(frames, null, caret);
  return walk;
}

/** The entry at a JSON Pointer, or at the nearest place above it. */
export function entryAt(text: string, pointer: string): Entry | null {
  const { entries } = walkJson(text);
  for (let wanted = pointer; wanted !== ""; wanted = wanted.slice(0, wanted.lastIndexOf("/"))) {
    const found = entries.find((entry) => entry.pointer === wanted);
    if (found !== undefined) return found;
  }
  return null;
}
