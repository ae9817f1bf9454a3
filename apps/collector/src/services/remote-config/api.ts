import type { HttpClient } from "../../transport/http/client.ts";

/** An answer larger than this is refused before it is read to its end. */
const mostBytes = 16 * 1024 * 1024;
const timeoutMs = 30_000;

export interface CollectorIdentity {
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RemoteStatus {
  readonly loaded: boolean;
  readonly message: string;
}

/** The remote configuration API over the Connect protocol, in JSON. */
export class RemoteConfigApi {
  readonly #http: HttpClient;
  readonly #url: string;

  constructor(http: HttpClient, url: string) {
    this.#http = http;
    this.#url = url.replace(/\/$/, "");
  }

  /** The configuration's text and hash; undefined where it is still the one with `hash`. */
  async getConfig(
    who: CollectorIdentity,
    hash: string,
    status: RemoteStatus | undefined,
  ): Promise<{ text: string; hash: string } | undefined> {
    const answer = await this.#call("GetConfig", {
      id: who.id,
      localAttributes: who.attributes,
      hash,
      ...(status !== undefined && {
        remoteConfigStatus: {
          status: status.loaded ? "REMOTE_CONFIG_STATUSES_APPLIED" : "REMOTE_CONFIG_STATUSES_FAILED",
          errorMessage: status.loaded ? "" : status.message,
        },
      }),
    });
    if (answer.notModified === true) return undefined;
    if (answer.content !== undefined && typeof answer.content !== "string") throw new Error("the answer's content is not text");
    return { text: answer.content ?? "", hash: typeof answer.hash === "string" ? answer.hash : "" };
  }

  async register(who: CollectorIdentity): Promise<void> {
    await this.#call("RegisterCollector", { id: who.id, name: who.name, localAttributes: who.attributes });
  }

  async unregister(who: CollectorIdentity): Promise<void> {
    await this.#call("UnregisterCollector", { id: who.id });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #call(method: string, message: object): Promise<Record<string, unknown>> {
    const response = await this.#http.request({
      method: "POST",
      url: `${this.#url}/collector.v1.CollectorService/${method}`,
      headers: { "content-type": "application/json", "connect-protocol-version": "1", accept: "application/json" },
      body: [new TextEncoder().encode(JSON.stringify(message))],
      timeoutMs,
      maxResponseBytes: mostBytes,
    });
    const text = Buffer.concat(response.body).toString("utf8");
    if (response.status !== 200) throw new Error(`${method} was answered with status ${response.status}${reasonIn(text)}`);
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null) throw new Error(`${method} was answered with something else than an object`);
    return answer as Record<string, unknown>;
  }
}

/** The message of a Connect error. */
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? `: ${message}` : "";
  } catch {
    return "";
  }
}
