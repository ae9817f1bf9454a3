import { ALWAYS, type Bits56, isBelow, parseRandomness, parseThreshold, randomnessText, thresholdText } from "./threshold.ts";

// A W3C tracestate: `ot=rv:89abcdef012345;th:8;x:y,vendor=value`. The member `ot` is OpenTelemetry's.

const LONGEST = 1024;
const MOST_MEMBERS = 32;
const LONGEST_KEY = 256;
const LONGEST_TENANT = 241;
const LONGEST_SYSTEM = 14;
const LONGEST_VALUE = 256;
const LONGEST_OTEL = 256;

const key = /^(?:[a-z][a-z0-9_\-*/]*|[a-z0-9][a-z0-9_\-*/]*@[a-z][a-z0-9_\-*/]*)$/;
const value = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]*[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const otelMember = /^[a-z][a-z0-9]*:[A-Za-z0-9._-]*$/;

/** What samplers read of a tracestate and write into it; everything else stays. One is used for many items. */
export class TraceState {
  randomness: Bits56 | undefined;
  threshold: Bits56 | undefined;
  #randomnessText = "";
  #thresholdText = "";
  #otelMembers: string[] = [];
  #members: string[] = [];

  /** Reads a tracestate; false where it is not well-formed, and then holds what could be read. */
  read(text: string): boolean {
    this.randomness = this.threshold = undefined;
    this.#randomnessText = this.#thresholdText = "";
    this.#otelMembers = [];
    this.#members = [];
    if (text === "") return true;
    if (text.length > LONGEST) return false;
    const members = text.split(",").map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""));
    if (!members.every((member) => member === "" || isMember(member))) return false;
    // A comma at the end begins no member.
    if (members.at(-1) === "" && text.endsWith(",")) members.pop();
    let isSound = true;
    for (const [i, member] of members.entries()) {
      if (i + 1 >= MOST_MEMBERS) return false;
      if (member === "") continue;
      const name = member.slice(0, member.indexOf("="));
      if (isTooLong(name)) isSound = false;
      else if (name !== "ot") this.#members.push(member);
      else if (!this.#readOtel(member.slice(3))) isSound = false;
    }
    return isSound;
  }

  #readOtel(text: string): boolean {
    this.randomness = this.threshold = undefined;
    this.#randomnessText = this.#thresholdText = "";
    this.#otelMembers = [];
    if (text.length > LONGEST_OTEL) return false;
    const members = text.split(";");
    if (!members.every((member) => otelMember.test(member))) return false;
    let isSound = true;
    for (const member of members) {
      const text = member.slice(3);
      if (member.startsWith("rv:")) {
        this.randomness = parseRandomness(text);
        this.#randomnessText = this.randomness === undefined ? "" : text;
        isSound &&= this.randomness !== undefined;
      } else if (member.startsWith("th:")) {
        this.threshold = parseThreshold(text);
        this.#thresholdText = this.threshold === undefined ? "" : text;
        isSound &&= this.threshold !== undefined;
      } else this.#otelMembers.push(member);
    }
    return isSound;
  }

  setRandomness(randomness: Bits56): void {
    this.randomness = randomness;
    this.#randomnessText = randomnessText(randomness);
  }

  clearThreshold(): void {
    this.threshold = undefined;
    this.#thresholdText = "";
  }

  /** Thresholds only rise: what was sampled away can't come back. */
  raiseThreshold(threshold: Bits56): void {
    if (isBelow(threshold, this.threshold ?? ALWAYS)) return;
    this.threshold = threshold;
    this.#thresholdText = thresholdText(threshold);
  }

  write(): string {
    const otel = [...this.#otelMembers];
    if (this.#thresholdText !== "") otel.unshift(`th:${this.#thresholdText}`);
    if (this.#randomnessText !== "") otel.unshift(`rv:${this.#randomnessText}`);
    return (otel.length === 0 ? this.#members : [`ot=${otel.join(";")}`, ...this.#members]).join(",");
  }
}

function isMember(member: string): boolean {
  const equals = member.indexOf("=");
  const content = member.slice(equals + 1);
  return equals > 0 && key.test(member.slice(0, equals)) && content.length <= LONGEST_VALUE && value.test(content);
}

function isTooLong(name: string): boolean {
  const at = name.indexOf("@");
  return name.length > LONGEST_KEY || (at >= 0 && (at > LONGEST_TENANT || name.length - at - 1 > LONGEST_SYSTEM));
}
