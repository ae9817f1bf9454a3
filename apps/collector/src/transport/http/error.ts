export type HttpErrorKind =
  /** No connection could be made, or it broke: the name does not resolve, the port is closed, the certificate is not trusted. */
  | "connection"
  /** The other side closed the connection before it answered. */
  | "closed"
  | "timeout"
  | "aborted"
  | "too_large"
  | "redirect"
  /** Credentials could not be had. */
  | "credentials"
  | "protocol";

/** Why a request got no answer. */
export class HttpError extends Error {
  readonly kind: HttpErrorKind;
  constructor(kind: HttpErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "HttpError";
    this.kind = kind;
  }
}

export function httpErrorOf(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
  const { code = "", message } = described(thrown);
  if (code === "UND_ERR_CONNECT_TIMEOUT") return new HttpError("connection", "no connection within 10 s", thrown);
  if (code === "UND_ERR_SOCKET") return new HttpError("closed", `the connection was closed: ${message}`, thrown);
  if (code === "ECONNRESET" || code === "EPIPE") return new HttpError("closed", `the connection was reset (${code})`, thrown);
  if ((thrown instanceof Error && thrown.name === "HTTPParserError") || code.startsWith("HPE_") || code.startsWith("ERR_HTTP"))
    return new HttpError("protocol", message, thrown);
  return new HttpError("connection", message, thrown);
}

/** Node reports several failed addresses of one name as an error without a message of its own. */
function described(thrown: unknown): { code?: string; message: string } {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    const each = thrown.errors.map((error) => described(error));
    return { code: each[0]?.code ?? "", message: [...new Set(each.map(({ message }) => message))].join("; ") };
  }
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { code } = thrown as NodeJS.ErrnoException;
  return { ...(code !== undefined && { code }), message: thrown.message || (code ?? thrown.name) };
}
