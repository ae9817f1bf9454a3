import type { ComponentContext } from "../component/context.ts";
import { decodeText } from "../component/from-text.ts";
import { addressText } from "../transport/address.ts";
import { apiServerArguments, apiServerBlocks } from "./client-arguments.ts";
import { type EndpointSlice, endpointSlices, serviceNameLabel } from "./kinds/endpoint-slice.ts";
import { shareApiServer } from "./shared-watches.ts";

export interface ServiceOfPods {
  readonly namespace: string;
  readonly name: string;
  /** At which the pods listen. */
  readonly port: number;
  /** Undefined: the API server is reached as pods do. */
  readonly kubeconfigFile?: string;
}

export interface ServiceListener {
  found(addresses: readonly string[]): void;
  /** Tried again for ever. */
  failed(error: Error): void;
}

/**
 * Tells the addresses of all pods behind a service, those that are not ready and those that are about to end included. The returned function
 * ends it. Throws where nothing says how the API server is reached.
 */
export function watchServiceAddresses(
  { namespace, name, port, kubeconfigFile }: ServiceOfPods,
  context: Pick<ComponentContext, "clock" | "log" | "peers">,
  listener: ServiceListener,
): () => Promise<void> {
  const text = kubeconfigFile === undefined ? "" : `kubeconfig_file = ${JSON.stringify(kubeconfigFile)}`;
  const api = shareApiServer(decodeText({ arguments: apiServerArguments, blocks: apiServerBlocks }, text), context);
  const share = api.watch(endpointSlices, { namespace, labels: `${serviceNameLabel}=${name}`, fields: "" });
  let cancel: (() => void) | undefined;
  const tell = () => {
    cancel = undefined;
    if (share.watch.isSynced) listener.found(addressesOf([...share.watch.objects.values()], port));
  };
  // Changes that come together are told together.
  const tellSoon = () => {
    cancel ??= context.clock.after(0, tell);
  };
  const stop = share.watch.listen({
    changed: tellSoon,
    synced: tellSoon,
    trouble: (error) => error !== undefined && listener.failed(error),
  });
  if (share.watch.isSynced) tellSoon();
  return async () => {
    stop();
    cancel?.();
    await share.release();
    await api.release();
  };
}

/** A service of two address families names each pod twice: one is enough. */
function addressesOf(slices: readonly EndpointSlice[], port: number): string[] {
  const family = slices.some(({ addressType }) => addressType === "IPv4") ? "IPv4" : "IPv6";
  const addresses = new Set<string>();
  for (const slice of slices) {
    if (slice.addressType !== family) continue;
    for (const { addresses: [first] = [] } of slice.endpoints) if (first !== undefined) addresses.add(addressText(first, port));
  }
  return [...addresses].sort();
}
