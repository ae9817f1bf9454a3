import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { FakeClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { TlsClient, TlsServer } from "./contexts.ts";
import type { TlsClientSettings, TlsServerSettings, TlsSettings } from "./settings.ts";
import { readSystemAuthorities } from "./system-authorities.ts";
import { testAuthority } from "./test-certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-tls-"));
after(() => rmSync(folder, { recursive: true }));

const authority = testAuthority();
const stranger = testAuthority("a stranger");
const localhost = authority.issue("localhost", "127.0.0.1");

const plain: TlsSettings = { systemCas: false, minVersion: "TLSv1.2", maxVersion: "TLSv1.3", reloadMs: undefined };
const serverSettings: TlsServerSettings = {
  ...plain,
  cert: { text: localhost.cert },
  key: { text: localhost.key },
  clientAuth: "NoClientCert",
};
const clientSettings: TlsClientSettings = { ...plain, ca: { text: authority.ca }, verify: true };

/** "ok", or what went wrong on either side. */
async function handshake(server: Partial<TlsServerSettings>, client: Partial<TlsClientSettings>): Promise<string> {
  const context = testContext();
  const serverTls = new TlsServer({ ...serverSettings, ...server }, context.clock, context.log);
  const listener = createServer(serverTls.options());
  listener.on("secureConnection", (socket: TLSSocket) => {
    socket.on("error", () => {});
    const refusal = serverTls.refusal(socket);
    if (refusal === undefined) socket.end("ok");
    else socket.end(refusal);
  });
  let serverError: string | undefined;
  listener.on("tlsClientError", (error: NodeJS.ErrnoException) => {
    serverError = error.code ?? error.message;
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const clientTls = new TlsClient({ ...clientSettings, ...client }, context.clock, context.log);
  const socket = connect({ host: "localhost", port: (listener.address() as AddressInfo).port, ...clientTls.options() });
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
  });
  const outcome = await new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("close", () => resolve(answer));
  });
  listener.close();
  return outcome === "ok" ? outcome : `${outcome}${serverError === undefined ? "" : ` / ${serverError}`}`;
}

test("a certificate of the given authority for the host is accepted", async () => {
  assert.equal(await handshake({}, {}), "ok");
});

test("a certificate of another authority is refused, unless verification is off", async () => {
  assert.match(await handshake({}, { ca: { text: stranger.ca } }), /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/);
  assert.equal(await handshake({}, { ca: { text: stranger.ca }, verify: false }), "ok");
});

test("without an authority of its own the client trusts the system's, which do not know ours", async () => {
  assert.match(await handshake({}, { ca: undefined as never }), /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/);
});

test("the server's name is checked, and a given name takes the host's place", async () => {
  const other = authority.issue("other.example");
  const certificate = { cert: { text: other.cert }, key: { text: other.key } };
  assert.match(await handshake(certificate, {}), /ERR_TLS_CERT_ALTNAME_INVALID/);
  assert.equal(await handshake(certificate, { serverName: "other.example" }), "ok");
  assert.match(await handshake({}, { serverName: "10.9.8.7" }), /ERR_TLS_CERT_ALTNAME_INVALID/);
  assert.equal(await handshake({}, { serverName: "127.0.0.1" }), "ok");
});

test("clients without a certificate are refused where one is required", async () => {
  const demand = { clientAuth: "RequireAndVerifyClientCert", clientCa: { text: authority.ca } } as const;
  const mine = authority.issue("me");
  const theirs = stranger.issue("me");
  assert.notEqual(await handshake(demand, {}), "ok");
  assert.notEqual(await handshake(demand, { cert: { text: theirs.cert }, key: { text: theirs.key } }), "ok");
  assert.equal(await handshake(demand, { cert: { text: mine.cert }, key: { text: mine.key } }), "ok");
});

