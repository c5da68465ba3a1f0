export { printable, UNPRINTABLE } from "../bytes/text.js";
