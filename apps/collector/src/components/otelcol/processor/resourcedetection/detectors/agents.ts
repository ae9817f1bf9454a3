import { Secret } from "@invar/alloy-syntax";
import { type Detector, textAt } from "../detector.ts";
import { jsonOf } from "../metadata-request.ts";
import { Unavailable } from "../unavailable.ts";

// Programs on the same machine that know about it.

/** The Consul agent. */
export const consul: Detector = async ({ request, environment }, settings, signal) => {
  const given = (settings.address as string) || environment.CONSUL_HTTP_ADDR || "127.0.0.1:8500";
  const base = given.includes("://") ? given : `${environment.CONSUL_HTTP_SSL === "true" ? "https" : "http"}://${given}`;
  const token = (settings.token instanceof Secret ? settings.token.reveal() : "") || environment.CONSUL_HTTP_TOKEN || "";
  const url = new URL("/v1/agent/self", base);
  if (settings.datacenter !== "") url.searchParams.set("dc", settings.datacenter as string);
  if (settings.namespace !== "") url.searchParams.set("ns", settings.namespace as string);
  const self = await jsonOf(request, url.href, { headers: token === "" ? {} : { "x-consul-token": token } }, signal);
  const config = (name: string): string => {
    const text = textAt(self, "Config", name);
    if (text === "") throw new Unavailable(`failed getting consul agent configuration: there is no ${name} in it`);
    return text;
  };
  const wanted = settings.meta as readonly string[];
  const meta = Object.entries((self as { Meta?: Readonly<Record<string, string>> }).Meta ?? {});
  return {
    attributes: { "host.name": config("NodeName"), "cloud.region": config("Datacenter"), "host.id": config("NodeID") },
    extra: Object.fromEntries(meta.filter(([key]) => wanted.includes(key))),
  };
};

/** The Docker daemon, where `DOCKER_HOST` says or at its usual socket. */
export const docker: Detector = async ({ request, environment }, _, signal) => {
  const host = environment.DOCKER_HOST || "unix:///var/run/docker.sock";
  const isSocket = host.startsWith("unix://");
  const base = isSocket ? "http://docker" : host.replace(/^tcp:/, "http:").replace(/\/$/, "");
  const info = await jsonOf(request, `${base}/info`, isSocket ? { socketPath: host.slice("unix://".length) } : {}, signal);
  const type = textAt(info, "OSType");
  return { attributes: { "host.name": textAt(info, "Name"), "os.type": type } };
};
