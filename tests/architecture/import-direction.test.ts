import assert from "node:assert/strict";
import { builtinModules } from "node:module";
import { test } from "node:test";
import { cyclesOf, type Import, importsOf } from "./imports.ts";
import { closed, layers, packages } from "./layers.ts";
import { isForTests, sources, textOf, trackedFiles } from "./tree.ts";

const collector = "apps/collector/src/";
const imports = sources.flatMap((path) => importsOf(path, textOf(path)));
const inProduct = imports.filter(({ from }) => !isForTests(from));

const say = ({ from, specifier }: Import) => `${from} imports ${specifier}`;
const layerOf = (path: string) => path.slice(collector.length).split("/")[0] ?? "";
const partOf = (path: string) => path.split("/", path.startsWith("values-schema/") ? 1 : 2).join("/");

test("the collector's folders import only what lies below them", () => {
  const wrong = inProduct.filter(({ from, to, isType }) => {
    if (!from.startsWith(collector) || !to?.startsWith(collector)) return false;
    const [own, other] = [layerOf(from), layerOf(to)];
    if (own === other || layers[own]?.includes(other)) return false;
    return !isType || closed.has(other) || own === "bytes";
  });
  assert.deepEqual(wrong.map(say), []);
});

test("every folder of the collector has its place among the layers", () => {
  const unknown = new Set(sources.filter((path) => path.startsWith(collector)).map(layerOf)).difference(new Set(Object.keys(layers)));
  assert.deepEqual([...unknown], [], "say in layers.ts what these may import");
});

test("a component imports no other component", () => {
  const roots = trackedFiles
    .filter((path) => /\/components\/.*\/component\.ts$/.test(path))
    .map((path) => path.slice(0, -"component.ts".length));
  const wrong = imports.filter(({ from, to }) => {
    const own = roots.find((folder) => from.startsWith(folder));
    return own !== undefined && to?.startsWith(`${collector}components/`) && !to.startsWith(own);
  });
  assert.deepEqual(wrong.map(say), []);
});

test("only commands know the list of all components", () => {
  const wrong = inProduct.filter(
    ({ from, to }) => to?.endsWith("registry.generated.ts") && !from.startsWith(`${collector}commands/`) && !from.startsWith("ci/"),
  );
  assert.deepEqual(wrong.map(say), []);
});

test("apps and packages reach each other through packages' front doors, downwards", () => {
  const wrong = inProduct.filter(({ from, to, specifier }) => {
    const part = partOf(from);
    const allowed = packages[part];
    if (allowed === undefined) return false;
    if (to !== undefined) return partOf(to) !== part;
    return specifier.startsWith("@invar/") && !allowed.includes(specifier);
  });
  assert.deepEqual(wrong.map(say), []);
});

test("a part uses only packages that its package.json lists", () => {
  const wrong = imports.filter(({ from, to, specifier }) => {
    if (to !== undefined || specifier.startsWith("node:")) return false;
    const part = partOf(from) in packages ? partOf(from) : "";
    const { dependencies = {}, devDependencies = {} } = JSON.parse(textOf(part === "" ? "package.json" : `${part}/package.json`));
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    // Tests run in the workspace, so the root's tools are there for them; the pages are bundled with what they use.
    const usable =
      isForTests(from) || part === "" || from.startsWith(`${collector}ui/`)
        ? { ...dependencies, ...devDependencies, ...JSON.parse(textOf("package.json")).devDependencies }
        : dependencies;
    return !(name in usable);
  });
  assert.deepEqual(wrong.map(say), []);
});

test("Node's own modules are imported with node: before them, and files with .ts at the end", () => {
  const bare = new Set(builtinModules);
  const wrong = imports.filter(
    ({ to, specifier }) => (!specifier.startsWith("node:") && bare.has(specifier)) || (to !== undefined && !/\.(tsx?|css|json)$/.test(to)),
  );
  assert.deepEqual(wrong.map(say), []);
});

test("no file is imported that is not there", () => {
  const known = new Set(trackedFiles);
  const wrong = imports.filter(({ to }) => to !== undefined && !known.has(to) && !to.endsWith(".generated.ts"));
  assert.deepEqual(wrong.filter(({ from }) => !from.endsWith(".test.ts")).map(say), []);
});

test("no modules import each other in a circle", () => {
  const edges = new Map<string, string[]>(sources.map((path) => [path, []]));
  for (const { from, to, isType } of imports) if (!isType && to !== undefined && edges.has(to)) edges.get(from)?.push(to);
  assert.deepEqual(cyclesOf(edges), []);
});

test("cycles are found and named once", () => {
  const edges = (text: string) => new Map(text.split(" ").map((pair) => [pair[0] ?? "", [...pair.slice(2)]]));
  assert.deepEqual(cyclesOf(edges("a>b b>c c>")), []);
  assert.deepEqual(cyclesOf(edges("a>b b>c c>a")), ["a -> b -> c -> a"]);
  assert.deepEqual(cyclesOf(edges("a>a b>a")), ["a -> a"]);
  assert.deepEqual(cyclesOf(edges("a>bc b>d c>d d>")), []);
});

test("imports are read in all their forms", () => {
  const text =
    'import { a } from "./a.ts";\nimport type {\n  B,\n} from "../b.ts";\nexport * from "./c.ts";\nimport "./d.ts";\nconst e = await import("./e.ts");\n';
  assert.deepEqual(
    importsOf("x/y.ts", text).map(({ to, isType }) => `${to}${isType ? " type" : ""}`),
    ["x/a.ts", "b.ts type", "x/c.ts", "x/d.ts", "x/e.ts"],
  );
});
