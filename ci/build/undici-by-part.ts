import { dirname, join } from "node:path";
import type { Plugin } from "rolldown";

/** Where undici keeps what we import from it. A name that is not here fails the build: add it. */
const parts: Readonly<Record<string, string>> = {
  Agent: "lib/dispatcher/agent.js",
  Client: "lib/dispatcher/client.js",
  Pool: "lib/dispatcher/pool.js",
  ProxyAgent: "lib/dispatcher/proxy-agent.js",
  buildConnector: "lib/core/connect.js",
  errors: "lib/core/errors.js",
};

/** Takes undici's dispatchers without its index, which loads fetch, WebSocket, mocks and caches as well: a third of all code at the start. */
export function undiciByPart(index: string): Plugin {
  const id = "\0undici-by-part";
  const file = (name: string) => JSON.stringify(join(dirname(index), name));
  const code = [
    `import dispatcher from ${file("lib/dispatcher/dispatcher.js")};`,
    `import api from ${file("lib/api/index.js")};`,
    // As the index does: gives dispatchers request(), stream() and the like.
    "Object.assign(dispatcher.prototype, api);",
    "export const Dispatcher = dispatcher;",
    ...Object.entries(parts).map(([name, path]) => `export { default as ${name} } from ${file(path)};`),
  ].join("\n");
  return {
    name: "undici-by-part",
    resolveId: (source, importer) => (source === "undici" && !importer?.includes("/node_modules/") ? id : undefined),
    load: (source) => (source === id ? code : undefined),
  };
}
