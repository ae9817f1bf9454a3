import { DOMParser, type Document, type Element, type Node, ParseError } from "@xmldom/xmldom";
import { StatementError } from "../value.ts";

export const ELEMENT = 1;
export const ATTRIBUTE = 2;
export const TEXT = 3;
export const CDATA = 4;
const INSTRUCTION = 7;
export const COMMENT = 8;
export const DOCUMENT = 9;
const DOCTYPE = 10;

/** Deeper documents are refused, as by the incumbent's parser. */
const MAX_DEPTH = 10_000;

/** Reads XML strictly. Throws `StatementError`. */
export function parseXml(text: string): Document {
  const fail = (message: string): StatementError => new StatementError(`parse xml: ${message}`);
  let depth = 0;
  for (const tag of text.matchAll(/<(\/?)[A-Za-z_][^>]*?(\/?)>/g)) {
    if (tag[1] === "/") depth--;
    else if (tag[2] !== "/" && ++depth > MAX_DEPTH) throw fail(`exceeded maximum XML nesting depth of ${MAX_DEPTH}`);
  }
  const parser = new DOMParser({
    locator: false,
    onError: (level, message) => {
      if (level !== "warning") throw fail(message);
    },
  });
  try {
    return parser.parseFromString(text, "text/xml");
  } catch (error) {
    if (error instanceof StatementError) throw error;
    if (error instanceof ParseError || error instanceof Error) throw fail(error.message);
    throw error;
  }
}

/** The nodes as text: elements without content keep an end tag, five characters are escaped. */
export function printXml(nodes: readonly Node[]): string {
  return nodes.map(print).join("");
}

/** The nodes of a list, which may change while they are gone through. */
export function childrenOf(node: Node): Node[] {
  return Array.from({ length: node.childNodes.length }, (_, i) => node.childNodes[i] as Node);
}

export function attributesOf(element: Element): Node[] {
  return Array.from({ length: element.attributes.length }, (_, i) => element.attributes.item(i) as Node);
}

function print(node: Node): string {
  switch (node.nodeType) {
    case ELEMENT: {
      const attributes = attributesOf(node as Element).map((attribute) => ` ${attribute.nodeName}="${escaped(attribute.nodeValue ?? "")}"`);
      return `<${node.nodeName}${attributes.join("")}>${printXml(childrenOf(node))}</${node.nodeName}>`;
    }
    case TEXT:
      return escaped(node.nodeValue ?? "");
    case CDATA:
      return `<![CDATA[${node.nodeValue ?? ""}]]>`;
    case COMMENT:
      return `<!--${node.nodeValue ?? ""}-->`;
    case INSTRUCTION: {
      const content = node.nodeValue ?? "";
      return `<?${node.nodeName}${content === "" ? "" : ` ${content}`}?>`;
    }
    case DOCTYPE:
      return `<!DOCTYPE ${node.nodeName}>`;
    case DOCUMENT:
      return printXml(childrenOf(node));
    default:
      return "";
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
