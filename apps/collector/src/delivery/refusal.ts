import { DeliveryError } from "../signals/delivery-error.ts";

/** What users read about a drop, by its reason. */
export const dropMessages = {
  queue_full: "the destination's queue is full: its oldest data was dropped",
  too_old: "data waited in the destination's queue for longer than the queue's age limit",
  memory_budget: "the process's memory budget is exhausted: the oldest data of a queue in memory was dropped",
  shutdown: "data was left in a queue in memory when the component stopped",
  corrupted: "records of the queue on disk could not be read",
  disk_full: "data could not be written to the queue on disk, nor delivered at once; the sender was told",
} as const;

export function fullRefusal(): DeliveryError {
  return new DeliveryError("the destination's queue is full", { retryable: true, reason: "queue_full", retryAfterMs: 1000 });
}

export function memoryRefusal(): DeliveryError {
  return new DeliveryError("the memory for data in flight is exhausted", { retryable: true, reason: "memory_budget", retryAfterMs: 1000 });
}

export function tooLarge(bytes: number, maxBytes: number): DeliveryError {
  const message = `a record of ${bytes} bytes does not fit into a queue of ${maxBytes} bytes; raise the queue's limit or send smaller batches`;
  return new DeliveryError(message, { retryable: false, reason: "record_too_large" });
}

export function stoppingRefusal(): DeliveryError {
  return new DeliveryError("the destination is stopping", { retryable: true, reason: "stopping", retryAfterMs: 1000 });
}

/** The disk takes nothing, and what may wait in memory waits already. */
export function diskRefusal(code: string, message: string): DeliveryError {
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const text = isFull ? "the disk under the destination's queue is full" : `the destination's queue can't be written: ${message}`;
  return new DeliveryError(text, { retryable: true, reason: isFull ? "disk_full" : "disk_error", retryAfterMs: 5000 });
}

/** The queue on disk can't be used at all for now. */
export function unavailableRefusal(message: string): DeliveryError {
  return new DeliveryError(message, { retryable: true, reason: "queue_unavailable", retryAfterMs: 5000 });
}
