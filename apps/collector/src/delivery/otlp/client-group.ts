import { type ClientInfo, Metadata } from "../../signals/client-info.ts";
import { DeliveryError } from "../../signals/delivery-error.ts";
import type { SenderKeys } from "../../transport/authentication.ts";

/** Records of a queue are told apart by a short text. */
const MAX_GROUP = 1024;

/** What requests need of a sender, as text that a queue keeps with the data. Throws where it is too long to be kept. */
export function groupOf(client: ClientInfo | undefined, keys: SenderKeys | undefined): string {
  if (keys === undefined || client === undefined) return "";
  const metadata = keys.metadata.flatMap((name) => client.metadata.all(name).flatMap((value) => [name.toLowerCase(), value]));
  const attributes: Record<string, string> = {};
  for (const name of keys.attributes) {
    const value = client.attributes?.[name];
    if (value !== undefined) attributes[name] = value;
  }
  if (metadata.length === 0 && Object.keys(attributes).length === 0) return "";
  const group = JSON.stringify({ metadata, attributes });
  if (Buffer.byteLength(group) <= MAX_GROUP) return group;
  const message = `what requests need of the sender takes more than ${MAX_GROUP} bytes`;
  throw new DeliveryError(message, { retryable: false, reason: "sender_too_long" });
}

export function clientOfGroup(group: string): ClientInfo | undefined {
  if (group === "") return undefined;
  const { metadata, attributes } = JSON.parse(group) as { metadata: string[]; attributes: Record<string, string> };
  return { metadata: new Metadata(metadata), address: "", attributes };
}
