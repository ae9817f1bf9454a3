/** What the API server answered instead of what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  /** Kubernetes' own word for it: `Forbidden`, `NotFound`, `Expired`. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
  }

  /** The state that a watch or a list was to go on from is no longer known there. */
  get isExpired(): boolean {
    return this.status === 410;
  }
}

/** What is done to which objects, as permissions name it. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** Subresources after a slash: `pods/log`. */
  readonly resource: string;
  /** Empty: in all namespaces. */
  readonly namespace: string;
}

/** Reads a `Status` object, or whatever else came as the body of an error. */
export function apiErrorOf(status: number, body: string, access: Access): ApiError {
  const { reason = "", message = body.slice(0, 200) } = statusOf(body);
  if (status === 403) return new ApiError(status, reason, missing(access, message));
  if (status === 401) return new ApiError(status, reason, `the API server does not accept our credentials: ${message || "Unauthorized"}`);
  return new ApiError(status, reason, `the API server answered ${status}: ${message}`);
}

function missing({ verb, group, resource, namespace }: Access, message: string): string {
  const what = group === "" ? resource : `${resource}.${group}`;
  const where = namespace === "" ? "in the whole cluster" : `in namespace ${namespace}`;
  return `a permission is missing: ${verb} on ${what} ${where} (${message})`;
}

function statusOf(body: string): { readonly reason?: string; readonly message?: string } {
  try {
    const status: unknown = JSON.parse(body);
    return typeof status === "object" && status !== null ? status : {};
  } catch {
    // A proxy in between answers in its own words.
    return {};
  }
}
