import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { noTracer } from "../../component/tracing.ts";
import { TlsServer } from "../../transport/tls/contexts.ts";
import { testAuthority } from "../../transport/tls/test-certificates.ts";
import { Pages, text } from "../http/pages.ts";
import { ProcessServer } from "../http/server.ts";
import { GrpcPeerNetwork, peerService } from "./grpc-network.ts";
import { answerPeerCall } from "./peer-calls.ts";

const { log } = testContext();
const folder = mkdtempSync(join(tmpdir(), "invar-peers-"));
after(() => rmSync(folder, { recursive: true }));
const around = { userAgent: "Invar/test", clock: systemClock, log };

async function listening(tls?: TlsServer): Promise<ProcessServer> {
  const pages = new Pages();
  pages.set("/-/ready", { kind: "page", methods: ["GET"], handle: () => text(200, "ready") });
  const server = new ProcessServer({ listenAddress: "127.0.0.1:0", pages, tracer: noTracer, log });
  server.answerCalls(peerService, (request, response) =>
    answerPeerCall(request, response, (method, message) => {
      if (message.length === 3) throw new Error("malformed");
      return Buffer.concat([Buffer.from(`${method}:`), message]);
    }),
  );
  await server.secure(tls);
  await server.listen();
  return server;
}

test("peers and pages share one port; messages of a mebibyte pass", async () => {
  const server = await listening();
  const network = new GrpcPeerNetwork({ ...around, tls: undefined });
  const address = `127.0.0.1:${server.port}`;
  const large = Buffer.alloc(1 << 20, 7);
  for (const message of [Buffer.from(""), Buffer.from("hello"), large]) {
    const answer = await network.call(address, "Give", message, 5_000);
    assert.ok(answer.kind === "answered", JSON.stringify(answer));
    assert.deepEqual(Buffer.from(answer.message), Buffer.concat([Buffer.from("Give:"), message]));
  }
  assert.equal(await (await fetch(`http://${address}/-/ready`)).text(), "ready");
  assert.equal((await fetch(`http://${address}${peerService}Hello`, { method: "POST" })).status, 415);
  const broken = await network.call(address, "Hello", Buffer.from("abc"), 5_000);
  assert.deepEqual(broken, { kind: "silent", reason: "malformed" });
  await server.close();
  network.forget(address);
});

test("tells a process that is gone from one that does not answer", async () => {
  const server = await listening();
  const address = `127.0.0.1:${server.port}`;
  const network = new GrpcPeerNetwork({ ...around, tls: undefined });
  assert.equal((await network.call(address, "Hello", Buffer.from("1"), 5_000)).kind, "answered");
  await server.close();
  await network.call(address, "Hello", Buffer.from("1"), 5_000);
  assert.equal((await network.call(address, "Hello", Buffer.from("1"), 5_000)).kind, "refused");
  network.forget(address);
});

test("peers show each other certificates where the server asks for them", async () => {
  const authority = testAuthority();
  const own = authority.issue("collector");
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { file: path };
  };
  const ca = file("ca.pem", authority.ca);
  const pair = { cert: file("cert.pem", own.cert), key: file("key.pem", own.key) };
  const settings = { ca, systemCas: false, minVersion: "TLSv1.2", maxVersion: "TLSv1.3", reloadMs: undefined } as const;
  const server = await listening(
    new TlsServer({ ...settings, ...pair, clientCa: ca, clientAuth: "RequireAndVerifyClientCert" }, systemClock, log),
  );
  const address = `127.0.0.1:${server.port}`;
  const client = { ...settings, verify: true, serverName: "collector" };
  const known = new GrpcPeerNetwork({ ...around, tls: { ...client, ...pair } });
  assert.equal((await known.call(address, "Hello", Buffer.from("1"), 5_000)).kind, "answered");
  const unknown = new GrpcPeerNetwork({ ...around, tls: client });
  assert.equal((await unknown.call(address, "Hello", Buffer.from("1"), 5_000)).kind, "silent");
  known.forget(address);
  unknown.forget(address);
  await server.close();
});