test("Go's softer ways of asking for a client's certificate hold", async () => {
  const clientCa = { text: authority.ca };
  const theirs = stranger.issue("me");
  const foreign = { cert: { text: theirs.cert }, key: { text: theirs.key } };
  assert.equal(await handshake({ clientAuth: "RequestClientCert", clientCa }, foreign), "ok");
  assert.equal(await handshake({ clientAuth: "RequireAnyClientCert", clientCa }, foreign), "ok");
  assert.match(await handshake({ clientAuth: "RequireAnyClientCert", clientCa }, {}), /didn't provide/);
  assert.equal(await handshake({ clientAuth: "VerifyClientCertIfGiven", clientCa }, {}), "ok");
  assert.match(await handshake({ clientAuth: "VerifyClientCertIfGiven", clientCa }, foreign), /failed to verify certificate/);
});

test("versions without overlap don't meet, old ones do where both ask for them", async () => {
  assert.notEqual(await handshake({ minVersion: "TLSv1.3" }, { maxVersion: "TLSv1.2" }), "ok");
  assert.equal(await handshake({ minVersion: "TLSv1", maxVersion: "TLSv1.1" }, { minVersion: "TLSv1.1" }), "ok");
});

test("chosen suites and curves are the only ones", async () => {
  const suites = { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384", maxVersion: "TLSv1.2" } as const;
  assert.equal(await handshake(suites, suites), "ok");
  assert.notEqual(await handshake(suites, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256", maxVersion: "TLSv1.2" }), "ok");
  assert.equal(await handshake({ curves: "P-384" }, { curves: "P-384:X25519" }), "ok");
  assert.notEqual(await handshake({ curves: "P-384" }, { curves: "X25519" }), "ok");
});

test("unusable texts and files are named", () => {
  const { clock, log } = testContext();
  assert.throws(
    () => new TlsClient({ ...clientSettings, ca: { file: join(folder, "absent") } }, clock, log).options(),
    /ca_file can't be read/,
  );
  assert.throws(
    () => new TlsClient({ ...clientSettings, ca: { text: "no PEM" } }, clock, log).options(),
    /failed to parse the CA certificate/,
  );
  assert.throws(() => new TlsServer({ ...serverSettings, key: { text: stranger.issue("x").key } }, clock, log), /can't be used/);
});

test("changed files are read after the interval, and broken ones leave the old in use", () => {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const file = join(folder, "ca.pem");
  writeFileSync(file, authority.ca);
  const client = new TlsClient({ ...clientSettings, ca: { file }, reloadMs: 1000 }, clock, context.log);
  const first = client.options().secureContext;
  assert.equal(client.options().secureContext, first);
  writeFileSync(file, stranger.ca);
  assert.equal(client.generation(), 0);
  void clock.advance(1000);
  assert.equal(client.generation(), 1);
  assert.notEqual(client.options().secureContext, first);
  const second = client.options().secureContext;
  writeFileSync(file, "torn");
  void clock.advance(2000);
  assert.equal(client.options().secureContext, second);
  assert.match(context.logged[0]?.message ?? "", /old ones stay in use/);
});

test("a running server takes up a changed certificate", async () => {
  const clock = new FakeClock();
  const { log } = testContext();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const write = (certificate: { cert: string; key: string }) => {
    writeFileSync(cert, certificate.cert);
    writeFileSync(key, certificate.key);
  };
  write(localhost);
  const tls = new TlsServer({ ...serverSettings, cert: { file: cert }, key: { file: key }, reloadMs: 60_000 }, clock, log);
  const listener = createServer(tls.options(), (socket) => socket.end());
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const unfollow = tls.follow(listener);
  const subjectSeen = async () => {
    const socket = connect({ host: "localhost", port: (listener.address() as AddressInfo).port, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const subject = socket.getPeerCertificate().subject.CN;
    socket.destroy();
    return subject;
  };
  assert.equal(await subjectSeen(), "localhost");
  write(authority.issue("renewed"));
  await clock.advance(60_000);
  assert.equal(await subjectSeen(), "renewed");
  unfollow();
  listener.close();
});

test("the environment says where the system's authorities are", () => {
  const file = join(folder, "bundle.pem");
  writeFileSync(file, stranger.ca);
  assert.deepEqual(readSystemAuthorities({ SSL_CERT_FILE: file }), [stranger.ca]);
  assert.deepEqual(readSystemAuthorities({ SSL_CERT_FILE: file, SSL_CERT_DIR: join(folder, "nowhere") }), [stranger.ca]);
  assert.ok(readSystemAuthorities({}).length > 0);
});
