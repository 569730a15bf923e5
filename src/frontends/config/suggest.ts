/**
 * The candidate a mistyped word most likely stands for: at most a third of its
 * letters differ. Case and dots do not count: `logLevel` finds `log.level`.
 */
export function suggest(
  word: string,
  candidates: readonly string[],
): string | undefined {
  const plain = (text: string): string =>
    text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const [best] = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(plain(word), plain(candidate)),
    }))
    .sort((a, b) => a.distance - b.distance)
  if (!best) return undefined
  return best.distance <= Math.ceil(word.length / 3)
    ? best.candidate
    : undefined
}

/** Levenshtein's: insertions, deletions and replacements of one letter. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      const deleted = (row[j + 1] ?? 0) + 1
      const inserted = (next[j] ?? 0) + 1
      next.push(Math.min(replaced, deleted, inserted))
    }
    row = next
  }
  return row[to.length] ?? 0
}
