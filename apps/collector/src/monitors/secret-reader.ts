import type { ApiServer } from "../kubernetes/api-server.ts";
import type { WireObject } from "../kubernetes/kind.ts";
import type { ReadKey } from "./job-plan.ts";

/** Reads each Secret and ConfigMap once, for one round of plans: several endpoints name the same ones. */
export function keyReader(server: ApiServer, signal: AbortSignal): ReadKey {
  const objects = new Map<string, Promise<WireObject | undefined>>();
  return async (resource, namespace, { name = "", key = "" }) => {
    const path = `${resource} ${namespace}/${name}`;
    const reading = objects.get(path) ?? server.get({ group: "", version: "v1", resource }, namespace, name, signal);
    objects.set(path, reading);
    const object = (await reading) as (WireObject & { readonly data?: Readonly<Record<string, string>> }) | undefined;
    if (object === undefined) throw new Error(`${resource} "${name}" not found in namespace ${namespace}`);
    const value = object.data?.[key];
    if (value === undefined) throw new Error(`${resource} "${name}" in namespace ${namespace} has no key ${JSON.stringify(key)}`);
    return resource === "secrets" ? Buffer.from(value, "base64").toString("utf8") : value;
  };
}
