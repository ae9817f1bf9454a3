import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { type ClockState, clockState } from "../system-calls.ts";

/** The kernel's answer where its clock follows no other. */
const notInStep = 5;
/** A bit of the status: offsets are in nanoseconds, not microseconds. */
const inNanoseconds = 0x2000;

const micro = 1e6;
const nano = 1e9;
/** Frequencies are in parts of a million, with 16 bits behind the point. */
const partsOfAMillion = 1e6 * 65_536;

type Read = (clock: ClockState, unit: number) => number;

const gauges: readonly (readonly [name: string, help: string, Read])[] = [
  ["sync_status", "Whether the clock follows another.", ({ state }) => (state === notInStep ? 0 : 1)],
  ["offset_seconds", "How far the clock is from the other, in seconds.", ({ offset }, unit) => offset / unit],
  ["frequency_adjustment_ratio", "How much faster than by itself the clock is made.", ({ frequency }) => 1 + frequency / partsOfAMillion],
  ["maxerror_seconds", "The most that the clock may be wrong, in seconds.", ({ maxError }) => maxError / micro],
  ["estimated_error_seconds", "What the clock is probably wrong, in seconds.", ({ estimatedError }) => estimatedError / micro],
  ["status", "Bits that say what the clock does.", ({ status }) => status],
  ["loop_time_constant", "How slowly the clock is corrected.", ({ constant }) => constant],
  ["tick_seconds", "Time between ticks of the clock, in seconds.", ({ tick }) => tick / micro],
  ["pps_frequency_hertz", "Frequency of the pulses.", ({ pulseFrequency }) => pulseFrequency / partsOfAMillion],
  ["pps_jitter_seconds", "How much the pulses vary, in seconds.", ({ jitter }, unit) => jitter / unit],
  ["pps_shift_seconds", "Time over which pulses are measured.", ({ shift }) => shift],
  ["pps_stability_hertz", "How much the frequency of the pulses varies.", ({ stability }) => stability / partsOfAMillion],
  ["tai_offset_seconds", "How far atomic time is ahead, in seconds.", ({ atomicOffset }) => atomicOffset],
];

const counters: readonly (readonly [name: string, help: string, Read])[] = [
  ["pps_jitter_total", "Times that pulses varied too much.", ({ jitters }) => jitters],
  ["pps_calibration_total", "Times that pulses were measured.", ({ calibrations }) => calibrations],
  ["pps_error_total", "Times that measuring failed.", ({ errors }) => errors],
  ["pps_stability_exceeded_total", "Times that the frequency varied too much.", ({ instabilities }) => instabilities],
];

/** The kernel's clock. */
export const timex: Collector = {
  name: "timex",
  isDefault: true,
  prepare: () => (_host, page) => {
    const clock = clockState();
    if (clock === undefined) throw new NoData("the system call adjtimex can't be made here");
    const unit = (clock.status & inNanoseconds) === 0 ? micro : nano;
    for (const [name, help, read] of gauges) page.gauge(`node_timex_${name}`, help).sample(read(clock, unit));
    for (const [name, help, read] of counters) page.counter(`node_timex_${name}`, help).sample(read(clock, unit));
  },
};
