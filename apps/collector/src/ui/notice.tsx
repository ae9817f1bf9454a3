/** What went wrong while reading; what was read before stays below it. */
export function Notice({ error }: { error: string | undefined }) {
  return error === undefined ? null : <p class="notice bad">{error}</p>;
}
