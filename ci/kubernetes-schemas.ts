import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

// Writes the schemas of Kubernetes' objects that the renderer's lint carries, from the OpenAPI documents of the Go module
// k8s.io/kubernetes. Needs Go and a module proxy; run it when a new minor version is out: node ci/kubernetes-schemas.ts

const MODULE = "k8s.io/kubernetes";
const OLDEST_MINOR = 28;
// The module's list of versions leaves this one out.
const UNLISTED = ["v1.28.15"];
const OUTPUT = fileURLToPath(new URL("../apps/chart-renderer/src/checks/kubernetes/schemas.json.br", import.meta.url));

interface OpenApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly "x-kubernetes-group-version-kind"?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

type Definitions = Readonly<Record<string, OpenApiSchema>>;

const folder = mkdtempSync(join(tmpdir(), "kubernetes-schemas-"));
writeFileSync(join(folder, "go.mod"), "module schemas\n\ngo 1.24\n");

function go(...args: readonly string[]): string {
  return execFileSync("go", args, { cwd: folder, encoding: "utf8", env: { ...process.env, GOFLAGS: "-mod=mod" } });
}

/** The newest patch of each minor version. */
function versions(): string[] {
  const newest = new Map<number, string>();
  for (const version of [...UNLISTED, ...go("list", "-m", "-versions", MODULE).split(/\s+/)]) {
    const [, minor, patch] = (/^v1\.(\d+)\.(\d+)$/.exec(version) ?? []).map(Number);
    if (minor === undefined || patch === undefined || minor < OLDEST_MINOR) continue;
    const before = Number(newest.get(minor)?.split(".")[2] ?? -1);
    if (patch > before) newest.set(minor, version);
  }
  return [...newest.keys()].sort((a, b) => a - b).map((minor) => newest.get(minor) as string);
}

function definitionsOf(version: string): Definitions {
  const { Dir } = JSON.parse(go("mod", "download", "-json", `${MODULE}@${version}`)) as { Dir: string };
  const document = JSON.parse(readFileSync(join(Dir, "api/openapi-spec/swagger.json"), "utf8")) as { definitions: Definitions };
  return document.definitions;
}

const names: string[] = [];
const kinds: Record<string, number> = {};
const variants: Map<string, number>[] = [];

function indexOf(name: string): number {
  const known = names.indexOf(name);
  if (known >= 0) return known;
  variants.push(new Map());
  return names.push(name) - 1;
}

// Texts that number types also take.
const EITHER = new Set(["io.k8s.apimachinery.pkg.api.resource.Quantity", "io.k8s.apimachinery.pkg.util.intstr.IntOrString"]);

/** s, i, n, b; q for text or number; * for anything; [x list, {x map, @N the definition of that number. */
function notation(schema: OpenApiSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/definitions/", "");
    return EITHER.has(name) ? "q" : `@${indexOf(name)}`;
  }
  switch (schema.type) {
    case "string":
      return schema.format === "int-or-string" ? "q" : "s";
    case "integer":
      return "i";
    case "number":
      return "n";
    case "boolean":
      return "b";
    case "array":
      return `[${notation(schema.items ?? {})}`;
    default:
      return schema.additionalProperties === undefined ? "*" : `{${notation(schema.additionalProperties)}`;
  }
}

function definitionText(schema: OpenApiSchema): string {
  if (schema.properties === undefined) return JSON.stringify(notation(schema));
  const fields = Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, notation(field)]));
  return JSON.stringify(schema.required === undefined ? [fields] : [fields, schema.required]);
}

const found = versions();
found.forEach((version, place) => {
  for (const [name, schema] of Object.entries(definitionsOf(version))) {
    const own = variants[indexOf(name)] as Map<string, number>;
    const text = definitionText(schema);
    own.set(text, (own.get(text) ?? 0) | (1 << place));
    for (const { group, version: api, kind } of schema["x-kubernetes-group-version-kind"] ?? []) {
      // Options of requests bear the versions of all groups; they are no objects.
      if (!/(?:Options|Status|WatchEvent)$/.test(name)) kinds[`${group === "" ? "" : `${group}/`}${api}/${kind}`] = indexOf(name);
    }
  }
});

const document = {
  versions: found.map((version) => version.split(".").slice(0, 2).join(".").slice(1)),
  kinds,
  definitions: variants.map((own) => [...own].map(([text, mask]) => [mask, JSON.parse(text) as unknown])),
};
const compressed = brotliCompressSync(JSON.stringify(document), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
writeFileSync(OUTPUT, compressed);
process.stdout.write(`${found.join(" ")}: ${Object.keys(kinds).length} kinds, ${compressed.length} bytes\n`);
