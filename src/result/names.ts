import { checkText } from "../bytes/arguments.js";

const MAX_NAME = 256;

/** Text of 1 to 256 characters: a name in a token. @throws TypeError for anything else. */
export function checkName(value: unknown, name: string): string {
  const text = checkText(value, name);
  if (text.length > 0 && text.length <= MAX_NAME) return text;
  throw new TypeError(`${name} must have 1 to ${MAX_NAME} characters, found ${text.length}`);
}
