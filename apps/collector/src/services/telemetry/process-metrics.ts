import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { MetricScope } from "../../component/metrics.ts";

/** What is measured of the process itself: read when somebody scrapes. */
export function registerProcessMetrics(metrics: MetricScope, build: { readonly version: string; readonly revision: string }): void {
  const startSeconds = Math.floor((Date.now() - process.uptime() * 1000) / 10) / 100;
  metrics
    .gauge("alloy_build_info", {
      help: "Build of this program; always 1.",
      labels: ["branch", "goarch", "goos", "goversion", "revision", "tags", "version"],
    })
    .of(
      "",
      process.arch === "x64" ? "amd64" : process.arch,
      process.platform,
      `node${process.versions.node}`,
      build.revision,
      "",
      build.version,
    )
    .set(1);
  for (const prefix of ["process", "alloy_resources_process"]) {
    const cpu = metrics.counter(`${prefix}_cpu_seconds_total`, { help: "CPU time of the process, user and system, in seconds." }).of();
    const resident = metrics.gauge(`${prefix}_resident_memory_bytes`, { help: "Memory of the process that is in RAM." }).of();
    const virtual = metrics.gauge(`${prefix}_virtual_memory_bytes`, { help: "Address space of the process." }).of();
    metrics.gauge(`${prefix}_start_time_seconds`, { help: "When the process started, in seconds since the epoch." }).of().set(startSeconds);
    metrics.beforeScrape(() => {
      const { user, system } = process.cpuUsage();
      cpu.add((user + system) / 1e6 - cpu.value);
      resident.set(process.memoryUsage.rss());
      virtual.set(virtualMemoryBytes());
    });
  }
  const received = metrics
    .counter("alloy_resources_machine_rx_bytes_total", { help: "Bytes that all network interfaces of the host received." })
    .of();
  const sent = metrics
    .counter("alloy_resources_machine_tx_bytes_total", { help: "Bytes that all network interfaces of the host sent." })
    .of();
  const openFiles = metrics.gauge("process_open_fds", { help: "Open file descriptors." }).of();
  const heapUsed = metrics.gauge("invar_heap_used_bytes", { help: "JavaScript heap in use." }).of();
  const heapLimit = metrics.gauge("invar_heap_limit_bytes", { help: "Most that the JavaScript heap may take." }).of();
  const external = metrics.gauge("invar_external_bytes", { help: "Memory of buffers outside the JavaScript heap." }).of();
  const lag = metrics
    .gauge("invar_event_loop_lag_seconds", { help: "Longest that the event loop was held up since the last scrape." })
    .of();
  const loop = watchEventLoop();
  metrics.beforeScrape(() => {
    const [rx, tx] = networkBytes();
    received.add(rx - received.value);
    sent.add(tx - sent.value);
    openFiles.set(countOpenFiles());
    const { heapUsed: used, external: outside } = process.memoryUsage();
    heapUsed.set(used);
    external.set(outside);
    heapLimit.set(getHeapStatistics().heap_size_limit);
    lag.set(loop());
  });
}

function watchEventLoop(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 50 });
  histogram.enable();
  return () => {
    const seconds = histogram.max / 1e9;
    histogram.reset();
    return Number.isFinite(seconds) ? seconds : 0;
  };
}

function virtualMemoryBytes(): number {
  const match = /^VmSize:\s+(\d+) kB$/m.exec(readOrEmpty("/proc/self/status"));
  return Number(match?.[1] ?? 0) * 1024;
}

function countOpenFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** Received and sent bytes of all interfaces but loopback. */
function networkBytes(): [number, number] {
  let received = 0;
  let sent = 0;
  for (const line of readOrEmpty("/proc/net/dev").split("\n").slice(2)) {
    const [name = "", rest = ""] = line.split(":");
    if (rest === "" || name.trim() === "lo") continue;
    const numbers = rest.trim().split(/\s+/);
    received += Number(numbers[0] ?? 0);
    sent += Number(numbers[8] ?? 0);
  }
  return [received, sent];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
