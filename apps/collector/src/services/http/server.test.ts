import assert from "node:assert/strict";
import { connect, type SecureClientSessionOptions } from "node:http2";
import { test } from "node:test";
import { Secret } from "@invar/alloy-syntax";
import { systemClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { noTracer } from "../../component/tracing.ts";
import { TlsServer } from "../../transport/tls/contexts.ts";
import { testAuthority } from "../../transport/tls/test-certificates.ts";
import { Pages, text } from "./pages.ts";
import { ProcessServer } from "./server.ts";

async function start(t: { after(fn: () => Promise<void>): void }) {
  const pages = new Pages();
  pages.set("/-/ready", { kind: "page", methods: ["GET"], handle: () => text(200, "ready\n") });
  pages.set("/stream", {
    kind: "stream",
    methods: ["GET"],
    handle: (_, response) => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      response.write("one ");
      setImmediate(() => response.end("two"));
    },
  });
  const { log } = testContext();
  const server = new ProcessServer({ listenAddress: "127.0.0.1:0", pages, tracer: noTracer, log });
  await server.listen();
  t.after(() => server.close());
  return { server, log };
}

async function get(url: string, path: string, options: SecureClientSessionOptions = {}): Promise<string> {
  const session = connect(url, options);
  const stream = session.request({ ":path": path });
  let status = 0;
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  let body = "";
  for await (const piece of stream) body += piece;
  session.close();
  return `${status} ${body.trim()}`;
}

test("pages are served over HTTP/1.1 and, to clients that begin with it, over HTTP/2", async (t) => {
  const { server } = await start(t);
  const url = `http://127.0.0.1:${server.port}`;
  assert.equal(await (await fetch(`${url}/-/ready`)).text(), "ready\n");
  assert.equal(await get(url, "/-/ready"), "200 ready");
  assert.equal(await get(url, "/stream"), "200 one two");
  assert.equal(await get(url, "/nowhere"), "404 404 page not found");
});

test("TLS comes and goes on the same port, with HTTP/2 by ALPN, and so does the password", async (t) => {
  const { server, log } = await start(t);
  const { port } = server;
  const authority = testAuthority();
  const { cert, key } = authority.issue("localhost");
  const settings = {
    cert: { text: cert },
    key: { text: key },
    systemCas: false,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    reloadMs: undefined,
  } as const;
  await server.secure(new TlsServer({ ...settings, clientAuth: "NoClientCert" }, systemClock, log));
  assert.equal(server.port, port);
  const secure = { ca: authority.ca, servername: "localhost" };
  assert.equal(await get(`https://127.0.0.1:${port}`, "/-/ready", secure), "200 ready");
  server.protect({ username: "a", password: new Secret("b"), filter: undefined });
  assert.equal(await get(`https://127.0.0.1:${port}`, "/-/ready", secure), "401 Unauthorized");
  server.protect(undefined);
  await server.secure(undefined);
  assert.equal(await get(`http://127.0.0.1:${port}`, "/-/ready"), "200 ready");
});
