import { type ClientInfo, Metadata } from "../../signals/client-info.ts";

/** Records of a queue are told apart by a short text: longer metadata is left out, as it would be for a client that sent none. */
const MAX_GROUP = 1024;

/** What an authenticator may need of a sender, as text that a queue keeps with the data. */
export function groupOf(client: ClientInfo | undefined): string {
  if (client === undefined) return "";
  const metadata = [...client.metadata].flat();
  if (metadata.length === 0 && client.attributes === undefined) return "";
  const group = JSON.stringify({ metadata, attributes: client.attributes });
  return group.length > MAX_GROUP ? "" : group;
}

export function clientOfGroup(group: string): ClientInfo | undefined {
  if (group === "") return undefined;
  const { metadata, attributes } = JSON.parse(group) as { metadata: string[]; attributes?: Record<string, string> };
  return { metadata: new Metadata(metadata), address: "", ...(attributes !== undefined && { attributes }) };
}
