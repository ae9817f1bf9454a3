import type { ComponentContext } from "../../../../component/context.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { type ApiServerArgs, apiServerBlock } from "../../../../kubernetes/client-arguments.ts";
import { type EndpointSlice, endpointSlices, serviceNameLabel } from "../../../../kubernetes/kinds/endpoint-slice.ts";
import { type ApiShare, shareApiServer } from "../../../../kubernetes/shared-watches.ts";
import type { BalancerMetrics } from "./metrics.ts";
import type { Resolver } from "./resolver.ts";
import type { ResolverArgs } from "./resolver-arguments.ts";

type KubernetesArgs = NonNullable<ResolverArgs["kubernetes"]>;

/** Follows the pods behind a service; nothing is asked for again and again. */
export function kubernetesResolver(
  args: KubernetesArgs,
  context: ComponentContext,
  metrics: BalancerMetrics,
  changed: (endpoints: readonly string[]) => Promise<void>,
  apiArguments: ApiServerArgs = decodeText(apiServerBlock, ""),
): Resolver {
  let close = async () => {};
  return {
    async start() {
      const api = shareApiServer(apiArguments, context);
      const [name = "", namespace = ownNamespace(api, context)] = args.service.split(".");
      const share = api.watch(endpointSlices, { namespace, labels: `${serviceNameLabel}=${name}`, fields: "" });
      const first = Promise.withResolvers<void>();
      let known = "";
      let turn: Promise<void> = Promise.resolve();
      const resolve = () => {
        if (!share.watch.isSynced) return;
        const endpoints = endpointsOf([...share.watch.objects.values()], args, `${name}.${namespace}`);
        metrics.resolved("k8s", true);
        if (endpoints.join() === known) return;
        known = endpoints.join();
        metrics.backends("k8s", endpoints.length);
        turn = turn.then(() => changed(endpoints));
      };
      const stop = share.watch.listen({
        changed: resolve,
        synced() {
          resolve();
          first.resolve();
        },
        trouble(error) {
          if (error === undefined) return;
          metrics.resolved("k8s", false);
          context.log.warn("failed to resolve", { resolver: "k8s", err: error.message });
          first.resolve();
        },
      });
      close = async () => {
        stop();
        await share.release();
        await api.release();
      };
      if (share.watch.isSynced) {
        resolve();
        first.resolve();
      }
      const cancel = context.clock.after(args.timeout, () => first.resolve());
      await first.promise;
      cancel();
      await turn;
    },
    stop() {
      void close();
    },
  };
}

function ownNamespace({ server }: ApiShare, { log }: ComponentContext): string {
  if (server.ownNamespace === undefined)
    log.warn('could not determine the namespace for this collector, will use "default" as the namespace');
  return server.ownNamespace ?? "default";
}

/** Every port of every pod that is ready, in order. */
function endpointsOf(slices: readonly EndpointSlice[], { ports, return_hostnames: byName }: KubernetesArgs, service: string): string[] {
  const hosts = slices.flatMap(({ endpoints }) =>
    endpoints
      .filter(({ ready }) => ready !== false)
      .flatMap(({ addresses, hostname }) => {
        if (byName) return hostname ? [`${hostname}.${service}`] : [];
        return addresses.map((address) => (address.includes(":") ? `[${address}]` : address));
      }),
  );
  const all = [...new Set(hosts)];
  return (ports.length === 0 ? all : all.flatMap((host) => ports.map((port) => `${host}:${port}`))).sort();
}
