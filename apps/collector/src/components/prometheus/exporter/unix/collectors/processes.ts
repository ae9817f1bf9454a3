import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { numberOf, wordsOf } from "../text-table.ts";

/** After so many processes others get their turn. */
const processesATurn = 100;

export const processes: Collector = {
  name: "processes",
  isDefault: false,
  prepare: () => async (host, page) => {
    const processStates = new Map<string, number>();
    const threadStates = new Map<string, number>();
    let count = 0;
    let threads = 0;
    for (const [index, id] of numbersIn(host, "").entries()) {
      if (index % processesATurn === processesATurn - 1) await new Promise<void>((resolve) => setImmediate(resolve));
      const state = stateOf(host, id);
      // It ended meanwhile.
      if (state === undefined) continue;
      count++;
      threads += state.threads;
      add(processStates, state.letter);
      for (const thread of numbersIn(host, `${id}/task`)) {
        const letter = thread === id ? state.letter : stateOf(host, `${id}/task/${thread}`)?.letter;
        if (letter !== undefined) add(threadStates, letter);
      }
    }
    page.gauge("node_processes_threads", "Threads there are.").sample(threads);
    page.gauge("node_processes_max_threads", "Threads there may be.").sample(numberOf(host.proc("sys/kernel/threads-max")));
    const byState = page.gauge("node_processes_state", "Processes by state.", "state");
    for (const [letter, number] of processStates) byState.sample(number, letter);
    const threadsByState = page.gauge("node_processes_threads_state", "Threads by state.", "thread_state");
    for (const [letter, number] of threadStates) threadsByState.sample(number, letter);
    page.gauge("node_processes_pids", "Processes there are.").sample(count);
    page.gauge("node_processes_max_processes", "Processes there may be.").sample(numberOf(host.proc("sys/kernel/pid_max")));
  },
};

function numbersIn(host: HostFiles, path: string): string[] {
  return host.procList(path).filter((name) => /^\d+$/.test(name));
}

/** `26231 (vim) R 5392 …`; the name may hold anything. */
function stateOf(host: HostFiles, path: string): { readonly letter: string; readonly threads: number } | undefined {
  const text = host.procIfThere(`${path}/stat`);
  if (text === undefined) return undefined;
  const words = wordsOf(text.slice(text.lastIndexOf(")") + 1));
  return { letter: words[0] ?? "", threads: numberOf(words[17]) };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
