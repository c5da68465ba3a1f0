/** What an attribute or a handler of an element may be; null and false leave it out. */
type Value = string | number | boolean | null | undefined | ((event: Event) => void);

/** What an element may contain; null and false leave it out. */
export type Child = Node | string | null | false | undefined;

function apply(element: Element, props: Readonly<Record<string, Value>>): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
}

function isChild(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false;
}

/** An element with attributes, handlers (`onclick`) and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  apply(element, props);
  element.append(...children.filter(isChild));
  return element;
}

/** The same for an SVG drawing. */
export function svg(tag: string, props: Readonly<Record<string, Value>>, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, props);
  element.append(...children.filter(isChild));
  return element;
}

/** Puts new children in the place of all that an element had. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter(isChild));
}

let serial = 0;

/** An id that no other element of the page has. */
export function uniqueId(stem: string): string {
  serial += 1;
  return `${stem}-${serial}`;
}

/** A field with its label above it. */
export function labelled(text: string, field: HTMLElement, hint: Child = null): HTMLElement {
  field.id ||= uniqueId("field");
  return h("div", { class: "labelled" }, h("label", { for: field.id }, text), field, hint);
}
