// Are the collectors ready, and does a line of this pod arrive in Loki? Run by `helm test` in the collector's image.
const { LOKI_SERVICE, PORT = "443", SCHEME = "https", POD_NAME, NAMESPACE, COLLECTORS = "", TIMEOUT = "10", RETRIES = "7" } = process.env;
const mark = `TEST_ID:${Date.now()}`;

async function until(title, isDone) {
  for (let attempt = 1; attempt <= Number(RETRIES); attempt++) {
    try {
      if (await isDone()) return;
      console.log(`${title}: not yet (${attempt} of ${RETRIES})`);
    } catch (error) {
      console.log(`${title}: ${error.cause?.message ?? error.message} (${attempt} of ${RETRIES})`);
    }
    if (attempt < Number(RETRIES)) await new Promise((done) => setTimeout(done, 3_000));
  }
  throw new Error(`${title}: failed`);
}

const ask = (url) => fetch(url, { signal: AbortSignal.timeout(Number(TIMEOUT) * 1_000) });

async function hasArrived() {
  const query = new URLSearchParams({
    query: `{namespace="${NAMESPACE}", pod="${POD_NAME}"} |= "${mark}"`,
    start: `${Date.now() - 300_000}000000`,
    limit: "1",
  });
  const response = await ask(`${SCHEME}://${LOKI_SERVICE}:${PORT}/loki/api/v1/query_range?${query}`);
  if (!response.ok) throw new Error(`Loki answers ${response.status}`);
  return (await response.json()).data.result.length > 0;
}

/** A proxy of Istio's beside this container would keep the pod alive; where there is none, nobody answers. */
const endProxy = () =>
  fetch("http://127.0.0.1:15000/quitquitquit", { method: "POST" }).then(
    () => console.log("the proxy ends"),
    () => console.log("there is no proxy"),
  );

try {
  for (const url of COLLECTORS.split(" ").filter((one) => one !== ""))
    await until(`${url} is ready`, async () => (await ask(url)).ok);
  console.log(`a line to be found: ${mark}`);
  await until("the line is in Loki", hasArrived);
  console.log("passed");
} finally {
  await endProxy();
}
