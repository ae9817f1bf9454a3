import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { test } from "node:test";
import { foldersOf, sources, textOf, trackedFiles } from "./tree.ts";

const namesNothing = new Set(["util", "utils", "common", "helper", "helpers", "shared", "lib", "misc"]);

test("every folder has a name that says what is in it", () => {
  // Charts to compare with Helm are named as charts are, `lib` among them.
  const ours = trackedFiles.filter((path) => !path.startsWith("tests/conformance/helm/charts/"));
  const wrong = [...foldersOf(ours)].filter((folder) => namesNothing.has(basename(folder)));
  assert.deepEqual(wrong, []);
});

test("source files are named in kebab-case, components' folders as users write them", () => {
  const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|cluster|bench|suite|property|fuzz|generated|d|config))*\.tsx?$/;
  assert.deepEqual(
    sources.filter((path) => !name.test(basename(path))),
    [],
  );
});

test("a component's folder is its name", () => {
  const components = "apps/collector/src/components/";
  const wrong = trackedFiles
    .filter((path) => path.startsWith(components) && basename(path) === "component.ts")
    .filter((path) => !textOf(path).includes(`"${dirname(path).slice(components.length).replaceAll("/", ".")}"`));
  assert.deepEqual(wrong, [], "its definition does not carry the name that its path spells");
});

test("index.ts is a package's front door and nothing else", () => {
  const wrong = sources.filter(
    (path) => basename(path) === "index.ts" && !/^((packages|apps)\/[^/]+|values-schema)\/src\/index\.ts$/.test(path),
  );
  assert.deepEqual(wrong, []);
});

test("exports are named", () => {
  const wrong = sources.filter((path) => !/\.config\.ts$/.test(path) && /^export default\b/m.test(textOf(path)));
  assert.deepEqual(wrong, []);
});

test("no source file is longer than an automaton may be", () => {
  const limit = 1000;
  const wrong = sources
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => ({ path, lines: textOf(path).split("\n").length }))
    .filter(({ lines }) => lines > limit);
  assert.deepEqual(wrong, [], "split it by meaning");
});
