/** Parts of a list, in order; none is longer than `size`. */
export function* chunks<T>(
  list: readonly T[],
  size: number,
): Generator<readonly T[], void> {
  for (let at = 0; at < list.length; at += size) {
    yield list.slice(at, at + size)
  }
}
