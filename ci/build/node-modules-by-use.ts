import { isBuiltin } from "node:module";
import { type Plugin, RUNTIME_MODULE_ID } from "rolldown";

/**
 * Takes Node's own modules by `process.getBuiltinModule` instead of `import`. An import reads every export there is, and among those of
 * node:http are some that load all of `fetch`: 50 ms of each start.
 */
export function nodeModulesByUse(): Plugin {
  const mark = "\0by-use:";
  return {
    name: "node-modules-by-use",
    resolveId: (source, importer) => (isOurs(importer) && isBuiltin(source) ? mark + source : undefined),
    load: (id) => {
      if (!id.startsWith(mark)) return undefined;
      const name = id.slice(mark.length);
      const exports = Object.keys(process.getBuiltinModule(name) ?? {}).filter((key) => key !== "default" && /^[\w$]+$/.test(key));
      return [
        `const it = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(name)});`,
        "export default it;",
        // What nobody imports is left out of the bundle, its getter never called.
        ...exports.map((key) => `const ${key}_ = it.${key}; export { ${key}_ as ${key} };`),
      ].join("\n");
    },
  };
}

// CommonJS packages call require(), which reads nothing but what they ask for.
function isOurs(importer: string | undefined): boolean {
  return importer !== undefined && !importer.includes("/node_modules/") && importer !== RUNTIME_MODULE_ID;
}
