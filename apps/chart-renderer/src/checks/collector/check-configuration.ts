import { type Attribute, type Block, type Body, blockName, nearest, parse, position, referencesIn } from "@invar/alloy-syntax";
import { type CatalogueArgument, catalogue, type Inside } from "./catalogue.ts";

export interface ConfigurationProblem {
  /** Counts from 1. */
  readonly line: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix?: string;
}

/** Everything that can be said of a configuration without the collector: syntax, names, arguments, references. */
export function checkConfiguration(text: string): ConfigurationProblem[] {
  const source = { name: "config", text };
  const { file, diagnostics } = parse(source);
  const problems: Placed[] = diagnostics.map(({ span, severity, message, hint }) => ({
    start: span.start,
    severity,
    message,
    ...(hint === undefined ? {} : { fix: hint }),
  }));
  // What could not be read would be missed in vain.
  if (problems.length === 0) checkModule(file.body, new Map(), problems);
  return problems.sort((a, b) => a.start - b.start).map(({ start, ...rest }) => ({ line: position(source, start).line, ...rest }));
}

interface Placed {
  readonly start: number;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix?: string;
}

// Blocks of the language itself and of the process; the collector checks what is in them.
const OWN_BLOCKS = new Set(["argument", "export", "declare", "foreach", "logging", "tracing", "http", "remotecfg", "livedebugging"]);

/** A file, or the body of a declare: it sees what it and those around it declare, and the components of its own. */
function checkModule(body: Body, outer: ReadonlyMap<string, "declared" | "imported">, problems: Placed[]): void {
  const names = new Map(outer);
  for (const block of blocksIn(body)) {
    const name = blockName(block);
    if (name === "declare" && block.label !== undefined) names.set(block.label.text, "declared");
    if (name.startsWith("import.") && block.label !== undefined) names.set(block.label.text, "imported");
  }
  const components = new Set<string>();
  for (const block of blocksIn(body)) {
    const name = blockName(block);
    components.add(block.label === undefined ? name : `${name}.${block.label.text}`);
    if (name === "declare" || name === "foreach") checkModule(templateOf(block), names, problems);
    else if (!OWN_BLOCKS.has(name) && !name.startsWith("import.")) checkComponent(block, name, names, problems);
  }
  checkReferences(body, components, problems);
}

function blocksIn(body: Body): Block[] {
  return body.filter((statement) => statement.kind === "block");
}

function templateOf(block: Block): Body {
  if (blockName(block) === "declare") return block.body;
  return blocksIn(block.body).find((inner) => blockName(inner) === "template")?.body ?? [];
}

function checkComponent(block: Block, name: string, names: ReadonlyMap<string, string>, problems: Placed[]): void {
  const definition = catalogue().get(name);
  if (definition === undefined) {
    if (names.has(name) || names.get(name.split(".")[0] as string) === "imported") return;
    const meant = nearest(name, [...catalogue().keys(), ...names.keys()]);
    problems.push({
      start: block.start,
      severity: "warning",
      message: `the collector has no component ${name}`,
      fix: meant === undefined ? "declare it, or use one that `invar catalogue` lists" : `write ${meant}`,
    });
    return;
  }
  if (block.label === undefined)
    problems.push({ start: block.start, severity: "error", message: `${name} needs a label`, fix: `write ${name} "name" {` });
  checkInside(block, name, definition, problems);
}

function checkInside(block: Block, owner: string, inside: Inside, problems: Placed[]): void {
  const { arguments: known = [], blocks = [] } = inside;
  const given = new Set<string>();
  for (const statement of block.body) {
    if (statement.kind === "attribute") {
      given.add(statement.name.text);
      checkArgument(statement, owner, known, blocks, problems);
      continue;
    }
    const name = blockName(statement);
    given.add(name);
    // Blocks whose name's last part is free (`stage.json`) are listed one by one; what holds itself is as its owner.
    const definition = blocks.find((candidate) => candidate.name === name);
    if (definition === undefined) {
      const meant = nearest(name, [...blocks.map((one) => one.name), ...known.map((one) => one.name)]);
      problems.push({
        start: statement.start,
        severity: "error",
        message: `${owner} has no block ${name}`,
        ...(meant === undefined ? {} : { fix: `write ${meant}` }),
      });
    } else if (definition.recursive !== true) checkInside(statement, `${owner} > ${name}`, definition, problems);
  }
  for (const { name, required } of known) {
    if (required === true && !given.has(name)) {
      problems.push({ start: block.start, severity: "error", message: `${owner} needs the argument ${name}`, fix: `write ${name} = …` });
    }
  }
}

function checkArgument(
  attribute: Attribute,
  owner: string,
  known: readonly CatalogueArgument[],
  blocks: NonNullable<Inside["blocks"]>,
  problems: Placed[],
): void {
  const name = attribute.name.text;
  const definition = known.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    const isBlock = blocks.some((block) => block.name === name);
    const meant = isBlock
      ? undefined
      : nearest(
          name,
          known.map((one) => one.name),
        );
    const fix = isBlock ? `write it as a block: ${name} { … }` : meant === undefined ? undefined : `write ${meant}`;
    problems.push({
      start: attribute.start,
      severity: "error",
      message: `${owner} has no argument ${name}`,
      ...(fix === undefined ? {} : { fix }),
    });
    return;
  }
  const { value } = attribute;
  if (value.kind !== "literal") return;
  if (definition.values !== undefined && typeof value.value === "string" && !definition.values.includes(value.value)) {
    const meant = nearest(value.value, definition.values);
    problems.push({
      start: value.start,
      severity: "error",
      message: `${name} of ${owner} is one of ${definition.values.join(", ")}, not ${value.text}`,
      ...(meant === undefined ? {} : { fix: `write "${meant}"` }),
    });
  }
  const wanted = LITERALS[definition.type];
  if (wanted !== undefined && value.value !== null && !wanted.includes(typeof value.value)) {
    problems.push({
      start: value.start,
      severity: "error",
      message: `${name} of ${owner} is of the type ${definition.type}, not ${value.text}`,
    });
  }
}

// Only where one type alone is taken: the language converts many others.
const LITERALS: Readonly<Record<string, readonly string[]>> = { bool: ["boolean"], duration: ["string"] };

function checkReferences(body: Body, components: ReadonlySet<string>, problems: Placed[]): void {
  const own = body.filter((statement) => statement.kind === "attribute" || !["declare", "foreach"].includes(blockName(statement)));
  for (const { path, start } of referencesIn(own)) {
    const parts = path.map(({ text }) => text);
    const name = [3, 2, 1].map((length) => parts.slice(0, length).join(".")).find((prefix) => catalogue().has(prefix));
    const label = name === undefined ? undefined : parts[name.split(".").length];
    if (name === undefined || label === undefined || components.has(`${name}.${label}`)) continue;
    const meant = nearest(`${name}.${label}`, components);
    problems.push({
      start,
      severity: "error",
      message: `there is no ${name} with the label ${label}`,
      ...(meant === undefined ? {} : { fix: `write ${meant}` }),
    });
  }
}
