import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock } from "../../../../component/clock.ts";
import type { Logger } from "../../../../component/context.ts";
import type { Metadata } from "../../../../signals/client-info.ts";
import type { Authentication, ServerAuthenticator } from "../../../../transport/authentication.ts";
import { matchesHash } from "./password-hash.ts";

export interface HtpasswdSettings {
  readonly file: string;
  /** Wins over the file where both name a user. */
  readonly inline: string;
}

/** Hashes are made to be slow: outcomes are remembered, and no more than so many are computed at the same time. */
const maxRemembered = 1000;
const maxAtOnce = 32;
/** How often the file is looked at. */
const lookMs = 1000;

/** Checks users of `htpasswd` text. A changed file is taken up while it runs. */
export class Htpasswd implements ServerAuthenticator {
  readonly #settings: HtpasswdSettings;
  readonly #clock: Clock;
  readonly #log: Logger;
  #text: string | undefined;
  #users: ReadonlyMap<string, string> = new Map();
  #lookedAt = 0;
  /** By a hash of user and password under a key that dies with this process. */
  readonly #outcomes = new Map<string, boolean>();
  readonly #key = randomBytes(16);
  #underWay = 0;

  /** Throws where the file can't be read. */
  constructor(settings: HtpasswdSettings, clock: Clock, log: Logger) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#read();
  }

  async authenticate(metadata: Metadata): Promise<Authentication> {
    const header = metadata.get("authorization") ?? "";
    if (header === "") return refused("no basic auth provided");
    if (!/^basic /i.test(header)) return refused("invalid authorization scheme prefix");
    const raw = header.slice(6);
    const decoded = /^[A-Za-z0-9+/]*={0,2}$/.test(raw) ? Buffer.from(raw, "base64").toString("utf8") : "";
    const colon = decoded.indexOf(":");
    if (colon < 0) return refused("invalid authorization format");
    const [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
    this.#look();
    const isKnown = await this.#matches(username, password);
    if (isKnown === undefined) return refused("too many passwords are being checked, try again later");
    return isKnown ? { granted: true, attributes: { username, raw } } : refused("invalid credentials");
  }

  async #matches(username: string, password: string): Promise<boolean | undefined> {
    const hash = this.#users.get(username);
    if (hash === undefined) return false;
    const id = createHash("sha256").update(this.#key).update(`${username}\0${password}`).digest("base64");
    const known = this.#outcomes.get(id);
    if (known !== undefined) return known;
    if (this.#underWay >= maxAtOnce) return undefined;
    this.#underWay++;
    try {
      const outcome = await matchesHash(password, hash);
      if (this.#outcomes.size >= maxRemembered) {
        const [oldest] = this.#outcomes.keys();
        if (oldest !== undefined) this.#outcomes.delete(oldest);
      }
      this.#outcomes.set(id, outcome);
      return outcome;
    } finally {
      this.#underWay--;
    }
  }

  #look(): void {
    const now = this.#clock.monotonic();
    if (this.#settings.file === "" || now - this.#lookedAt < lookMs) return;
    try {
      this.#read();
    } catch (error) {
      this.#log.warn("the htpasswd file can't be read, its users of before stay", {
        err: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #read(): void {
    const { file, inline } = this.#settings;
    this.#lookedAt = this.#clock.monotonic();
    let text: string;
    try {
      text = `${file === "" ? "" : readFileSync(file, "utf8")}\n${inline}`;
    } catch (error) {
      throw new Error(`open htpasswd file: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (text === this.#text) return;
    this.#text = text;
    this.#users = parseHtpasswd(text);
    this.#outcomes.clear();
  }
}

/** `user:hash`, one a line, the last of a user wins; what is no such line is left out. */
export function parseHtpasswd(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const colon = trimmed.indexOf(":");
    if (colon > 0 && !trimmed.startsWith("#")) users.set(trimmed.slice(0, colon), trimmed.slice(colon + 1));
  }
  return users;
}

function refused(message: string): Authentication {
  return { granted: false, message };
}
