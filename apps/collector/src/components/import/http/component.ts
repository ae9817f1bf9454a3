import { assumed, defaulted, duration, labels, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { importExports } from "../../../component/module-text.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../../../transport/http-client-arguments.ts";

/** A module larger than this is refused before it is read to its end. */
const mostBytes = 16 * 1024 * 1024;

const client = assumed(
  "How the server is reached.",
  { arguments: httpClientArguments, blocks: httpClientBlocks },
  { check: checkHttpClient },
);

/** `import.http`: the module is what a server answers, asked again and again; the last one that could be had stays. */
export const component = defineComponent({
  name: "import.http",
  stability: "generally-available",
  summary: "Brings in custom components from an HTTP server.",
  arguments: {
    url: required(string, "Where the module is.", {
      check: (url) => (URL.canParse(url) ? undefined : `${JSON.stringify(url)} is not a URL`),
    }),
    method: defaulted(string, "The method of the request.", "GET"),
    headers: defaulted(labels, "Headers of the request.", {}),
    body: defaulted(string, "The body of the request.", ""),
    poll_frequency: defaulted(duration, "How often the module is asked for.", "1m"),
    poll_timeout: defaulted(duration, "How long to wait for an answer.", "10s"),
  },
  blocks: { client },
  exports: importExports,
  metrics: [],
  needs: {},
  async create(context, args) {
    let current = args;
    let http = httpClient(args.client, context);
    let cancel = () => {};
    let isStopped = false;
    const ask = async () => context.export(await read(http, current));
    const schedule = () => {
      cancel = context.clock.after(current.poll_frequency, async () => {
        try {
          await ask();
          context.health("healthy", "got the module");
        } catch (error) {
          context.health("unhealthy", `the last module stays: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (!isStopped) schedule();
      });
    };
    await ask();
    return {
      start: schedule,
      async update(next) {
        const nextHttp = httpClient(next.client, context);
        const exported = await read(nextHttp, next);
        const previous = http;
        current = next;
        http = nextHttp;
        context.export(exported);
        cancel();
        schedule();
        await previous.close();
      },
      async stop() {
        isStopped = true;
        cancel();
        await http.close();
      },
    };
  },
});

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly poll_timeout: number;
}

async function read(http: ReturnType<typeof httpClient>, { url, method, headers, body, poll_timeout }: Asked) {
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const response = await http.request({
    method: method.toUpperCase(),
    url,
    headers: lowered,
    ...(body !== "" && { body: [new TextEncoder().encode(body)] }),
    timeoutMs: poll_timeout,
    maxResponseBytes: mostBytes,
  });
  if (response.status !== 200) throw new Error(`${url} answered with status ${response.status}`);
  return { modules: [{ name: url, text: Buffer.concat(response.body).toString("utf8") }], path: url };
}
