import type { Locator, Page } from "playwright-core";

/** What the reader sees in one of the three lights. */
export interface SeenLight {
  readonly tone: string | null;
  readonly word: string | null;
  readonly text: string;
}

/** What a reader does on the page. */
export interface Reader {
  readonly page: Page;
  readonly headline: Locator;
  sample(id: string): Promise<void>;
  paste(text: string): Promise<void>;
  tab(name: string): Promise<void>;
  /** The three lights from left to right. */
  lights(): Promise<readonly SeenLight[]>;
  /** Puts files onto the page as dragging does. */
  drop(files: Readonly<Record<string, Uint8Array>>): Promise<void>;
  readAs(): Promise<string>;
  /** Waits until everything that follows from an input is shown. */
  settled(): Promise<void>;
}

/** Waits until everything that follows from an input is shown. */
async function settled(page: Page): Promise<void> {
  await page.locator('main[aria-busy="false"]').waitFor();
}

async function seen(light: Locator): Promise<SeenLight> {
  return {
    tone: await light.getAttribute("data-tone"),
    word: await light.locator(".word").textContent(),
    text: (await light.textContent()) ?? "",
  };
}

/** A reader at a page. */
export function readerOf(page: Page): Reader {
  const evidence = page.getByLabel("Evidence", { exact: true }).and(page.locator("textarea"));
  return {
    page,
    headline: page.locator("h1"),
    async sample(id) {
      await page.locator(`[data-sample="${id}"]`).click();
      await page.locator(`[data-sample="${id}"][aria-pressed="true"]`).waitFor();
      await settled(page);
    },
    async paste(text) {
      await evidence.fill(text);
      await settled(page);
    },
    async tab(name) {
      await page.getByRole("tab", { name }).click();
    },
    async lights() {
      const all = await page.locator(".light").all();
      return await Promise.all(all.map(seen));
    },
    async drop(files) {
      const plain = Object.entries(files).map(([name, bytes]) => ({ name, bytes: [...bytes] }));
      const transfer = await page.evaluateHandle((given) => {
        const made = new DataTransfer();
        for (const { name, bytes } of given) made.items.add(new File([new Uint8Array(bytes)], name));
        return made;
      }, plain);
      const before = await page.locator(".read-as").textContent();
      await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
      // Files are read before anything begins.
      await page.waitForFunction((known) => document.querySelector(".read-as")?.textContent !== known, before);
      await settled(page);
    },
    settled: () => settled(page),
    readAs: async () => (await page.locator(".read-as").textContent()) ?? "",
  };
}
