/** Requests of remote write 1. */
export const MESSAGE_V1 = "prometheus.WriteRequest";
/** Requests of remote write 2. */
export const MESSAGE_V2 = "io.prometheus.write.v2.Request";

export const messageNames = [MESSAGE_V1, MESSAGE_V2] as const;
export type MessageName = (typeof messageNames)[number];

export function isMessageName(name: string): name is MessageName {
  return (messageNames as readonly string[]).includes(name);
}

const MEDIA_TYPE = "application/x-protobuf";

/** Which message a request's content type announces; a text says what is wrong with it. */
export function messageOf(contentType: string | undefined): { readonly name: MessageName } | { readonly finding: string } {
  const text = (contentType ?? "").trim() || MEDIA_TYPE;
  const [media, ...parameters] = text.split(";");
  if (media?.trim().toLowerCase() !== MEDIA_TYPE)
    return { finding: `expected ${MEDIA_TYPE} as the first (media) part, got ${text} content-type` };
  for (const parameter of parameters) {
    const [key = "", value, ...more] = parameter.trim().split("=");
    if (value === undefined || more.length > 0)
      return { finding: `expected parameters of the content type to be key-values, got ${parameter.trim()} in ${text} content-type` };
    if (key.toLowerCase() !== "proto") continue;
    if (isMessageName(value)) return { name: value };
    return {
      finding: `got ${text} content type; unknown type for remote write protobuf message ${value}, supported: ${messageNames.join(", ")}`,
    };
  }
  return { name: MESSAGE_V1 };
}
