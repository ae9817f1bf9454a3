import { StatementError } from "../value.ts";
import { define, type FunctionDefinition, string, strings } from "./function.ts";
import { contains, ipBytes, type Network, parseNetwork } from "./ip-address.ts";

export const networkFunctions: readonly FunctionDefinition[] = [
  define("IsInCIDR", { target: string, networks: strings }, ({ target, networks }) => {
    const known = networks.map((network) => (network.literal === undefined ? undefined : networkOf(network.literal.value)));
    return (frame) => {
      const ip = ipBytes(target.get(frame));
      if (ip === undefined) return false;
      return networks.some((network, i) => contains(known[i] ?? networkOf(network.get(frame)), ip));
    };
  }),
];

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new StatementError(`invalid CIDR address: ${text}`);
  return network;
}
