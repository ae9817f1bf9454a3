/** A text as it stands between tags or in an attribute; what XML cannot hold becomes a replacement character. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#xA;");
}

export type XmlAttributes = Readonly<Record<string, string | number>>;

/** An element whose content is XML already. */
export function xmlElement(name: string, attributes: XmlAttributes, content: readonly string[] = []): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(String(value))}"`);
  if (content.length === 0) return `<${name}${list.join("")}/>`;
  const inner = content.join("\n");
  return inner.startsWith("<") ? `<${name}${list.join("")}>\n${inner}\n</${name}>` : `<${name}${list.join("")}>${inner}</${name}>`;
}
