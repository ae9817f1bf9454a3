import { Secret } from "@invar/alloy-syntax";

/** Text that is equal where decoded arguments are equal; secrets count. Never to be shown. */
export function settingsText(settings: unknown): string {
  return JSON.stringify(settings, function (this: Record<string, unknown>, key, value: unknown) {
    // A secret has made itself unreadable before it comes here; the holder still has it.
    const held = this[key];
    return held instanceof Secret ? held.reveal() : value;
  });
}
