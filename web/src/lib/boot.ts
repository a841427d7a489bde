/** What the server knows when it hands out the page: the JSON of `<script id="boot">`. */
export interface Boot {
  /** Path prefix Oriel is served under, without a trailing slash; "" at the root. */
  prefix: string;
  version: string;
  /** CSP nonce for the style elements that Mantine and CodeMirror make. */
  nonce: string;
}

const absent: Boot = { prefix: "", version: "dev", nonce: "" };

/** Reads the boot JSON. The development server writes none; then the defaults hold. */
export function readBoot(doc: { getElementById(id: string): { textContent: string | null } | null }): Boot {
  const text = doc.getElementById("boot")?.textContent;
  if (!text) return absent;
  const raw: unknown = JSON.parse(text);
  if (typeof raw !== "object" || raw === null) return absent;
  const field = (key: keyof Boot): string => {
    const value: unknown = (raw as Record<string, unknown>)[key];
    return typeof value === "string" ? value : absent[key];
  };
  return { prefix: field("prefix").replace(/\/+$/, ""), version: field("version"), nonce: field("nonce") };
}

/** The boot data of this page. */
export const boot: Boot = typeof document === "undefined" ? absent : readBoot(document);
