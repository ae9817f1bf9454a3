import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

// Writes the files that are derived from the tree, or those below the folders that are named; with --check, only says which are out of
// date.

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const componentsFolder = join(root, "apps/collector/src/components");

/** The list of components, from the folders that hold one. */
function registry(): string {
  const folders = findComponents(componentsFolder).map((file) => relative(componentsFolder, dirname(file)));
  return [
    "// Generated from the folders below by ci/generate.ts. Do not edit.",
    'import { createRequire } from "node:module";',
    'import type { Definition } from "../component/definition.ts";',
    "",
    "const load = createRequire(import.meta.url);",
    "",
    "/** Every component by its name, in that order. Its code is read when it is first asked for. */",
    "export const components: Readonly<Record<string, () => Definition>> = {",
    ...folders.map((folder) => `  "${folder.replaceAll("/", ".")}": () => load("./${folder}/component.ts").component,`),
    "};",
    "",
  ].join("\n");
}

function findComponents(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return findComponents(path);
      return name === "component.ts" ? [path] : [];
    });
}

/** What `invar catalogue` writes, without what is for people: the renderer's lint checks configurations with it. */
async function catalogue(): Promise<string> {
  const { catalogueOf } = await import("../apps/collector/src/commands/catalogue.ts");
  const { components } = catalogueOf();
  return `{"components":[\n${components.map((component) => JSON.stringify(forLint(component))).join(",\n")}\n]}\n`;
}

type Written = Readonly<Record<string, unknown>>;

function forLint({ name, arguments: own, blocks, recursive }: Written): Written {
  const listed = (list: unknown, form: (one: Written) => Written): Written[] =>
    Array.isArray(list) ? list.map((one) => form(one as Written)) : [];
  const args = listed(own, ({ name: argument, type, values, required }) => ({
    name: argument,
    type,
    ...(values === undefined ? {} : { values }),
    ...(required === true ? { required } : {}),
  }));
  const inner = listed(blocks, forLint);
  return {
    name,
    ...(args.length === 0 ? {} : { arguments: args }),
    ...(inner.length === 0 ? {} : { blocks: inner }),
    ...(recursive === undefined ? {} : { recursive }),
  };
}

/** What the chart has to know of components: how stable they are where that is not the most, and what they need of the API server. */
async function needs(): Promise<string> {
  const { catalogueOf } = await import("../apps/collector/src/commands/catalogue.ts");
  const { components } = catalogueOf();
  const known = components.flatMap((one) => {
    const { name, stability, needs: needed } = one as Written & { needs?: { kubernetes?: unknown } };
    const { kubernetes } = needed ?? {};
    if (stability === "generally-available" && kubernetes === undefined && name !== "loki.source.journal") return [];
    return [[name, { stability, ...(kubernetes === undefined ? {} : { kubernetes }) }]];
  });
  return `${JSON.stringify(Object.fromEntries(known))}\n`;
}

/** Which of Helm's functions are implemented and tested. */
async function functions(): Promise<string> {
  return (await import("../tests/conformance/helm/function-table.ts")).functionTable();
}

/** What the chart takes from the description of its values. */
async function values(): Promise<typeof import("../values-schema/src/index.ts")> {
  return await import("../values-schema/src/index.ts");
}

const isCheck = process.argv.includes("--check");
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
let stale = 0;
// In this order: the catalogue is made of what the registry lists.
for (const { path, make } of [
  { path: join(componentsFolder, "registry.generated.ts"), make: registry },
  { path: join(root, "apps/chart-renderer/src/checks/collector/catalogue.json"), make: catalogue },
  { path: join(root, "tests/conformance/helm/functions.md"), make: functions },
  { path: join(root, "chart/values.schema.json"), make: async () => `${JSON.stringify((await values()).valuesSchema())}\n` },
  { path: join(root, "docs/values.md"), make: async () => (await values()).valuesReference() },
  { path: join(root, "chart/files/needs.json"), make: needs },
  { path: join(root, "chart/files/defaults.json"), make: async () => `${JSON.stringify((await values()).chartDefaults())}\n` },
]) {
  if (folders.length > 0 && !folders.some((folder) => relative(root, path).startsWith(folder))) continue;
  const content = await make();
  const before = statSync(path, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(path, "utf8");
  if (before === content) continue;
  if (isCheck) {
    stale++;
    process.stderr.write(`${relative(root, path)} is out of date: run node ci/generate.ts\n`);
  } else writeFileSync(path, content);
}
process.exitCode = stale === 0 ? 0 : 1;
