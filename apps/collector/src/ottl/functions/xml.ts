import type { Attr, Document, Element, Node } from "@xmldom/xmldom";

import { StatementError, type Value, type ValueMap } from "../value.ts";
import { ATTRIBUTE, attributesOf, CDATA, COMMENT, childrenOf, DOCUMENT, ELEMENT, parseXml, printXml, TEXT } from "../xml/document.ts";
import { selector } from "../xml/xpath.ts";
import { constantString, define, type FunctionDefinition, optional, string } from "./function.ts";

/** Converters of XML. */
export const xmlFunctions: readonly FunctionDefinition[] = [
  define("ParseXML", { target: string }, ({ target }) => (frame) => {
    const root = rootOf(parse(target.get(frame), "unmarshal xml: "));
    return elementMap(root);
  }),

  define(
    "ParseSimplifiedXML",
    { target: string },
    ({ target }) =>
      (frame) =>
        simplified(parse(target.get(frame))),
  ),

  define("GetXML", { target: string, x_path: constantString }, ({ target, x_path: path }) => {
    const select = selector(path);
    return (frame) => {
      const text = target.get(frame);
      if (text === "") return "";
      const nodes = select(parse(text));
      return nodes
        .map((node) => {
          if (node.nodeType === ELEMENT || node.nodeType === TEXT) return printXml([node]);
          if (node.nodeType === ATTRIBUTE || node.nodeType === CDATA) return escapedText(node, node.nodeValue ?? "");
          return "";
        })
        .join("");
    };
  }),

  define("RemoveXML", { target: string, x_path: constantString }, ({ target, x_path: path }) => {
    const select = selector(path);
    return (frame) => {
      const text = target.get(frame);
      if (text === "") return "";
      const document = parse(text);
      for (const node of select(document)) {
        if (node.nodeType === ATTRIBUTE) (node as Attr).ownerElement?.removeAttributeNode(node as Attr);
        else if ([ELEMENT, TEXT, COMMENT, CDATA].includes(node.nodeType)) node.parentNode?.removeChild(node);
      }
      return printXml([document]);
    };
  }),

  define("InsertXML", { target: string, x_path: constantString, sub_document: string }, ({ target, x_path: path, sub_document: sub }) => {
    const select = selector(path);
    return (frame) => {
      const document = parse(target.get(frame));
      const addition = parse(sub.get(frame));
      const faults: string[] = [];
      for (const node of select(document)) {
        if (node.nodeType === ELEMENT) for (const child of childrenOf(addition)) node.appendChild(document.importNode(child, true));
        else if (node.nodeType === DOCUMENT) appended.set(document, [...(appended.get(document) ?? []), ...childrenOf(addition)]);
        else faults.push(`InsertXML XPath selected non-element: ${JSON.stringify(node.nodeName)}`);
      }
      if (faults.length > 0) throw new StatementError(faults.join("\n"));
      return printXml([document, ...(appended.get(document) ?? [])]);
    };
  }),

  define("ConvertAttributesToElementsXML", { target: string, x_path: optional(constantString) }, ({ target, x_path: path = "" }) => {
    const select = selector(path === "" ? "//@*" : path);
    return (frame) => {
      const document = parse(target.get(frame));
      for (const node of select(document)) {
        const owner = node.nodeType === ATTRIBUTE ? (node as Attr).ownerElement : null;
        if (owner === null) continue;
        const element = document.createElement(node.nodeName);
        element.appendChild(document.createTextNode(node.nodeValue ?? ""));
        owner.appendChild(element);
        owner.removeAttributeNode(node as Attr);
      }
      return printXml([document]);
    };
  }),

  define(
    "ConvertTextToElementsXML",
    { target: string, x_path: optional(constantString), element_name: optional(constantString) },
    ({ target, x_path: path = "", element_name: name = "" }) => {
      const select = selector(path === "" ? "/" : path);
      return (frame) => {
        const document = parse(target.get(frame));
        for (const node of select(document)) wrapTexts(document, node, name === "" ? "value" : name);
        return printXml([document]);
      };
    },
  ),
];

/** What is put beside the root of a document, where the DOM allows no second element. */
const appended = new WeakMap<Document, Node[]>();

function parse(text: string, prefix = "parse xml: "): Document {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof StatementError) throw new StatementError(error.message.replace(/^parse xml: /, prefix));
    throw error;
  }
}

function rootOf(document: Document): Element {
  const root = document.documentElement;
  if (root === null) throw new StatementError("unmarshal xml: EOF");
  return root;
}

function escapedText(node: Node, text: string): string {
  const document = node.nodeType === DOCUMENT ? (node as Document) : (node.ownerDocument as Document);
  return printXml([document.createTextNode(text)]);
}

/** tag, content, attributes and children of an element. */
function elementMap(element: Element): ValueMap {
  const children: Value[] = [];
  let content = "";
  for (const child of childrenOf(element)) {
    if (child.nodeType === ELEMENT) children.push(elementMap(child as Element));
    else if (child.nodeType === TEXT || child.nodeType === CDATA) content += trimSpace(child.nodeValue ?? "");
  }
  const map: ValueMap = new Map([["tag", element.localName ?? element.nodeName]]);
  if (content !== "") map.set("content", content);
  const attributes = attributesOf(element);
  if (attributes.length > 0)
    map.set(
      "attributes",
      new Map(attributes.map((attribute) => [(attribute as Attr).localName ?? attribute.nodeName, attribute.nodeValue ?? ""])),
    );
  if (children.length > 0) map.set("children", children);
  return map;
}

function trimSpace(text: string): string {
  return text.trim();
}

/** Elements as maps and their text as values; those of one name are a list; attributes and text beside elements are left out. */
function simplified(parent: Node): ValueMap {
  const elements = childrenOf(parent).filter((child) => child.nodeType === ELEMENT);
  const counts = new Map<string, number>();
  for (const { nodeName } of elements) counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
  const map: ValueMap = new Map();
  for (const element of elements) {
    if (element.firstChild === null) continue;
    const name = element.nodeName;
    const isList = (counts.get(name) ?? 0) > 1;
    if (isList && !map.has(name)) map.set(name, []);
    const text = leafText(element);
    const value = text === "" ? simplified(element) : text;
    if (value instanceof Map && value.size === 0) continue;
    if (isList) (map.get(name) as Value[]).push(value);
    else map.set(name, value);
  }
  return map;
}

function leafText(element: Node): string {
  const children = childrenOf(element);
  if (children.some((child) => child.nodeType === ELEMENT)) return "";
  return children.find((child) => child.nodeType === TEXT || child.nodeType === CDATA)?.nodeValue ?? "";
}

/** Puts text that stands beside elements or other text into elements of its own. */
function wrapTexts(document: Document, parent: Node, name: string): void {
  if (parent.nodeType !== ELEMENT && parent.nodeType !== DOCUMENT) return;
  const children = childrenOf(parent);
  for (const child of children) wrapTexts(document, child, name);
  const texts = children.filter((child) => child.nodeType === TEXT);
  const elements = children.filter((child) => child.nodeType === ELEMENT);
  if (texts.length === 0 || texts.length + elements.length <= 1) return;
  for (const text of texts) {
    const element = document.createElement(name);
    parent.replaceChild(element, text);
    element.appendChild(text);
  }
}
