// Does Prometheus scrape the collectors? Run by `helm test` in the collector's image.
const { cypress_prometheus_url: prometheus, MONITORS = "", TIMEOUT = "10", RETRIES = "10" } = process.env;

async function isScraped(monitor) {
  const query = new URLSearchParams({ state: "active", scrapePool: `serviceMonitor/${monitor}/0` });
  const response = await fetch(`${prometheus}/api/v1/targets?${query}`, { signal: AbortSignal.timeout(Number(TIMEOUT) * 1_000) });
  if (!response.ok) throw new Error(`Prometheus answers ${response.status}`);
  const { activeTargets } = (await response.json()).data;
  const down = activeTargets.filter(({ health }) => health !== "up");
  for (const { scrapeUrl, lastError } of down) console.log(`${scrapeUrl}: ${lastError}`);
  return activeTargets.length > 0 && down.length === 0;
}

async function check(monitor) {
  for (let attempt = 1; attempt <= Number(RETRIES); attempt++) {
    try {
      if (await isScraped(monitor)) return console.log(`${monitor}: every target is up`);
      console.log(`${monitor}: not yet (${attempt} of ${RETRIES})`);
    } catch (error) {
      console.log(`${monitor}: ${error.cause?.message ?? error.message} (${attempt} of ${RETRIES})`);
    }
    if (attempt < Number(RETRIES)) await new Promise((done) => setTimeout(done, 6_000));
  }
  throw new Error(`${monitor}: its targets are not up`);
}

/** A proxy of Istio's beside this container would keep the pod alive; where there is none, nobody answers. */
const endProxy = () =>
  fetch("http://127.0.0.1:15000/quitquitquit", { method: "POST" }).then(
    () => console.log("the proxy ends"),
    () => console.log("there is no proxy"),
  );

try {
  for (const monitor of MONITORS.split(" ").filter((one) => one !== "")) await check(monitor);
  console.log("passed");
} finally {
  await endProxy();
}
