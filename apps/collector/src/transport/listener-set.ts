import { sameSettings } from "../component/same-settings.ts";

export interface Listening {
  /** Stops listening and resolves once what is under way is done or `deadline` is aborted. */
  close(deadline: AbortSignal): Promise<void>;
}

export interface WantedListener<L extends Listening> {
  /** What it is opened with: a listener whose settings stay the same stays open. */
  readonly settings: unknown;
  open(): Promise<L>;
}

/** How long an old listener may take to answer its last requests when the new one has other settings. */
const HAND_OVER_MS = 5000;

/** The listeners of a component, by name, which change together or not at all. */
export class ListenerSet<L extends Listening> {
  #wanted: Readonly<Record<string, WantedListener<L>>> = {};
  readonly #open = new Map<string, L>();

  get(name: string): L | undefined {
    return this.#open.get(name);
  }

  /** Closes those that are no longer wanted as they are and opens the wanted. Where one can't be opened, what was before comes back and it throws. */
  async change(wanted: Readonly<Record<string, WantedListener<L>>>): Promise<void> {
    const before = this.#wanted;
    const gone = [...this.#open.keys()].filter((name) => !sameSettings(before[name]?.settings, wanted[name]?.settings));
    await this.#close(gone, AbortSignal.timeout(HAND_OVER_MS));
    try {
      await this.#openAll(wanted);
    } catch (error) {
      await this.#close(
        [...this.#open.keys()].filter((name) => before[name] === undefined || gone.includes(name)),
        AbortSignal.timeout(HAND_OVER_MS),
      );
      await this.#openAll(before);
      throw error;
    }
    this.#wanted = wanted;
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.#wanted = {};
    await this.#close([...this.#open.keys()], deadline);
  }

  async #openAll(wanted: Readonly<Record<string, WantedListener<L>>>): Promise<void> {
    for (const [name, { open }] of Object.entries(wanted)) if (!this.#open.has(name)) this.#open.set(name, await open());
  }

  async #close(names: readonly string[], deadline: AbortSignal): Promise<void> {
    const closing = names.map((name) => this.#open.get(name)?.close(deadline));
    for (const name of names) this.#open.delete(name);
    await Promise.all(closing);
  }
}
