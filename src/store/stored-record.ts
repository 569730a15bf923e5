import type { Entry, Json } from './store.js'

/** A record as Redis has it: `<version> <JSON>`. */
export function parseStored(text: string): Omit<Entry, 'key'> {
  const space = text.indexOf(' ')
  return {
    value: JSON.parse(text.slice(space + 1)) as Json,
    version: Number(text.slice(0, space)),
  }
}
