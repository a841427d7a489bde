import createDOMPurify, { type DOMPurify } from "dompurify";

// What text may look like. Nothing that moves it out of its panel, loads something or listens.
const properties = new Set([
  "color", "background-color", "font-size", "font-weight", "font-style", "font-family", "text-align", "text-decoration", "text-transform", "line-height",
  "letter-spacing", "white-space", "vertical-align", "width", "height", "min-width", "min-height", "max-width", "max-height",
  "margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
  "border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style", "border-width", "border-radius", "border-collapse",
  "display", "flex", "flex-direction", "flex-wrap", "flex-grow", "gap", "align-items", "justify-content", "grid-template-columns", "list-style-type", "opacity",
]); // prettier-ignore

const forbidden = ["script", "style", "iframe", "object", "embed", "form", "input", "button", "select", "textarea", "link", "meta", "base", "svg", "math", "video", "audio", "source", "template"];

let purifier: DOMPurify | undefined;

/**
 * HTML of a dashboard without what could do more than be read: no script, no handlers, of styles only what concerns looks,
 * links that do not hand over this page. Pictures from elsewhere become links to them: to load one would tell its server who
 * looks at the dashboard.
 */
export function sanitise(html: string): string {
  purifier ??= makePurifier();
  return purifier.sanitize(html, { FORBID_TAGS: forbidden, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: true, FORBID_ATTR: ["srcset", "ping", "background", "id", "name", "class", "tabindex", "autofocus", "accesskey"] });
}

function makePurifier(): DOMPurify {
  const made = createDOMPurify(window);
  made.addHook("afterSanitizeAttributes", (node) => {
    const style = node.getAttribute("style");
    if (style !== null) keepStyle(node, style);
    if (node.tagName === "A") {
      node.setAttribute("rel", "noopener noreferrer");
      if (/^https?:/i.test(node.getAttribute("href") ?? "")) node.setAttribute("target", "_blank");
    }
    if (node.tagName === "IMG" && !/^data:image\/(png|jpe?g|gif|webp)[;,]/i.test(node.getAttribute("src") ?? "")) blockPicture(node);
  });
  return made;
}

function keepStyle(node: Element, style: string): void {
  const kept = style.split(";").flatMap((declaration) => {
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    // No value that loads, and no comment or escape that could hide one.
    return colon > 0 && properties.has(property) && !/url\s*\(|image|expression|javascript:|[\\<>@{}]|\/\*/i.test(value) ? [`${property}: ${value}`] : [];
  });
  if (kept.length > 0) node.setAttribute("style", kept.join("; "));
  else node.removeAttribute("style");
}

function blockPicture(node: Element): void {
  const source = node.getAttribute("src") ?? "";
  const text = node.getAttribute("alt") || source || "picture";
  const link = node.ownerDocument.createElement(/^https?:/i.test(source) ? "a" : "span");
  link.textContent = `Picture: ${text}`;
  if (link.tagName === "A") {
    link.setAttribute("href", source);
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  node.replaceWith(link);
}
