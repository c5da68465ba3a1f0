/** As much of markdown-it as this folder uses; the package comes without types. */
declare module "markdown-it" {
  /** A piece of a parsed page: the opening or closing of an element, a text, a block of code. */
  interface Token {
    type: string;
    tag: string;
    content: string;
    /** The language of a fence. */
    info: string;
    children: Token[] | null;
    attrGet(name: string): string | null;
    attrSet(name: string, value: string): void;
  }
  type RenderRule = (tokens: Token[], index: number) => string;
  class MarkdownIt {
    constructor(options: { html: boolean });
    readonly renderer: {
      rules: Record<string, RenderRule>;
      render(tokens: Token[], options: object, env: object): string;
    };
    readonly options: object;
    readonly utils: { escapeHtml(text: string): string };
    parse(text: string, env: object): Token[];
  }

  export { MarkdownIt as default, type Token };
}
